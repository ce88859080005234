"""Asks Alipay in the dialect of the account: sign, send, verify the answer, sort it into the four outcomes of a call."""

from dataclasses import dataclass

from paycenter.ports.channel import Account, Outcome
from paycenter.ports.clock import Clock
from paycenter.ports.transport import NoAnswer, NotSent, Transport
from paychannels.alipay import rest, wire
from paychannels.alipay.calls import Call
from paychannels.flow import Reply


@dataclass(frozen=True, slots=True)
class Gateway:
    """The way to Alipay, shared by all operations that call it."""

    transport: Transport
    clock: Clock

    def call_channel(self, account: Account, call: Call) -> Reply:
        """Make one call; raises ValueError where the account's own keys can't be read."""
        rests = account.settings.get("protocol") == "v3"
        request = (
            rest.request(account, call, self.clock.now_ms())
            if rests
            else wire.request(account, call, self.clock.now())
        )
        try:
            response = self.transport.send(request)
        except NotSent:
            return Reply(outcome=Outcome.NOT_EXECUTED, code="not_sent")
        except NoAnswer:
            return Reply(outcome=Outcome.UNKNOWN, code="no_answer")
        read = rest.read if rests else wire.read
        return read(account, call, response)
