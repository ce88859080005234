#!/bin/sh
# Makes .venv and .venv-emulator, or brings them up to date when what they are made from has changed.
# Run by every make target; does nothing, in a few milliseconds, when both are right.
set -eu
cd "$(dirname "$0")/.."

digest() {
    cat "$@" | cksum | tr -d ' '
}

# Shows pip's work as one line per twenty packages instead of several hundred.
progress() {
    awk '/^ *Collecting /  { if (++n % 20 == 0) { print "  " n " packages collected"; fflush() } }
         /^ *Installing collected/ { print "  unpacking them"; fflush() }'
}

# pip's exit status would be lost behind the pipe, so it leaves a mark when it has succeeded.
pip_install() {
    environment=$1
    shift
    rm -f "$environment/.pip-ok"
    { "$environment/bin/python" -m pip install --no-input --progress-bar off "$@" \
        && touch "$environment/.pip-ok"; } | progress
    rm "$environment/.pip-ok" 2>/dev/null || {
        echo "Installing into $environment failed; the reason stands above." >&2
        exit 1
    }
}

usable() {
    [ -x "$1/bin/python" ] && "$1/bin/python" -m pip --version >/dev/null 2>&1
}

prepare() {
    environment=$1
    requirements=$2
    wanted=$3
    [ "$(cat "$environment/.made-from" 2>/dev/null)" = "$wanted" ] && [ -x "$environment/bin/python" ] && return 0
    if ! usable "$environment"; then
        python=$(sh tools/find_python.sh) || exit 1
        echo "Making $environment with $("$python" --version)"
        "$python" -m venv --clear "$environment"
    fi
    rm -f "$environment/.made-from"
    echo "Installing $requirements into $environment (a minute or two the first time)"
    pip_install "$environment" --require-hashes -r "$requirements"
    if [ "$environment" = .venv ]; then
        # The tree itself, editable: functions, paycenter, paychannels, sandbox, tools and tests under their own names.
        pip_install "$environment" --no-build-isolation --no-deps --editable .
    fi
    echo "$wanted" >"$environment/.made-from"
}

# Two makes at once would install over each other; the second waits for the first.
# In a worktree .git is a file; in an unpacked archive there is none, and nobody to wait for.
folder=$(git rev-parse --absolute-git-dir 2>/dev/null) || folder=
if [ -n "$folder" ] && [ -w "$folder" ] && command -v flock >/dev/null 2>&1; then
    exec 9>"$folder/paycenter-environments.lock" && flock 9
fi

here=$(pwd | cksum | tr -d ' ')    # a moved clone needs new environments: they hold absolute paths
prepare .venv requirements/dev.txt "$here-$(digest requirements/dev.txt tools/environments.sh)"
prepare .venv-emulator requirements/emulator.txt "$here-$(digest requirements/emulator.txt tools/environments.sh)"
