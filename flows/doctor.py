"""`observatoire doctor`: is this installation able to run tonight, and do the sources still keep their contract?

Not here: mending anything. Each line starts with `ok`, `à voir` or `échec`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from filelock import FileLock, Timeout

from flows.core.datasets import Dataset, FetchContext
from flows.core.errors import ObservatoireError
from flows.core.words import ExitCode, Mode
from flows.landing.decoded import decode_pages
from flows.observatory import Observatory

OK, LOOK, FAIL = "ok    ", "à voir", "échec "
LOW_DISK_BYTES = 2_000_000_000


def examine(observatory: Observatory, *, sources: bool) -> tuple[list[str], int]:
    """Lines for a person, and an exit code: 0 when nothing failed, 1 otherwise."""
    lines = list(_installation(observatory))
    if sources:
        lines += _sources(observatory)
    failed = any(line.startswith(FAIL) for line in lines)
    return lines, ExitCode.FAILURE if failed else ExitCode.OK


def _installation(observatory: Observatory) -> Iterator[str]:
    settings, paths = observatory.settings, observatory.paths
    yield f"{OK} racine : {paths.root}"
    fixed = paths.mode_file.read_text(encoding="utf-8").strip() if paths.mode_file.exists() else ""
    if fixed and fixed != settings.mode:
        yield f"{FAIL} entrepôt : de type « {fixed} », demandé « {settings.mode} »"
    else:
        yield f"{OK} entrepôt : {paths.warehouse} ({fixed or f'neuf, sera de type {settings.mode}'})"
    yield _lock(observatory)
    yield _release(observatory)
    free = shutil.disk_usage(paths.warehouse if paths.warehouse.exists() else paths.root).free
    yield f"{OK if free > LOW_DISK_BYTES else LOOK} disque : {free / 1e9:.1f} Go libres"
    if settings.smtp_host:
        yield f"{OK} courriel : {settings.smtp_host}:{settings.smtp_port} ({settings.smtp_security})"
    else:
        yield f"{LOOK} courriel : aucun serveur (OBSERVATOIRE_SMTP_HOST), les messages iront dans {paths.outbox}"
    if settings.contacts is None:
        yield f"{LOOK} contacts : aucun fichier (OBSERVATOIRE_CONTACTS), les messages iront dans des fichiers"
    elif not settings.contacts.exists():
        yield f"{FAIL} contacts : le fichier {settings.contacts} n'existe pas"
    else:
        yield f"{OK} contacts : {settings.contacts}"
    for dataset in observatory.datasets.values():
        reason = observatory.reason_off(dataset)
        if reason:
            yield f"{LOOK} source {dataset.id} : {reason}"


def _lock(observatory: Observatory) -> str:
    file = observatory.paths.state / "verrou.lock"
    if not file.exists():
        return f"{OK} verrou : libre"
    try:
        with FileLock(file, timeout=0):
            return f"{OK} verrou : libre"
    except Timeout:
        return f"{LOOK} verrou : une exécution est en cours"


def _release(observatory: Observatory) -> str:
    current = observatory.releases.current_id()
    if current is None:
        return f"{LOOK} version : rien n'est encore publié"
    runs = sorted(observatory.paths.runs.glob("*/run.json"))
    last = runs[-1].parent.name if runs else "aucune"
    return f"{OK} version publiée : {current} ; dernière exécution : {last}"


def _sources(observatory: Observatory) -> Iterator[str]:
    """Ask each source for one partition, decode it, and say what differs from the contract it was built to."""
    nuit = observatory.clock.nuit()
    with observatory.network(nuit) as portal:
        client = observatory.client(portal, {})
        communes: tuple[str, ...] = observatory.communes()
        for dataset in observatory.datasets.values():
            if dataset.steward or observatory.reason_off(dataset):
                continue
            context = FetchContext(
                http=client,
                territory=observatory.settings.territory,
                nuit=nuit,
                communes=communes,
                credentials=observatory.settings.credentials,
            )
            line, found = _one_source(dataset, context)
            if dataset.id == "geo/communes" and found:
                communes = tuple(sorted({*communes, *found}))
            yield line
    if observatory.settings.mode is Mode.DEMONSTRATION:
        yield f"{LOOK} ces réponses viennent du portail de démonstration, pas des producteurs"


def _one_source(dataset: Dataset, context: FetchContext) -> tuple[str, list[str]]:
    try:
        partitions = list(dataset.partitions(context))
        if not partitions:
            return f"{LOOK} {dataset.id} : aucune partie à demander aujourd'hui", []
        wanted = partitions if dataset.id == "geo/communes" else partitions[-1:]
        pages, codes = 0, []
        for partition in wanted:
            answer = list(dataset.fetch(context, partition))
            decoded = decode_pages(dataset, answer)
            if decoded.error is not None:
                return f"{FAIL} {dataset.id} ({partition.key}) : {decoded.error}", []
            pages += len(answer)
            if decoded.table is not None and "code" in decoded.table.column_names:
                codes += decoded.table.column("code").to_pylist()
        rows = decoded.rows
        if not rows and not dataset.empty_expected:
            return f"{FAIL} {dataset.id} ({partition.key}) : aucune ligne", codes
        return f"{OK} {dataset.id} ({partition.key}) : {pages} réponse(s), {rows} lignes, colonnes conformes", codes
    except ObservatoireError as error:
        return f"{FAIL} {dataset.id} : {error}", []
