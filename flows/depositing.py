"""Deposits of the services during « recevoir »: the inbox taken in, file by file, each accepted or refused whole.

Not here: the contract (flows.sources.saisies), the moves (flows.landing.inbox), what publication withholds (the
warehouse). A refused file changes no exit code; whatever happens, a file ends beside its report or stays where the
next run finds it.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flows.core.datasets import Page
from flows.core.errors import ErasedBytes, ObservatoireError, StorageFull
from flows.core.words import Niveau, Transport
from flows.gathering import etat_folder
from flows.landing.inbox import Claimed, Inbox
from flows.landing.land import DatasetOutcome, Landing
from flows.observatory import Observatory
from flows.sources import saisies, saisies_report
from flows.sources import saisies_reponses as reponses
from flows.sources.saisies_cells import Sheet
from flows.sources.saisies_csv import MAX_BYTES
from flows.sources.saisies_rows import Key, Verified
from flows.sources.saisies_rules import Awaited, Reference
from flows.warehouse.catalogue import Indicator, read_indicators
from flows.warehouse.etat import predecessor_alerts

ERASED = "Ces octets ont été effacés à la demande : ils ne sont pas repris, et le fichier est détruit."
REOPEN = "l’ouvrir, l’enregistrer à nouveau, puis le déposer."
AGAIN = "Ce fichier est déjà la dernière saisie reçue : rien de nouveau."
SAME = "Les chiffres sont ceux de la dernière saisie reçue : rien de nouveau."


def inbox_of(observatory: Observatory) -> Inbox:
    """The inbox of a warehouse."""
    return Inbox(observatory.paths.inbox)


def awaited_of(indicator: Indicator) -> Awaited:
    """What the yml of an indicator asks of a deposit."""
    return saisies.awaited({"indicateur": indicator.indicateur, **indicator.words.model_dump()})


def reference_of(observatory: Observatory, nuit: dt.date, *, without: str = "") -> Reference:
    """What a deposit is held to tonight: the catalogue, the territories, and what stands already.

    Args:
        without: sha256 of a file; the newest edition is left out when it is that very file.
    """
    return replace(_rules(observatory, nuit), standing=standing(observatory, without=without))


def _rules(observatory: Observatory, nuit: dt.date) -> Reference:
    """The part of the reference that is the same for every file of a night."""
    indicators = read_indicators(observatory.models / "indicators")
    territory = observatory.settings.territory
    places = {(str(Niveau.EPCI), territory.epci): territory.nom}
    places |= {(str(Niveau.COMMUNE), code): name for code, name in communes_of(observatory).items()}
    places |= {(str(Niveau.BASSIN_DE_VIE), code): name for code, name in _bassins(observatory).items()}
    return Reference(
        awaited={i.indicateur: awaited_of(i) for i in indicators if i.words.saisie != "non"},
        known=frozenset(i.indicateur for i in indicators),
        territories=places,
        nuit=nuit,
        references=frozenset((niveau, code) for niveau, code, _ in territory.references),
    )


def communes_of(observatory: Observatory) -> dict[str, str]:
    """Communes of the EPCI by code, with their names, from the newest edition that can be read."""
    dataset = observatory.datasets["geo/communes"]
    for edition in reversed(observatory.log.of(dataset.id, observatory.settings.territory.epci)):
        table = observatory.cache.get(dataset, edition).table
        if table is not None:
            names = dict(zip(table["code"].to_pylist(), table["nom"].to_pylist(), strict=True))
            return dict(sorted(names.items()))
    return {}


def _bassins(observatory: Observatory) -> dict[str, str]:
    dataset = observatory.datasets["referentiel/bassins_de_vie"]
    for edition in reversed(observatory.log.of(dataset.id)):
        table = observatory.cache.get(dataset, edition).table
        if table is not None:
            return dict(zip(table["bassin"].to_pylist(), table["nom"].to_pylist(), strict=True))
    return {}


def standing(observatory: Observatory, *, without: str = "") -> dict[Key, tuple[float | None, str]]:
    """The figure that stands by key (value, status): the newest deposit, and in one file its final figure."""
    dataset = observatory.datasets[saisies.ID]
    editions = observatory.log.of(dataset.id, saisies.PARTITION)
    if without and editions and editions[-1].pages[0]["sha256"] == without:
        editions = editions[:-1]
    found: dict[Key, tuple[float | None, str]] = {}
    for edition in editions:
        table = observatory.cache.get(dataset, edition).table
        rows = [] if table is None else table.to_pylist()
        # The order of the staging model: within one file the final figure comes last, hence stands.
        for row in sorted(rows, key=lambda r: r["statut"] not in ("provisoire", "estime")):
            key = (row["indicateur"], row["territoire_niveau"], row["territoire_code"], row["periode"])
            found[key] = (row["valeur"], row["statut"])
    return found


def take_in(observatory: Observatory, landing: Landing) -> list[DatasetOutcome]:
    """Take in every file of the inbox; the outcomes of figures and of answers. The first carries one reply a file, in
    `deposits`.

    A file that a killed run had claimed is finished first. StorageFull stops the run; the file waits in the inbox.
    """
    inbox, outcome = inbox_of(observatory), DatasetOutcome(saisies.ID)
    outcomes = {saisies.ID: outcome, reponses.ID: DatasetOutcome(reponses.ID)}
    answers = outcome.deposits
    reason = observatory.reason_off(observatory.datasets[saisies.ID])
    if reason:
        return [DatasetOutcome(name, off=reason) for name in outcomes]
    landing = replace(landing, transport=Transport.FICHIER)
    rules = functools.cache(lambda: _rules(observatory, landing.nuit))  # read once, and only when a file waits
    try:
        inbox.prepare()
        for claimed in inbox.unfinished():
            answers.append(_take(observatory, landing, inbox, claimed, outcomes, rules()))
        waiting, left = inbox.waiting()
        for path in waiting:
            claimed_now = inbox.claim(path, landing.nuit)
            if claimed_now is not None:
                answers.append(_take(observatory, landing, inbox, claimed_now, outcomes, rules()))
    except OSError as error:
        outcome.error = ObservatoireError(
            f"La boîte de dépôt ne peut pas être lue ({error.strerror}).",
            where=str(error.filename or inbox.folder),
            todo="rendre ce dossier lisible et inscriptible ; les fichiers y restent.",
        )
        return list(outcomes.values())
    except ObservatoireError as error:
        if isinstance(error, StorageFull):
            raise
        outcome.error = error
        return list(outcomes.values())
    answers += [{"fichier": name, "etat": "laisse", "note": f"{why}."} for name, why in left.items()]
    return list(outcomes.values())


def judge_answers(observatory: Observatory, body: bytes, nuit: dt.date, rules: Reference) -> tuple[Sheet, Verified]:
    """What a file of answers is worth, held to the alerts of the published release."""
    sheet, answers, problems = reponses.judge(body, alerts_of(observatory), nuit, rules.services)
    return sheet, Verified(answers=[row["alerte"] for row in answers], problems=problems)


def alerts_of(observatory: Observatory) -> dict[str, str]:
    """State of each alert of the published release, by name; {} before the first release."""
    tables = predecessor_alerts(etat_folder(observatory, observatory.releases.current_id()))
    return {row["alerte"]: row["etat"] for row in tables[0].to_pylist()} if tables else {}


def _take(
    observatory: Observatory,
    landing: Landing,
    inbox: Inbox,
    claimed: Claimed,
    outcomes: Mapping[str, DatasetOutcome],
    rules: Reference,
) -> dict[str, Any]:
    """One claimed file to its end: judged, landed when accepted, filed beside its report."""
    body, trouble = _bytes(claimed)
    sha = hashlib.sha256(body).hexdigest()
    answering = reponses.recognised(body)
    dataset = observatory.datasets[reponses.ID if answering else saisies.ID]
    reference = replace(rules, standing=standing(observatory, without=sha))
    latest = observatory.log.latest(dataset.id, saisies.PARTITION)
    received = latest is not None and not trouble and latest.pages[0]["sha256"] == sha
    note = ""
    try:
        if trouble:
            sheet, verified = saisies_report.unreadable(trouble, REOPEN)
        elif answering:
            sheet, verified = judge_answers(observatory, body, landing.nuit, rules)
            note = AGAIN if received and not claimed.resumed else ""
        elif received:  # landed by a run that was killed before it could file it, or deposited twice
            sheet, verified = saisies.judge(body, Reference({}, frozenset(), {}, landing.nuit))
            verified.problems = []
            note = "" if claimed.resumed else AGAIN
        else:
            sheet, verified = saisies.judge(body, reference, claimed.original)
    except ObservatoireError:
        raise
    except Exception as error:  # a defect met by one file: left in `encours`, it would stop every night to come
        reason = f"le programme n’a pas su le lire ({type(error).__name__}) : ce défaut est à signaler"
        sheet, verified = saisies_report.unreadable(reason, REOPEN)
    if not verified.problems and not received:
        # The address is public: it never carries the name that somebody gave to the file.
        page = Page(address=f"dépôt {claimed.number}", body=body, content_type=_kind(body), name="saisie")
        try:
            landed = landing.pages(dataset, saisies.PARTITION, [page])
        except ErasedBytes:
            claimed.path.unlink(missing_ok=True)
            return {"fichier": claimed.original, "etat": "efface", "nuit": landing.nuit.isoformat(), "note": ERASED}
        note = note if landed.edition else SAME
        outcomes[dataset.id].partitions.append(landed)
    shown = sha if 0 < len(body) <= MAX_BYTES else ""
    answer = saisies_report.told(
        claimed.original, sheet, verified, nuit=landing.nuit, sha256=shown, note=note, answering=answering
    )
    text = saisies_report.text(answer, reference)
    target = inbox.settle(claimed, accepted=not verified.problems, text=text, told=answer)
    return answer | {"range": f"{target.parent.name}/{target.name}"}


def _bytes(claimed: Claimed) -> tuple[bytes, str]:
    """The bytes of a file, bounded; and why it cannot be read (French)."""
    if claimed.path.is_symlink() or not claimed.path.is_file():
        return b"", "ce n’est pas un fichier ordinaire (raccourci ou lien)"
    try:
        with claimed.path.open("rb") as file:
            return file.read(MAX_BYTES + 1), ""
    except OSError as error:
        return b"", f"le fichier ne peut pas être lu ({error.strerror})"


def _kind(body: bytes) -> str:
    if reponses.recognised(body):
        return "text/csv"
    workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return workbook if saisies.read(body).form.startswith("classeur") else "text/csv"


def by_service(indicators: Mapping[str, Awaited]) -> dict[str, list[Awaited]]:
    """Awaited indicators by service, both in alphabetical order."""
    found: dict[str, list[Awaited]] = {}
    for awaited in sorted(indicators.values(), key=lambda a: (a.service.casefold(), a.indicateur)):
        found.setdefault(awaited.service, []).append(awaited)
    return found
