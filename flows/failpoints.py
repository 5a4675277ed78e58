"""Named places where a test may kill the process: around every commit, fsync and reply of the sending path.

Not here: deciding anything. A place costs one comparison of two texts, and does nothing unless the environment of the
process names it (`OBSERVATOIRE_FAILPOINT`), which only tests do: the kill is a SIGKILL, so that nothing can run
afterwards, exactly as when a machine stops.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "OBSERVATOIRE_FAILPOINT"
FAILPOINTS = (
    "boite.ecrire.avant_commit",
    "boite.ecrire.apres_commit",
    "boite.intention.avant",
    "boite.intention.apres",
    "smtp.mail.avant_reponse",
    "smtp.mail.apres_reponse",
    "smtp.rcpt.avant_reponse",
    "smtp.rcpt.apres_reponse",
    "smtp.data.avant_reponse",
    "smtp.data.apres_reponse",
    "smtp.corps.avant_reponse",
    "smtp.corps.apres_reponse",
    "fichier.avant_fsync",
    "fichier.apres_fsync",
    "fichier.apres_renommage",
    "webhook.avant_reponse",
    "webhook.apres_reponse",
    "boite.resultat.avant",
    "boite.resultat.apres",
)
_ARMED = os.environ.get(VARIABLE, "")


def failpoint(name: str) -> None:
    """Die here, at once, when the environment says so."""
    if name == _ARMED:
        os.kill(os.getpid(), signal.SIGKILL)
