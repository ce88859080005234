"""cfn-lint on templates that are no files: what the transform made, and what a test made up."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.emulator import REGION


def complaints(template: Mapping[str, Any]) -> list[str]:
    """Return what the linter says, warnings too, one line each."""
    from cfnlint.api import lint  # noqa: PLC0415 - loading it takes a second

    matches = lint(json.dumps(template), None, [REGION])
    return [f"{match.rule.id} {match.message} ({match.path})" for match in matches]
