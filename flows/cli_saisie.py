"""`observatoire saisie …`: templates for the services, a dry run of a deposit, dropping one into the inbox.

Not here: taking deposits in (a night does, flows.depositing). Only the last command writes in the warehouse, and only
into its inbox.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from flows.core.errors import ConfigurationError


def _observatory(ctx: click.Context) -> Any:
    from flows.observatory import Observatory
    from flows.settings import load_settings

    return Observatory(load_settings(**ctx.obj))


@click.group()
def saisie() -> None:
    """Les dépôts des services : écrire un modèle, vérifier un fichier, le déposer."""


@saisie.command()
@click.argument("service")
@click.option("--into", default=".", show_default=True, type=click.Path(file_okay=False), help="Dossier où écrire.")
@click.pass_context
def modele(ctx: click.Context, service: str, into: str) -> None:
    """Écrire le modèle de saisie d'un SERVICE (« tous » pour chacun), en CSV et en classeur Excel."""
    from flows.depositing import by_service, reference_of
    from flows.files import write_bytes
    from flows.sources import saisies_modeles as modeles

    observatory = _observatory(ctx)
    nuit = observatory.clock.nuit()
    reference = reference_of(observatory, nuit)
    services = {modeles.slug_of(name): awaited for name, awaited in by_service(reference.awaited).items()}
    wanted = modeles.slug_of(service)
    near = [slug for slug in services if wanted in slug.split("-")]
    if wanted not in services and len(near) == 1:  # « habitat » for « service-habitat »
        wanted = near[0]
    if wanted != "tous" and wanted not in services:
        raise ConfigurationError(
            f"Aucun service ne s'appelle « {service} ».",
            where="docs/guide-services.md",
            todo=f"choisir parmi : tous, {', '.join(services)}.",
        )
    for slug, awaited in services.items():
        if wanted in ("tous", slug):
            rows = modeles.rows_of(awaited, reference.territories, nuit)
            folder = Path(into)
            write_bytes(folder / f"saisie-{slug}.csv", modeles.as_csv(rows))
            workbook = modeles.as_xlsx(rows, awaited, reference.territories, nuit)
            write_bytes(folder / f"saisie-{slug}.xlsx", workbook)
            click.echo(
                f"{folder / f'saisie-{slug}'}.csv et .xlsx : {len(awaited)} indicateur(s), {len(rows)} lignes."
            )
    if not any(niveau == "commune" for niveau, _ in reference.territories):
        click.echo("Les communes ne sont pas encore connues : lancer « observatoire nightly », puis recommencer.")


@saisie.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.pass_context
def verifier(ctx: click.Context, files: Sequence[str]) -> None:
    """Dire ce qu'un dépôt deviendrait, ligne par ligne, sans rien déposer (code 1 s'il serait refusé)."""
    refused = False
    for file in files:
        text, accepted = _judged(ctx, Path(file))
        refused = refused or not accepted
        click.echo(text)
    sys.exit(1 if refused else 0)


@saisie.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.pass_context
def deposer(ctx: click.Context, file: str) -> None:
    """Copier un fichier dans la boîte de dépôt ; la nuit suivante le reçoit. Un fichier refusé n'est pas copié."""
    from flows.depositing import inbox_of
    from flows.files import write_bytes
    from flows.landing.inbox import safe_name

    observatory = _observatory(ctx)
    observatory.check_mode()
    path = Path(file)
    text, accepted = _judged(ctx, path)
    click.echo(text)
    if not accepted:
        sys.exit(1)
    inbox = inbox_of(observatory)
    inbox.prepare()
    target, number = inbox.folder / safe_name(path.name), 1
    while target.exists():  # a file that waits is never replaced by another of the same name
        number += 1
        target = inbox.folder / safe_name(f"{path.stem} ({number}){path.suffix}")
    write_bytes(target, path.read_bytes())
    click.echo(f"Déposé : {target}. La prochaine nuit le recevra.")


def _judged(ctx: click.Context, path: Path) -> tuple[str, bool]:
    """The French answer to one file, and whether it would be accepted."""
    import hashlib

    from flows.depositing import judge_answers, reference_of
    from flows.sources import saisies, saisies_report
    from flows.sources import saisies_reponses as reponses
    from flows.sources.saisies_csv import MAX_BYTES

    observatory = _observatory(ctx)
    nuit = observatory.clock.nuit()
    with path.open("rb") as handle:
        body = handle.read(MAX_BYTES + 1)
    sha = hashlib.sha256(body).hexdigest()
    reference = reference_of(observatory, nuit, without=sha)
    answering = reponses.recognised(body)
    if answering:
        sheet, verified = judge_answers(observatory, body, nuit, reference)
    else:
        sheet, verified = saisies.judge(body, reference, path.name)
    answer = saisies_report.told(path.name, sheet, verified, nuit=nuit, sha256=sha, answering=answering)
    return saisies_report.text(answer, reference, dry=True), not verified.problems
