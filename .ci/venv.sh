#!/usr/bin/env bash
# Make .venv and install the pinned requirements: venv.sh FILE...
# A stamp in .venv holds the hash of each file; nothing is done while it is the same.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

find_python() {
    local python
    for python in python3 python3.13 python3.12 python3.11; do
        if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$python"
            return
        fi
    done
    echo "The hall needs Python 3.11 or newer with venv (on Debian: apt-get install python3-venv)." >&2
    return 1
}

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    rm -rf .venv
    "$python" -m venv .venv
fi

for file in "$@"; do
    stamp=.venv/installed-${file//\//-}.sha256
    if ! sha256sum --check --status "$stamp" 2>/dev/null; then
        echo "Installing $file"
        .venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check \
            --require-hashes --requirement "$file"
        sha256sum "$file" >"$stamp"
    fi
done
