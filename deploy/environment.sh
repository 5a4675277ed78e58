#!/usr/bin/env bash
# Makes .venv from requirements.lock. Called by the Makefile; works on a bare machine with Python 3.11 and venv.
set -euo pipefail
venv=${VENV:-.venv}
python=${PYTHON:-python3}

"$python" - <<'PY' || exit 1
import sys
if sys.version_info < (3, 11):
    sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}. Set PYTHON=python3.11 (or newer).")
try:
    import ensurepip, venv  # noqa: F401
except ImportError:
    sys.exit("This Python cannot make virtual environments. On Debian: apt-get install python3-venv.")
PY

[[ -x $venv/bin/python ]] || "$python" -m venv "$venv"

# Python 3.11's own pip refuses the lock in hash mode because of extras: uv, taken from the same lock, installs it.
if ! [[ -x $venv/bin/uv ]]; then
  lines=$(mktemp)
  trap 'rm -f "$lines"' EXIT
  awk '/^uv==/{keep=1} keep{print} keep && !/\\$/{exit}' requirements.lock >"$lines"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lines"
fi
export VIRTUAL_ENV="$PWD/$venv"
"$venv/bin/uv" pip sync --quiet --compile-bytecode --require-hashes requirements.lock
"$venv/bin/uv" pip install --quiet --no-deps --no-build-isolation -e .
