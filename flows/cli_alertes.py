"""`observatoire alertes …`: the open alerts, a file to answer them, and tonight's messages without sending any.

Not here: deciding (the build does) and sending (a night does). Nothing is written in the warehouse.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


def _observatory(ctx: click.Context) -> Any:
    from flows.observatory import Observatory
    from flows.settings import load_settings

    return Observatory(load_settings(**ctx.obj))


@click.group()
def alertes() -> None:
    """Les alertes : les lister, préparer une réponse, voir les messages sans les envoyer."""


@alertes.command()
@click.option("--toutes", is_flag=True, help="Avec les alertes closes.")
@click.pass_context
def liste(ctx: click.Context, toutes: bool) -> None:
    """Les alertes de la version publiée, avec leur état et leur raison."""
    from flows.mailing import alerts_published

    for row in alerts_published(_observatory(ctx), every=toutes):
        told = f"dite le {row['dite']:%d/%m/%Y}" if row["dite"] else "dite à personne"
        why = f" ; {row['raison']}" if row["raison"] else ""
        answered = f" ; réponse du {row['reponse_le']:%d/%m/%Y}" if row["reponse_le"] else ""
        click.echo(f"{row['alerte']:44} {row['etat']:20} depuis le {row['depuis']:%d/%m/%Y}, {told}{answered}{why}")


@alertes.command()
@click.option("--into", default="reponses.csv", show_default=True, type=click.Path(dir_okay=False), help="Fichier.")
@click.pass_context
def modele(ctx: click.Context, into: str) -> None:
    """Écrire le fichier de réponse : une ligne par alerte ouverte, à remplir puis à déposer."""
    from flows.files import write_bytes
    from flows.mailing import alerts_published
    from flows.sources.saisies_reponses import template

    rows = alerts_published(_observatory(ctx))
    write_bytes(Path(into), template(rows))
    click.echo(f"{into} : {len(rows)} alerte(s). Le remplir, puis « observatoire saisie deposer {into} ».")


@alertes.command()
@click.option("--into", default="apercu", show_default=True, type=click.Path(file_okay=False), help="Dossier.")
@click.pass_context
def apercu(ctx: click.Context, into: str) -> None:
    """Écrire en .eml les messages que la prochaine exécution enverrait ; rien n'est envoyé ni noté."""
    from flows.mailing import preview

    observatory = _observatory(ctx)
    observatory.check_mode()
    names = preview(observatory, Path(into))
    for name in names:
        click.echo(f"{into}/{name}")
    click.echo(f"{len(names)} message(s). Rien n'a été envoyé.")
