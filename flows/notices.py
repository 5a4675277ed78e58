"""Short notices about the running of the observatory: to the stewards when a run needs them, to the operator.

One plain message, tried once as soon as it is due; what cannot be sent is a file beside the other messages, so that
nothing is lost. Not here: what leads are told of indicators (flows/mailing.py, flows.alerts).
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping
from typing import Any

from flows.alerts.contacts import Recipient, load_contacts
from flows.alerts.files import FileTransport, file_name
from flows.alerts.mime import build
from flows.alerts.outbox import MAIL, SENT, WRITTEN, Stored
from flows.core.errors import ObservatoireError
from flows.core.words import ExitCode, Mode
from flows.mailing import smtp_of
from flows.observatory import Observatory
from flows.record import RunRecord, said_before

STEWARDS = Recipient("role_services_donnees")
BROKEN = {
    "en_echec": "n’a pas pu être reçue",
    "quarantaine": "a été refusée au contrôle",
    "retiree": "a été retirée par son producteur",
}


def tell_stewards(observatory: Observatory, record: RunRecord) -> None:
    """Write to the stewards when this run needs them, and only then; an unsent notice is an error of the record."""
    lines = what_needs_them(record.value, said_before(observatory.paths.runs, record.value))
    if not lines:
        return
    told = [
        f"L’exécution {record.value['id']} (nuit du {record.value['nuit']}) demande votre regard.",
        "",
        *lines,
        "",
        "La version publiée reste en place.",
        f"Le rapport, avec les lignes en cause : {record.folder / 'rapport.html'}",
    ]
    try:
        resolution = load_contacts(observatory.settings.contacts).resolve(STEWARDS)
        for address in resolution.addresses or ("",):
            write_one(
                observatory,
                address,
                f"{len(lines)} point{'s' if len(lines) > 1 else ''} à regarder",
                "\n".join(told),
                kind="intendant",
                recipient=STEWARDS,
            )
    except ObservatoireError as error:
        record.error(error, "prévenir")


def what_needs_them(value: Mapping[str, Any], before: Mapping[str, Any] | None) -> list[str]:
    """French lines for what began with this run: a rejected candidate, a source that broke, a defect.

    What was already so (`before`: flows.record.said_before) is not said again: the report has it.
    """
    known = before or {}
    lines = []
    if value["exit_code"] == ExitCode.FAILURE and known.get("summary") != value["summary"]:
        lines.append(f"- {value['summary']}")
    candidate = value["release"].get("candidate")
    if candidate and known.get("release", {}).get("reason") != value["release"]["reason"]:
        lines.append(f"- La version préparée a été refusée : {value['release']['reason']}")
    states = {entry["id"]: entry["state"] for entry in known.get("datasets", ())}
    for entry in value["datasets"]:
        if entry["state"] in BROKEN and states.get(entry["id"]) != entry["state"]:
            why = f" : {entry['error']['what']}" if entry["error"] else ""
            since = f" (périmée depuis le {entry['perime_depuis']})" if entry["perime_depuis"] else ""
            lines.append(f"- La source « {entry['titre']} » {BROKEN[entry['state']]}{why}{since}")
    for answer in value["deposits"]:
        if answer["etat"] == "refuse":
            lines.append(f"- Le dépôt « {answer['fichier']} » est refusé : voir inbox/{answer['range']}.rapport.txt")
    return lines


def write_one(
    observatory: Observatory, address: str, subject: str, text: str, *, kind: str, recipient: Recipient | None = None
) -> str:
    """Send one plain message now, or write it as a file; a French sentence says which.

    Raises:
        ObservatoireError: it could neither leave nor be kept.
    """
    settings = observatory.settings
    town = settings.town_words
    mark = "[DÉMONSTRATION] " if settings.mode is Mode.DEMONSTRATION else ""
    digest = hashlib.sha256(f"{kind}\n{address}\n{text}".encode()).hexdigest()
    message_id = f"<{digest[:32]}@{settings.mail_from.partition('@')[2]}>"
    raw = build(
        message_id=message_id,
        subject=f"{mark}{town['observatoire']} : {subject}",
        sender=settings.mail_from,
        sender_name=f"{town['observatoire']} · {town['nom']}",
        recipient=address,
        recipient_name=recipient.header_name if recipient else "opérateur",
        text=text + "\n",
        html=f"<!doctype html><html lang=fr><body><pre>{html.escape(text)}</pre></body></html>",
        nuit=observatory.clock.nuit().isoformat(),
    )
    role = recipient.key if recipient else "operateur"
    night = observatory.clock.nuit().isoformat()
    stored = Stored(digest, night, kind, MAIL, (role,), address, raw, message_id, state="", attempts=0)
    if address:
        with smtp_of(observatory) as smtp:
            if smtp is not None and smtp.deliver(stored).state == SENT:
                return "Un message est parti."
    written = FileTransport(observatory.paths.outbox).deliver(stored)
    if written.state != WRITTEN:
        raise ObservatoireError(
            f"Un message n'a pu ni partir ni être gardé : {written.error}.",
            where=str(observatory.paths.outbox),
            todo="rendre ce dossier inscriptible, ou libérer de l'espace.",
        )
    return f"Un message est écrit dans {observatory.paths.outbox / file_name(stored)}."
