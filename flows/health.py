"""`observatoire doctor`: did last night succeed, can tonight run, and who must be told?

Each line starts with `ok`, `à voir` or `échec`. It needs no Prefect: a timer runs it outside, because a server that
is down cannot say so itself. Not here: mending anything, asking the sources (flows/health_sources.py).
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from filelock import FileLock, Timeout

from flows.core.errors import ObservatoireError
from flows.core.words import ExitCode, Mode
from flows.health_sources import FAIL, LOOK, OK, ask_sources
from flows.mailing import outbox_of
from flows.notices import write_one
from flows.observatory import Observatory
from flows.prefect_api import PrefectApi, ServerSilent
from flows.record import NIGHTS, read_record

LOW_DISK_BYTES = 2_000_000_000
LATE_NIGHT = dt.timedelta(hours=26)  # a night a day, and two hours for a slow one


def examine(observatory: Observatory, *, sources: bool) -> tuple[list[str], int]:
    """Lines for a person, and an exit code: 0 when nothing failed, 1 otherwise."""
    lines = list(_installation(observatory))
    if sources:
        lines += ask_sources(observatory)
    failed = any(line.startswith(FAIL) for line in lines)
    return lines, ExitCode.FAILURE if failed else ExitCode.OK


def notify_operator(observatory: Observatory, lines: list[str]) -> str:
    """Write to the operator what failed, at once and outside the outbox; one French sentence in return."""
    failed = [line.removeprefix(FAIL).strip() for line in lines if line.startswith(FAIL)]
    town = observatory.settings.town_words
    text = "\n".join(
        [
            f"{town['observatoire']} ({town['nom']}), examen du jour :",
            "",
            *(f"- {line}" for line in failed),
            "",
            "La version publiée reste en place. Le détail : « observatoire doctor », et le rapport de la dernière",
            f"nuit dans {observatory.paths.runs}.",
        ]
    )
    subject = f"{len(failed)} point{'s' if len(failed) > 1 else ''} en échec"
    return write_one(observatory, observatory.settings.operator, subject, text, kind="examen")


def _installation(observatory: Observatory) -> Iterator[str]:
    settings, paths = observatory.settings, observatory.paths
    yield f"{OK} racine : {paths.root}"
    yield f"{OK} versions : Python {platform.python_version()}, " + ", ".join(
        f"{name} {version(name)}" for name in ("prefect", "dbt-core", "duckdb", "great-expectations")
    )
    fixed = paths.mode_file.read_text(encoding="utf-8").strip() if paths.mode_file.exists() else ""
    if fixed and fixed != settings.mode:
        yield f"{FAIL} entrepôt : de type « {fixed} », demandé « {settings.mode} »"
    else:
        yield f"{OK} entrepôt : {paths.warehouse} ({fixed or f'neuf, sera de type {settings.mode}'})"
    yield _lock(observatory)
    yield _release(observatory)
    yield from _nights(observatory)
    yield from _schedules()
    free = shutil.disk_usage(paths.warehouse if paths.warehouse.exists() else paths.root).free
    yield f"{OK if free > LOW_DISK_BYTES else FAIL} disque : {free / 1e9:.1f} Go libres"
    if settings.smtp_host:
        yield f"{OK} courriel : {settings.smtp_host}:{settings.smtp_port} ({settings.smtp_security})"
    else:
        yield f"{LOOK} courriel : aucun serveur (OBSERVATOIRE_SMTP_HOST), les messages iront dans {paths.outbox}"
    yield from _outbox(observatory)
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
    try:
        current = observatory.releases.current_id()
    except ObservatoireError as error:  # the operator is written to of this too
        return f"{FAIL} version publiée : {error.what} {error.todo}"
    if current is None:
        return f"{LOOK} version : rien n'est encore publié"
    return f"{OK} version publiée : {current}"


def _nights(observatory: Observatory) -> Iterator[str]:
    """The last night that succeeded, what the last one said, and the sources it found late or broken."""
    nights = _last_nights(observatory)
    if not nights:
        yield f"{LOOK} nuits : aucune n'a encore eu lieu"
        return
    last = nights[-1]
    good = [record for record in nights if record["exit_code"] in (ExitCode.OK, ExitCode.PARTIAL)]
    mark = OK if last["exit_code"] == ExitCode.OK else LOOK if last["exit_code"] == ExitCode.PARTIAL else FAIL
    told = last["summary"] or "n’a pas fini (encore en cours, ou arrêtée en route)"
    yield f"{mark} dernière nuit, {last['id']} : {told}"
    if not good:
        yield f"{FAIL} nuits : aucune n'a réussi"
    else:
        ended = dt.datetime.fromisoformat(good[-1]["ended_at"])
        age = observatory.clock.now() - ended
        late = age > LATE_NIGHT and observatory.settings.mode is Mode.REEL
        hours = f"il y a {age.total_seconds() / 3600:.0f} h"
        yield f"{FAIL if late else OK} dernière nuit réussie : {good[-1]['id']}, {hours}"
    for entry in last["datasets"]:
        if entry["state"] in ("en_echec", "retiree", "quarantaine"):
            yield f"{LOOK} source {entry['id']} : {entry['detail'] or entry['state']}"
        elif entry.get("late"):
            yield f"{LOOK} source {entry['id']} : nouvelle valeur attendue depuis le {entry['expected_next']}"


def _last_nights(observatory: Observatory) -> list[dict[str, Any]]:
    """Records of nights back to the newest that succeeded, oldest first, however many other runs came since."""
    runs, found = observatory.paths.runs, []
    for file in sorted(runs.glob("*/run.json"), reverse=True):
        name = file.parent.name
        record = read_record(runs, name)
        if record is None:  # cut short while it was written: a night, until something says otherwise
            record = {"id": name, "kind": NIGHTS[0], "exit_code": None, "summary": "", "datasets": []}
        if record["kind"] in NIGHTS:
            found.append(record)
            if record["exit_code"] in (ExitCode.OK, ExitCode.PARTIAL):
                break
    return found[::-1]


def _schedules() -> Iterator[str]:
    """Are the schedules of the standing server active? Without a server, cron or a timer does without it."""
    address = os.environ.get("PREFECT_API_URL")
    if not address:
        yield f"{LOOK} horaires : PREFECT_API_URL n'est pas défini ; une ligne de cron doit lancer les nuits"
        return
    try:
        deployed = PrefectApi(address).call("/deployments/filter", {})
    except ServerSilent as error:
        yield f"{FAIL} serveur Prefect : {error.what}"
        return
    for deployment in sorted(deployed, key=lambda d: d["name"]):
        active = [s for s in deployment["schedules"] if s["active"]]
        if deployment["paused"] or (deployment["schedules"] and not active):
            yield f"{FAIL} horaire {deployment['name']} : arrêté dans Prefect"
        elif active:
            yield f"{OK} horaire {deployment['name']} : {active[0]['schedule'].get('cron', '')}"
    if "nightly" not in {deployment["name"] for deployment in deployed}:
        yield f"{FAIL} horaires : le déploiement nightly manque (prefect deploy --all)"


def _outbox(observatory: Observatory) -> Iterator[str]:
    waiting = outbox_of(observatory).waiting() if (observatory.paths.state / "etat.sqlite").exists() else []
    if waiting:
        yield f"{LOOK} messages : {len(waiting)} en attente ou refusés (rapport de la dernière exécution)"
    else:
        yield f"{OK} messages : aucun en attente"
