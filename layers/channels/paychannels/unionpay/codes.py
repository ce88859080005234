"""UnionPay's two-character response codes, sorted. A code that is not documented is never a definite failure."""

from typing import Final

from paycenter.ports.channel import Outcome

# A6 is "imperfect": the money is taken, and the settlement file says what was imperfect.
SUCCEEDED: Final = frozenset({"00", "A6"})
NOT_FOUND: Final = "34"
NO_FILE: Final = "98"
# Debited after the deadline: the money goes back by itself, which only the settlement file shows.
DEBITED_TOO_LATE: Final = "42"
# Timeout, unclear, accepted: whoever asks again will know.
OPEN: Final = frozenset({"03", "04", "05"})
# Of a QR code's payment these four are open too, as UnionPay's own QR demos treat them.
OPEN_FOR_QR: Final = OPEN | {"01", "12", "34", "60"}

# Closed for now, busy, too many queries, outside the hours: nothing was done.
_NOT_EXECUTED: Final = frozenset({"02", "06", "37", "39"})
_FORM_AND_PERMISSION: Final = frozenset({"10", "11", "13", "14", "31", "32", "43"})
_AMOUNT_STATE_AND_RISK: Final = frozenset({"33", "35", "36", "38", "45"})
# Refusals of the card or its issuer; 60 is not among them, it may change while the transaction is fresh.
_CARD: Final = frozenset({"30", *(str(code) for code in range(61, 81))})
REFUSED: Final = _FORM_AND_PERMISSION | _AMOUNT_STATE_AND_RISK | _CARD
# What became of a transaction, told later: here "closed for now" is a failure like any other.
FAILED: Final = REFUSED | {"01", "02", "06", "39", "60"}


def outcome(resp_code: str) -> Outcome:
    """Sort the `respCode` of a synchronous answer into the four outcomes of a call (5.1.0, response codes)."""
    if resp_code in SUCCEEDED:
        return Outcome.DONE
    if resp_code in _NOT_EXECUTED:
        return Outcome.NOT_EXECUTED
    return Outcome.REFUSED if resp_code in REFUSED else Outcome.UNKNOWN
