"""Steps « rattraper » and « alerter » of a night: the releases not told yet, then the messages that are due.

Not here: which change is told and in which words (flows.alerts). Alerts read releases, never a source (rule 8).
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Collection
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from flows.alerts import webhook
from flows.alerts.catching_up import Composer, catch_up, merge_mail
from flows.alerts.compose import Composition, compose
from flows.alerts.contacts import load_contacts
from flows.alerts.files import FileTransport
from flows.alerts.machine import LIVE
from flows.alerts.outbox import Outbox
from flows.alerts.outbox_file import copy_of
from flows.alerts.smtp import SmtpSettings, SmtpTransport
from flows.core import yamls
from flows.core.errors import ConfigurationError, ObservatoireError, StorageFull
from flows.observatory import Observatory
from flows.record import RunRecord, place_of

MAX_CHART_BYTES = 1_000_000


def alert(observatory: Observatory, record: RunRecord, nuit: dt.date) -> None:
    """Bring the outbox up to date with the published releases and deliver what is due.

    Every run does it first, idle or not, then again after publishing. What fails here (a typing error in the contacts
    file, a template, a defect) is an error of the record and changes no exit code; the cursor stays, the next run
    tries again.
    """
    try:
        _catch_up(observatory, record, nuit)
    except StorageFull:
        raise
    except ObservatoireError as error:
        record.error(error, "alerter")
    except Exception as error:  # a night must not stop, each time before it asked anything, on a defect of messages
        record.error(
            ObservatoireError(
                f"Les messages n'ont pas pu être préparés ou envoyés ({type(error).__name__}).",
                where=place_of(error),
                todo="signaler ce défaut du programme ; les messages dus partiront à la prochaine exécution.",
            ),
            "alerter",
        )


def _catch_up(observatory: Observatory, record: RunRecord, nuit: dt.date) -> None:
    published = observatory.releases.published()
    if not published:
        return

    def hook(composition: Composition) -> bytes:
        release = observatory.release(composition.release)
        address = release.manifest["inputs"]["settings"]["base_url"]
        return webhook.body(release.id, release.nuit, address, composition.events)

    outbox = outbox_of(observatory)
    with smtp_of(observatory) as smtp:
        done = catch_up(
            outbox,
            published=published,
            compose=_composer(observatory),
            files=FileTransport(observatory.paths.outbox),
            smtp=smtp,
            nuit=nuit.isoformat(),
            hook=hook,
            webhook=_webhook(observatory),
        )
    done["folder"] = str(observatory.paths.outbox)
    record.value["mail"] = merge_mail(record.value["mail"], done)


def _composer(observatory: Observatory) -> Composer:
    """Composes the messages of a release with tonight's contacts and words."""
    settings, paths = observatory.settings, observatory.paths
    contacts = load_contacts(settings.contacts)
    words = yamls.load((paths.site / "words.yml").read_text(encoding="utf-8"))

    def tell(release_id: str, told: Collection[str], opening: bool | None) -> Composition:
        release = observatory.release(release_id)
        return compose(
            release,
            contacts,
            base_url=release.manifest["inputs"]["settings"]["base_url"],
            templates=paths.site / "templates" / "courriel",
            words=settings.town_words,
            charts=_charts(observatory, release_id),
            site=words,
            told=told,
            opening=opening,
        )

    return tell


def alerts_published(observatory: Observatory, *, every: bool = False) -> list[dict[str, Any]]:
    """Rows of `fct_alert` of the published release that are alive (`every`: all of them), by name."""
    current = observatory.releases.current_id()
    rows = observatory.release(current).table("fct_alert").to_pylist() if current else []
    return [row for row in rows if every or row["etat"] in LIVE]


def preview(observatory: Observatory, folder: Path) -> list[str]:
    """Write what the next catch-up would send as `.eml` files; names of the files. The outbox is only read.

    The rehearsal is done on a copy of the outbox: what is due there, and the releases it has not told yet.
    """
    published = observatory.releases.published()
    real = observatory.paths.state / "etat.sqlite"
    with tempfile.TemporaryDirectory() as scratch:
        if real.exists():
            copy_of(real, Path(scratch) / real.name)
        before = {path.name for path in folder.glob("*.eml")}
        catch_up(
            outbox_of(observatory, Path(scratch) / real.name),
            published=published,
            compose=_composer(observatory),
            files=FileTransport(folder),
            smtp=None,
            nuit=observatory.clock.nuit().isoformat(),
        )
    return sorted({path.name for path in folder.glob("*.eml")} - before)


def outbox_of(observatory: Observatory, path: Path | None = None) -> Outbox:
    """The outbox of this warehouse, or another file of the same kind."""
    words = observatory.settings.town_words
    return Outbox(
        path or observatory.paths.state / "etat.sqlite",
        sender=observatory.settings.mail_from,
        sender_name=f"{words['observatoire']} · {words['nom']}",
    )


def settle(observatory: Observatory, key: str, *, sent: bool) -> str:
    """A person says what became of a message that did not leave; one French sentence in return.

    Raises:
        ConfigurationError: no waiting message has this key.
    """
    if not outbox_of(observatory).settle(key, sent=sent):
        raise ConfigurationError(
            "Aucun message en attente ne porte cette clé.",
            where=key[:80],
            todo="recopier la clé entière depuis le rapport d'exécution.",
        )
    return "Message clos : il a été reçu." if sent else "Le message sera envoyé à la prochaine exécution."


def smtp_of(observatory: Observatory) -> Any:
    """The mail server of the settings as a context; it gives None when there is none."""
    settings = observatory.settings
    if not settings.smtp_host:
        return nullcontext(None)
    return SmtpTransport(
        SmtpSettings(
            host=settings.smtp_host,
            port=settings.smtp_port,
            sender=settings.mail_from,
            user=settings.smtp_user,
            password=settings.smtp_password.get_secret_value(),
            security=settings.smtp_security,
        )
    )


def _webhook(observatory: Observatory) -> webhook.WebhookTransport | None:
    settings = observatory.settings
    if not settings.webhook_url:
        return None
    secret = settings.webhook_secret.get_secret_value()
    if not secret:
        raise ConfigurationError(
            "Le webhook a une adresse et pas de secret : ses appels ne pourraient pas être vérifiés.",
            where="OBSERVATOIRE_WEBHOOK_SECRET",
            todo="donner ce secret dans l'environnement, ou retirer OBSERVATOIRE_WEBHOOK_URL.",
        )
    return webhook.WebhookTransport(settings.webhook_url, secret)


def _charts(observatory: Observatory, release_id: str) -> dict[str, bytes]:
    """Charts of the indicators that a message is about, as the site of that release shows them."""
    folder = observatory.releases.releases / release_id / "site" / "indicateurs"
    log = observatory.release(release_id).table("fct_alert_log").to_pylist()
    told = {row["indicateur"] for row in log if row["version"] == release_id and row["destinataires"]}
    found = {}
    for slug in sorted(told - {""}):
        file = folder / f"{slug.replace('_', '-')}.png"
        if file.exists() and file.stat().st_size <= MAX_CHART_BYTES:
            found[slug] = file.read_bytes()
    return found
