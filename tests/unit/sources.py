"""The product's modules as syntax trees, and the questions that the architecture's rules ask of them."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import paycenter

ROOT: Final = Path(paycenter.__file__).parents[2]
# Where each import name begins.
FOLDERS: Final = {
    "paycenter": ROOT / "shared",
    "paychannels": ROOT / "layers" / "channels",
    "functions": ROOT,
    "sandbox": ROOT,
    "tools": ROOT,
    "tests": ROOT,
}
DEPLOYED: Final = ("paycenter", "paychannels", "functions")


@dataclass(frozen=True)
class Module:
    """One source file under its import name."""

    name: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """Return the syntax tree."""
        return _parsed(self.text)

    def within(self, *packages: str) -> bool:
        """Tell whether the module is one of these packages or lies inside."""
        return within(self.name, *packages)


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def within(name: str, *packages: str) -> bool:
    """Tell whether an import name is one of these or lies inside."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def modules(*packages: str) -> list[Module]:
    """Return every module of these top-level packages."""
    found = []
    for package in packages:
        for path in sorted((FOLDERS[package] / package).rglob("*.py")):
            parts = path.relative_to(FOLDERS[package]).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append(Module(name, path.read_text("utf-8")))
    return found


def imports(module: Module) -> Iterator[str]:
    """Give the full name of everything that a module imports, wherever in it."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module.name} imports relatively"
            for alias in node.names:
                yield f"{node.module}.{alias.name}"


def is_ours(name: str) -> bool:
    """Tell whether an import name is first-party."""
    return name.partition(".")[0] in FOLDERS


def is_standard(name: str) -> bool:
    """Tell whether an import name is the standard library's."""
    return name.partition(".")[0] in sys.stdlib_module_names


def third_party(module: Module) -> set[str]:
    """Return the packages of others that a module imports."""
    return {
        name.partition(".")[0]
        for name in imports(module)
        if not is_ours(name) and not is_standard(name)
    }


def floats(module: Module) -> Iterator[str]:
    """Find what makes a float: the name, a literal, a true division."""
    for node in ast.walk(module.tree):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        named = isinstance(node, ast.Name) and node.id == "float"
        divided = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
        if literal or named or divided:
            yield f"{module.name}: {ast.unparse(node)}"


_SECRET: Final = re.compile(
    r"(^|_)(secret|signature|sign|token|digest|sha256|password|mac|bits)s?$", re.IGNORECASE
)


def compared_secrets(module: Module) -> Iterator[str]:
    """Find secrets that are compared by anything that stops at the first difference."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Compare) and any(
            isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops
        ):
            sides = [node.left, *node.comparators]
            if any(_SECRET.search(_last_name(side)) for side in sides):
                yield f"{module.name}: {ast.unparse(node)}"


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    # secret.lower() and the like; the length of a secret is none.
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _last_name(node.func.value)
    return ""


def clock_calls(module: Module) -> Iterator[str]:
    """Find reads of the real clock that need no import of `time`."""
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in {"now", "utcnow", "today"}
            and isinstance(node.value, ast.Name)
            and node.value.id in {"datetime", "date", "dt"}
        ):
            yield f"{module.name}: {ast.unparse(node)}"


def path_changes(module: Module) -> Iterator[str]:
    """Find lines that change where modules are looked for."""
    for node in ast.walk(module.tree):
        changed: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            changed = [node.func.value]
        elif isinstance(node, ast.Assign):
            changed = node.targets
        elif isinstance(node, ast.AugAssign):
            changed = [node.target]
        bare = [one.value if isinstance(one, ast.Subscript) else one for one in changed]
        if any(ast.unparse(one) == "sys.path" for one in bare):
            yield f"{module.name}: {ast.unparse(node)}"


def words(module: Module) -> Iterator[str]:
    """Give every name and text of a module's code, without docstrings and comments."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    tree = module.tree
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in docstrings:
                yield node.value
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def violations(rule: Callable[[Module], Iterator[str]], found: list[Module]) -> list[str]:
    """Return everything that a rule finds in these modules."""
    return [line for module in found for line in rule(module)]
