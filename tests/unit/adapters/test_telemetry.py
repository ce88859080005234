"""Logs and metrics: one line an entry whatever it holds. Holds S-20; the alarm's metrics."""

import io
import json

import pytest

from paycenter.adapters import telemetry
from paycenter.adapters.telemetry import LogTelemetry


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Return what the logger writes; it keeps the stream that standard output was when it was made."""
    written = io.StringIO()
    for handler in telemetry.logger()._logger.handlers:
        monkeypatch.setattr(handler, "stream", written)
    return written


def test_a_note_is_one_line_of_json(log: io.StringIO) -> None:
    LogTelemetry().note("asked", payment="P01", attempt=3)
    line = json.loads(log.getvalue())
    assert line["message"] == "asked"
    assert line["fields"] == {"payment": "P01", "attempt": 3}


@pytest.mark.parametrize(
    "text",
    ['\n{"level":"ERROR","message":"forged"}', "\r\n", "\x1b[2J", "\u2028", "x" * 100_000, "日本"],
)
def test_no_text_starts_a_line_of_its_own(text: str, log: io.StringIO) -> None:
    LogTelemetry().note("refused", reason=text)
    out = log.getvalue()
    assert out.count("\n") == 1
    assert "\x1b" not in out
    assert json.loads(out)["level"] == "INFO"


def test_a_metric_is_one_embedded_line_in_our_namespace(
    capsys: pytest.CaptureFixture[str],
) -> None:
    LogTelemetry().count("Exceptions")
    LogTelemetry().count("Swept", 0)
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["Exceptions"] == [1.0]
    assert second["Swept"] == [0.0]
    assert '"Namespace": "PayCenter"' in json.dumps(first)
