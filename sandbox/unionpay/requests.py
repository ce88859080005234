"""Reading and checking a request before anything is done (section 2)."""

from collections.abc import Mapping

from starlette.requests import Request

from sandbox.simulator.wire import form_pairs, read_limited, without_repeats
from sandbox.unionpay.errors import BAD_MERCHANT, BAD_SIGNATURE, MALFORMED, Refused
from sandbox.unionpay.keys import Keys
from sandbox.unionpay.merchant import Merchant
from sandbox.unionpay.messages import VERSION, signed_by

FORM_TYPE = "application/x-www-form-urlencoded"
_FIXED = {"version": VERSION, "encoding": "UTF-8", "accessType": "0"}


async def read(request: Request) -> dict[str, str]:
    """Return the form's fields; Refused when it is none, or has a name twice or a blank or padded value."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise Refused(MALFORMED, f"content type must be {FORM_TYPE}")
    try:
        fields = without_repeats(form_pairs((await read_limited(request)).decode("latin-1")))
    except ValueError as error:
        raise Refused(MALFORMED, str(error)) from error
    odd = sorted(name for name, value in fields.items() if not value or value != value.strip())
    if odd:
        # Blank and padded values are not part of what is signed; whoever sends them signs something else.
        raise Refused(MALFORMED, f"blank or padded: {', '.join(odd)}")
    return fields


def check(fields: Mapping[str, str], merchant: Merchant, keys: Keys) -> None:
    """Hold the common fields, the certificate's number and the signature; Refused with the documented code."""
    for name, value in _FIXED.items():
        if fields.get(name) != value:
            raise Refused(MALFORMED, f"{name} must be {value}")
    if fields.get("merId") != merchant.mer_id:
        raise Refused(BAD_MERCHANT, "unknown merId")
    if fields.get("signMethod") != "01":
        raise Refused(BAD_SIGNATURE, "signMethod must be 01")
    if fields.get("certId") != str(keys.merchant.serial_number):
        raise Refused(BAD_SIGNATURE, "unknown certId")
    if not signed_by(keys.merchant_key, fields):
        raise Refused(BAD_SIGNATURE)
