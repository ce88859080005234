"""Run by the emulator's own Python: ministack, with the SAM transform in reach and two corrections of its policies.

The transform's packages, pydantic among them, must not be seen by functions, which run in the emulator's environment:
a package missing from a layer would never be missed. So this process is shown the development environment's packages,
and the functions' processes, started afresh by it, are not.
"""

import json
import os.path
import sys
from collections.abc import Callable
from typing import Final

# IAM knows no batch actions: a batch needs the permission of its single request (SQS developer guide, "Amazon SQS API
# permissions"). ministack asks for an action of the batch's own name, which no policy for AWS contains.
_SAME_AS: Final = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}


def _as_iam_names_it[**P](extract: Callable[P, str | None]) -> Callable[P, str | None]:
    def corrected(*args: P.args, **kwargs: P.kwargs) -> str | None:
        action = extract(*args, **kwargs)
        return _SAME_AS.get(action, action) if action else None

    return corrected


type _Extract = Callable[[str, str, str, dict[str, str], bytes, dict[str, str], str, str], str]


def _with_parameter_names(extract: _Extract) -> _Extract:
    """Let GetParameters name what it reads; ministack says `*`, which no policy on a folder of parameters allows.

    Of several names it is what they share: a policy that ends in `*` allows that only where it allows each of them.
    """

    def corrected(  # noqa: PLR0913, PLR0917 - ministack's signature
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, str],
        region: str,
        account: str,
    ) -> str:
        if headers.get("x-amz-target") != "AmazonSSM.GetParameters":
            return extract(service, method, path, headers, body, query, region, account)
        names = json.loads(body)["Names"]
        shared = os.path.commonprefix(names)  # noqa: RUF071 - by characters, as patterns match
        return f"arn:aws:ssm:{region}:{account}:parameter{shared}"

    return corrected


def main() -> None:
    """Show the packages given as the first argument, correct, and run until SIGTERM."""
    sys.path.append(sys.argv.pop(1))
    from ministack import app  # noqa: PLC0415 - found in the emulator's environment only
    from ministack.core import iam_actions  # noqa: PLC0415 - the same

    iam_actions.extract_iam_action = _as_iam_names_it(iam_actions.extract_iam_action)
    iam_actions.extract_resource_arn = _with_parameter_names(iam_actions.extract_resource_arn)
    app.main()


if __name__ == "__main__":
    main()
