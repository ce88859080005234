"""A fake oracle: a program of a few lines that speaks as the real ones do, in this very Python."""

import os
import sys
from pathlib import Path
from typing import Final

from tools.oracles.catalogue import Kind, Oracle
from tools.oracles.environments import Environment

ROOT: Final = Path(__file__).resolve().parents[3]
ORACLE: Final = Oracle(
    name="fake", version="1.2.3", channel="fake", kind=Kind.COMMAND, folder="fake"
)
PROGRAM: Final = """
import sys, time
from tools.oracles.programs.lines import asked, serve

def double(number):
    return number * 2

def even(number):
    return number % 2 == 0

def refuse():
    return asked(lambda: {}["missing"])

def stumble():
    raise RuntimeError("a fault of the program")

def chatter():
    print("an SDK that prints")
    return True

def leave():
    print("last words", file=sys.stderr)
    sys.exit(3)

def babble():
    sys.__stdout__.write("no JSON\\n")
    sys.__stdout__.flush()

def sleep():
    time.sleep(60)

serve({f.__name__: f for f in (double, even, refuse, stumble, chatter, leave, babble, sleep)}, "1.2.3")
"""


def environment(folder: Path, program: str = PROGRAM) -> Environment:
    """Return how to start the program."""
    path = folder / "program.py"
    path.write_text(program, "utf-8")
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    return Environment([sys.executable, str(path)], variables, folder / "stderr.log")
