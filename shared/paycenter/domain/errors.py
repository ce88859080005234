"""What can go wrong, by consequence; each error has a stable code and a sentence that says what to do."""


class PayCenterError(Exception):
    """Base of all errors that a caller can be told; `code` is stable, the text may improve."""

    code = "internal"
    # The field that is wrong, as a dotted path, where one field is to blame.
    field: str | None = None


class IllegalTransition(PayCenterError):
    """A move that the transition tables do not have: a defect of the caller, never repeated, nothing changed."""

    code = "illegal_transition"

    def __init__(self, state: str, event: str) -> None:
        """Remember the pair that was refused."""
        super().__init__(f"{event} is not possible in state {state}.")
        self.state = state
        self.event = event


class Malformed(PayCenterError):
    """The input is not what the contract says; repeating it unchanged fails again."""

    code = "malformed"

    def __init__(self, detail: str, field: str | None = None) -> None:
        """Take the sentence and the path of the field to blame."""
        super().__init__(detail)
        self.field = field


class Unauthenticated(PayCenterError):
    """No key, or none that we know."""

    code = "unauthenticated"

    def __init__(self) -> None:
        """Say the one thing that helps, and nothing about which part was wrong."""
        super().__init__("Send your key as 'Authorization: Bearer <line>.<secret>'.")


class ScopeMissing(PayCenterError):
    """The key is known but may not do this."""

    code = "scope_missing"

    def __init__(self, scope: str) -> None:
        """Name the scope that is missing."""
        super().__init__(f"This key lacks the scope '{scope}'; use one that has it.")


class NotFound(PayCenterError):
    """Not there, or not yours: the same bytes for both."""

    code = "not_found"

    def __init__(self) -> None:
        """Say the same for what does not exist and for what another line owns."""
        super().__init__("There is no such thing under this address; check the id and the key.")


class OrderNotPayable(PayCenterError):
    """The order is paid, closed, closing or past its deadline."""

    code = "order_not_payable"


class OrderNotRefundable(PayCenterError):
    """No payment of the order, or not the one that was named, has brought money."""

    code = "order_not_refundable"


class RefundExceeds(PayCenterError):
    """More than what may still be given back of the payment."""

    code = "refund_exceeds"


class TooManyRefunds(PayCenterError):
    """The payment has used up its refunds."""

    code = "too_many_refunds"


class TooManyPayments(PayCenterError):
    """The order has used up its payments."""

    code = "too_many_payments"


class ChannelWindowClosed(PayCenterError):
    """Too little time is left for this channel, or none of its accounts takes payments now."""

    code = "channel_window_closed"


class DifferentBody(PayCenterError):
    """The same number came with another body: nothing was written."""

    code = "different_body"


class ChannelRefused(PayCenterError):
    """The channel refused definitely; a new attempt is possible."""

    code = "channel_refused"


class BodyTooLarge(PayCenterError):
    """More bytes than the contract allows."""

    code = "body_too_large"


class MediaType(PayCenterError):
    """A body in a form that this address does not take."""

    code = "media_type"


class TryAgain(PayCenterError):
    """Nothing was lost, something we depend on is not there at the moment: repeat with the same body."""

    code = "try_again"


class SlowDown(PayCenterError):
    """Too many calls, or too many at the same order at once: repeat later with the same body."""

    code = "slow_down"
