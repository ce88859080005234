"""Cases of `sweep`: what was lost is found. There is nothing in its event, so there is one case."""

from typing import Final

from tools.events.case import Case, case, of_schedule, order
from tools.events.expectation import Expectation

_FUNCTION: Final = "sweep"


def cases() -> list[Case]:
    """Return the cases of the function."""
    # In a running sandbox the jobs that are sent are done at once, so that the orders' states are not named here.
    overdue = order("EVENT-SWEEP-OVERDUE", sent={"expire": 1})
    untold = order("EVENT-SWEEP-UNTOLD", sent={"notify": 1})
    expect = Expectation(
        about="A close and a notification whose timers were lost are sent again.",
        state={**overdue, **untold},
    )
    return [case(_FUNCTION, "minute", of_schedule("paycenter-SweepFunctionEachMinute"), expect)]
