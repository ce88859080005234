#!/bin/sh
# Writes the pinned requirement files from pyproject.toml: versions and the hashes of every platform's files.
# No index address and no local folder gets in, whatever this machine's pip is told.
set -eu
cd "$(dirname "$0")/.."
unset PIP_FIND_LINKS UV_FIND_LINKS 2>/dev/null || true

compile() {
    .venv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.13 \
        --no-annotate --no-header --no-emit-index-url --no-emit-find-links --no-config "$@"
}

echo "Resolving what the dependencies layer ships"
compile pyproject.toml -o layers/dependencies/requirements.txt
echo "Resolving the development environment, with the layer's versions"
compile --group pyproject.toml:dev pyproject.toml -c layers/dependencies/requirements.txt -o requirements/dev.txt
echo "Resolving the emulator's environment"
compile --group pyproject.toml:emulator -o requirements/emulator.txt
echo "Resolving the runtime of the stand-in for Lambda's image"
compile --group pyproject.toml:runtime -o requirements/runtime.txt
for pins in tools/oracles/programs/*/requirements.in; do
    echo "Resolving $pins"
    compile "$pins" -o "${pins%.in}.txt"
done
