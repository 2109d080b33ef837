#!/usr/bin/env bash
# Pin the requirements of pyproject.toml with hashes, for every Python from 3.11 on and every platform.
# uv does the work in a virtual environment that is thrown away; nobody needs it to run or test the hall.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
python3 -m venv "$tools"
"$tools/bin/python" -m pip install --quiet --disable-pip-version-check uv

pin() {
    "$tools/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$@"
}
pin pyproject.toml --output-file requirements.txt
# The tests run with the very versions that serve.
pin pyproject.toml --group test --constraint requirements.txt --output-file tests/requirements.txt
