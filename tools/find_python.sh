#!/bin/sh
# Prints the path of a Python 3.13 that can make virtual environments, or one sentence that says what to do.
# A name on PATH proves nothing (a pyenv shim fails outside a folder with .python-version): each is run.

works() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info[:2] != (3, 13))' >/dev/null 2>&1
}

for candidate in \
    ${PYTHON:+"$PYTHON"} \
    python3.13 python3 python \
    "$(command -v uv >/dev/null 2>&1 && uv python find --no-project 3.13 2>/dev/null)" \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python \
    /usr/local/bin/python3.13 /opt/homebrew/bin/python3.13
do
    if [ -n "$candidate" ] && works "$candidate"; then
        "$candidate" -c 'import sys; print(sys.executable)'
        exit 0
    fi
done

echo "PayCenter needs Python 3.13 with its venv module and found none: install it (your system's python3.13 and python3.13-venv, 'pyenv install 3.13' or 'uv python install 3.13') or name one with PYTHON=/path/to/python3.13." >&2
exit 1
