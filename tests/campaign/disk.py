"""A night on a full disk: `python -m tests.campaign.disk <reference> <MiB>…`, in a mount namespace of its own.

The reference warehouse is copied onto a small tmpfs, which a ballast fills but for so many MiB, one night after the
other; each must fail clearly and leave the release whole; without the ballast the night after must publish.
Prints one JSON object. Not here: getting the right to mount (`run`, through unshare).
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.campaign.frozen import command, environment
from tests.campaign.kill import look

NEXT = dt.date(2026, 11, 21)
SIZE_MIB = 600


def way_to_mount() -> list[str]:
    """The unshare command that may mount a tmpfs here, [] when none may."""
    for options in (["-m"], ["-r", "-m"]):
        probe = [*_unshare(options), "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"]
        if _unshare(options) and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return _unshare(options)
    return []


def _unshare(options: list[str]) -> list[str]:
    found = shutil.which("unshare")
    return [found, *options] if found else []


def run(root: Path, reference: Path, free_mib: Sequence[float]) -> dict[str, Any]:
    """A full disk with each of `free_mib` left, then space again; see `_trial` for what comes back."""
    left = [str(mib) for mib in free_mib]
    arguments = [*way_to_mount(), sys.executable, "-m", "tests.campaign.disk", str(reference), *left]
    done = subprocess.run(arguments, cwd=root, env=environment(root), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def _trial(root: Path, reference: Path, free_mib: Sequence[float], mount: Path) -> dict[str, Any]:
    """`full` (one a size) and `after`: exit code, standard output and error of each night, and the release published
    when it ended (every byte of it compared with its manifest); `before`: the release before all of them."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "none", str(mount)], check=True)
    warehouse = mount / "entrepot"
    shutil.copytree(reference, warehouse, symlinks=True)
    told: dict[str, Any] = {"before": (warehouse / "current").readlink().name, "full": []}
    ballast = mount / "lest"
    for free in free_mib:
        left = shutil.disk_usage(mount).free - int(free * 1024 * 1024)
        with ballast.open("wb") as file:
            while left > 0:
                left -= file.write(b"\0" * min(left, 1 << 20))
        told["full"].append(_night(root, warehouse))
        ballast.unlink()
    told["after"] = _night(root, warehouse)
    return told


def _night(root: Path, warehouse: Path) -> dict[str, Any]:
    child = command(root, warehouse, "nightly", "--nuit", NEXT.isoformat())
    out, err = child.communicate(timeout=300)
    assert look(warehouse)
    release = (warehouse / "current").readlink().name
    return {"code": child.returncode, "out": out[-4000:], "err": err[-4000:], "release": release}


def main(arguments: list[str]) -> None:
    """`<reference> <free MiB>…`; the current folder is the root of the code."""
    reference, free_mib = Path(arguments[0]), [float(mib) for mib in arguments[1:]]
    with tempfile.TemporaryDirectory(prefix="observatoire-disque-") as folder:
        mount = Path(folder) / "point"
        mount.mkdir()
        try:
            told = _trial(Path.cwd(), reference, free_mib, mount)
        finally:
            subprocess.run(["umount", str(mount)], check=False, capture_output=True)
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1:])
