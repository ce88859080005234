"""The processed template, once for each stage."""

import pytest

from tests.template.processed import STAGES, Processed, processed


@pytest.fixture(params=STAGES)
def template(request: pytest.FixtureRequest) -> Processed:
    return processed(request.param)


@pytest.fixture
def prod() -> Processed:
    return processed("prod")
