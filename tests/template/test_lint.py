"""The linter on the processed template: it sees much there that it does not see in SAM's own resources."""

import copy
from typing import Any

from tests.template.linting import complaints
from tests.template.processed import Processed


def test_the_linter_is_content_with_what_cloudformation_gets(template: Processed) -> None:
    assert complaints(template.template) == []


def test_the_linter_would_see_a_property_that_does_not_exist(prod: Processed) -> None:
    broken: dict[str, Any] = copy.deepcopy(dict(prod.template))
    broken["Resources"]["QueryQueue"]["Properties"]["VisibilityTimeOut"] = 1
    assert complaints(broken) != []
