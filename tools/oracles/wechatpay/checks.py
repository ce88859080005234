"""All checks of WeChat Pay."""

from typing import Final

from tools.oracles.checks import Check
from tools.oracles.wechatpay import answers, bills, requests

CHECKS: Final[tuple[Check, ...]] = (
    requests.requests,
    requests.payers,
    requests.fields,
    answers.answers,
    answers.notices,
    answers.downloads,
    bills.bills,
)
