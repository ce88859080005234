"""Builds in little for the smoke check: a handler that loads what a test wants it to load."""

from pathlib import Path
from typing import Final

from tools.smoke import BuiltFunction

LAYERS: Final = ("DependenciesLayer", "SharedLayer", "ChannelsLayer")


def function_with(folder: Path, source: str, layer: str = "") -> BuiltFunction:
    """Lay out a function whose app.py is `source`, with a layer that has one module `layered`."""
    code = folder / "code" / "functions" / "tried"
    python = folder / "layer" / "python"
    code.mkdir(parents=True)
    python.mkdir(parents=True)
    (code / "app.py").write_text(source)
    (python / "layered.py").write_text(layer)
    return BuiltFunction(
        name="TriedFunction",
        handler="functions.tried.app.handler",
        code=folder / "code",
        layers=[python],
    )
