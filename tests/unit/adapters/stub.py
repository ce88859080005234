"""An AWS client that answers as scripted and remembers what it was asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError


def aws_error(code: str) -> ClientError:
    """Return what boto3 raises when AWS refuses."""
    return ClientError({"Error": {"Code": code, "Message": "refused"}}, "Operation")


@dataclass
class StubClient:
    """Every operation exists. An answer that is an exception is raised."""

    answers: dict[str, list[Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """Return the operation."""

        def call(**parameters: Any) -> Any:  # noqa: ANN401 - as boto3 has it
            self.asked.append((operation, parameters))
            scripted = self.answers.get(operation)
            answer = scripted.pop(0) if scripted else {}
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    def of(self, operation: str) -> list[dict[str, Any]]:
        """Return what an operation was asked with."""
        return [parameters for name, parameters in self.asked if name == operation]
