"""All checks of Alipay."""

from typing import Final

from tools.oracles.alipay import answers, notices, requests
from tools.oracles.checks import Check

CHECKS: Final[tuple[Check, ...]] = (
    requests.v2_requests,
    requests.evoking,
    requests.serials,
    requests.encrypted,
    requests.v3_requests,
    answers.v2_answers,
    answers.encrypted_answers,
    answers.v3_answers,
    notices.notices,
)
