"""Catch-ups as processes of their own, which a failpoint may kill: two messages, a file and a webhook call each.

Not here: judging what is left afterwards.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

from flows import failpoints
from flows.alerts import webhook
from flows.alerts.catching_up import catch_up
from flows.alerts.compose import Composition, compose
from flows.alerts.contacts import Contacts
from flows.alerts.files import FileTransport
from flows.alerts.outbox import Outbox
from flows.alerts.smtp import SmtpSettings, SmtpTransport
from tests.alerts.conftest import GIVEN
from tests.tiny_release import tiny_release

LATE = {
    ("referent_e2", ""): ("e2@exemple.fr",),
    ("referent_e3", ""): ("e3@exemple.fr",),
}


def run(folder: Path, nuit: str, port: int, address: str) -> dict[str, Any]:
    """One catch-up; the `mail` entry."""
    outbox = Outbox(folder / "etat.sqlite", sender="observatoire@exemple.fr", sender_name="Observatoire 2044")

    def tell(release: str, told: Collection[str], opening: bool | None) -> Composition:
        # Without an address for the 2P2T, roles without address are files: every way out is used.
        return compose(tiny_release(id=release), Contacts(LATE), told=told, opening=opening, **GIVEN)

    settings = SmtpSettings("127.0.0.1", port, "observatoire@exemple.fr", security="none", timeout=10)
    with SmtpTransport(settings) as smtp:
        return catch_up(
            outbox,
            published=["r1"],
            compose=tell,
            files=FileTransport(folder / "outbox"),
            smtp=smtp,
            nuit=nuit,
            hook=lambda told: webhook.body(told.release, nuit, "https://observatoire.example.org/", told.events),
            webhook=webhook.WebhookTransport(address, "secret"),
        )


def main() -> None:
    """Read one run a line as JSON, fork, and answer `[exit code, mail entry]`: libraries are imported once.

    The failpoint is armed in the forked child, as the environment would have armed it at its start.
    """
    for line in sys.stdin:
        asked = json.loads(line)
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            failpoints._ARMED = asked["failpoint"]
            done = run(Path(asked["folder"]), asked["nuit"], asked["port"], asked["address"])
            os.write(write, json.dumps(done).encode())
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as answers:
            told = answers.read()
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        print(json.dumps([code, json.loads(told or "{}")]), flush=True)


if __name__ == "__main__":
    main()
