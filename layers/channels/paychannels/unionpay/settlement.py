"""UnionPay's settlement file: a ZIP of fixed-width records in GBK, whose widths count bytes."""

import base64
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from zipfile import BadZipFile, ZipFile

# Fields are parted by one blank; a trade's record has 607 bytes.
TRADE_WIDTHS: Final = (
    *(3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21),
    *(15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 131),
)
ERROR_WIDTHS: Final = (
    *(3, 11, 11, 6, 10, 19, 12, 4, 2, 2, 6, 10, 4, 12, 13, 13, 15, 15, 1, 12, 2, 135),
)
TRADES: Final = "ZM"
ERRORS: Final = "ZME"
SUMMARY: Final = "RD"

_ENCODING: Final = "gbk"
_MEMBER: Final = re.compile(r"(?:INN([0-9]{6})[0-9]{2}(ZME?)|(RD)[0-9]+)_[0-9A-Za-z]+", re.ASCII)
_SIGNED: Final = re.compile(r"([CD ]?)([0-9]{1,12})", re.ASCII)
_MAXIMUM_BYTES: Final = 1 << 26
_MAXIMUM_MEMBERS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of the ZIP: its kind, its settlement day as `yyMMdd` (empty for a summary) and what it holds."""

    name: str
    kind: str
    day: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line: its number from 1, its text, and its filled fields by number; none where it has another form."""

    line: int
    text: str
    fields: Mapping[int, str]


def unpack(file_content: str) -> bytes:
    """Return the ZIP inside an answer's `fileContent`; ValueError where it is none, or beyond all measure."""
    inflating = zlib.decompressobj()
    try:
        packed = base64.b64decode("".join(file_content.split()), validate=True)
        content = inflating.decompress(packed, _MAXIMUM_BYTES)
    except zlib.error:
        raise ValueError("fileContent is not compressed") from None
    if not inflating.eof:
        raise ValueError("fileContent is cut off or too large")
    return content


def members(content: bytes) -> list[Member]:
    """Return the files of the ZIP that we know; ValueError where it is no settlement file."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            whole = sum(entry.file_size for entry in entries)
            if len(entries) > _MAXIMUM_MEMBERS or whole > _MAXIMUM_BYTES:
                raise ValueError("the settlement file is too large")
            named = [(entry, _MEMBER.fullmatch(entry.filename)) for entry in entries]
            known = [_member(archive.read(entry), match) for entry, match in named if match]
    except (BadZipFile, NotImplementedError, EOFError, zlib.error, RuntimeError):
        raise ValueError("the settlement file is not a ZIP") from None
    if not known:
        raise ValueError("the settlement file holds no member that we know")
    return known


def records(content: bytes, widths: tuple[int, ...]) -> Iterator[Record]:
    """Cut a member into records."""
    for line, raw in enumerate(content.split(b"\r\n"), start=1):
        if raw.strip():
            yield Record(
                line=line, text=raw.decode(_ENCODING, "replace"), fields=_fields(raw, widths)
            )


def summary(member: Member) -> str:
    """Return a member as text for people."""
    return member.content.decode(_ENCODING, "replace")


def signed_fen(text: str) -> int:
    """Read a signed figure: `C` is in the merchant's favour, `D` against it, none at zero; ValueError for all else."""
    match = _SIGNED.fullmatch(text)
    if match is None or (int(match[2]) and match[1] not in {"C", "D"}):
        message = f"not a signed figure: {text[:16]!r}"
        raise ValueError(message)
    return -int(match[2]) if match[1] == "D" else int(match[2])


def _member(content: bytes, match: re.Match[str]) -> Member:
    return Member(name=match[0], kind=match[2] or match[3], day=match[1] or "", content=content)


def _fields(raw: bytes, widths: tuple[int, ...]) -> dict[int, str]:
    if len(raw) != sum(widths) + len(widths) - 1:
        return {}
    fields: dict[int, str] = {}
    start = 0
    for number, width in enumerate(widths, start=1):
        end = start + width
        if raw[end : end + 1] not in {b" ", b""}:
            return {}
        try:
            text = raw[start:end].decode(_ENCODING).strip()
        except UnicodeDecodeError:
            return {}
        fields |= {number: text} if text else {}
        start = end + 1
    return fields
