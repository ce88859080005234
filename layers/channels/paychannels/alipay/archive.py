"""Alipay's bills as they are packed: a ZIP whose member names are GBK without a flag that says so."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

_MAXIMUM_MEMBERS: Final = 16
_MAXIMUM_BYTES: Final = 256 << 20
_UTF8_NAME: Final = 0x800
# What the standard library reads a name as when the flag is missing.
_ASSUMED: Final = "cp437"


def members(content: bytes) -> Mapping[str, bytes]:
    """Return the members by their names, in their order; raises ValueError for what is no such archive, or too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > _MAXIMUM_MEMBERS or _size(entries) > _MAXIMUM_BYTES:
                raise ValueError("an archive too large for a bill")
            return {_name(entry): archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError("not an archive that can be read") from error


def _size(entries: list[zipfile.ZipInfo]) -> int:
    # A member is never read beyond the size that it declares.
    return sum(entry.file_size for entry in entries)


def _name(entry: zipfile.ZipInfo) -> str:
    if entry.flag_bits & _UTF8_NAME:
        return entry.filename
    return entry.filename.encode(_ASSUMED).decode("gbk")
