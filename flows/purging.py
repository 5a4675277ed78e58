"""`observatoire purge`: erase bytes for good, leave a tombstone, say what can no longer be rebuilt (rule 11).

Not here: deciding that bytes must go; a person does, with a reason that the tombstone keeps.
"""

from __future__ import annotations

import hashlib
import shutil

from flows.core.errors import ReleaseError
from flows.landing.inbox import Inbox
from flows.observatory import Observatory


def purge_bytes(observatory: Observatory, sha256: str, reason: str) -> str:
    """Erase the bytes of a page everywhere (raw store, decoded cache, public copies) and report in French.

    Raises:
        ReleaseError: no page has this digest.
    """
    editions = [e for e in observatory.log.all() if any(p["sha256"] == sha256 for p in e.pages)]
    if not editions or len(sha256) != 64:
        raise ReleaseError(
            "Aucune page reçue ne porte cette empreinte.",
            where=sha256[:80],
            todo="recopier l'empreinte entière (64 caractères) depuis la page de traçabilité.",
        )
    observatory.raw.purge(sha256, reason, observatory.clock.now())
    ids = {edition.id for edition in editions}
    for name in sorted({edition.dataset.replace("/", "__") for edition in editions}):
        shutil.rmtree(observatory.paths.cache / "controles" / name, ignore_errors=True)  # offending rows kept there
    for edition in editions:
        for file in observatory.paths.cache.glob(f"{edition.dataset.replace('/', '__')}/{edition.id}-v*.parquet"):
            file.unlink()
    filed = _filed_deposits(observatory, sha256)
    copies = 0
    for copy in observatory.paths.releases.glob(f"*/site/brut/{sha256}*"):
        copy.unlink()
        copies += 1
    lost = [
        info.id
        for info in observatory.releases.list()
        if ids & {e["edition"] for e in observatory.releases.manifest(info.id)["inputs"]["editions"]}
    ]
    names = ", ".join(sorted({f"{e.dataset} {e.partition} ({e.nuit.isoformat()})" for e in editions}))
    lines = [f"Octets effacés : {sha256}", f"  motif : {reason}", f"  éditions touchées : {names}"]
    lines.append(f"  copies publiques effacées : {copies}")
    if filed:
        lines.append(f"  dépôts effacés de la boîte de dépôt : {filed} (leurs rapports restent)")
    lines.append("  ne peuvent plus être reconstruites : " + (", ".join(lost) or "aucune version"))
    lines.append("  restent lisibles, jusqu'à leur effacement à la main : les tables décodées des versions gardées")
    lines.append("  (releases/*/observatoire.duckdb et leurs exports) et les rapports d'exécution (runs/).")
    lines.append("  la prochaine exécution reprend l'édition acceptée précédente ou redemande la donnée ; des octets")
    lines.append(
        "  identiques ne seront pas repris. Si une absence bloque le contrôle final, une décision datée l'accepte."
    )
    return "\n".join(lines)


def _filed_deposits(observatory: Observatory, sha256: str) -> int:
    """Remove the filed deposits that hold these very bytes: a service's file is kept beside its report."""
    count = 0
    for file in Inbox(observatory.paths.inbox).filed():
        if hashlib.sha256(file.read_bytes()).hexdigest() == sha256:
            file.unlink()
            count += 1
    return count
