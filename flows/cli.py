"""`observatoire …`: the same steps as the flows, for a person, with progress bars.

Not here: the steps themselves, and the commands that run them (cli_runs). Heavy libraries (Prefect, dbt, Great
Expectations) are imported by the commands that need them, never by `observatoire --help`.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import click

from flows.cli_alertes import alertes
from flows.cli_declarations import COMMANDS
from flows.cli_runs import RUNS, bars, day, opened
from flows.cli_saisie import saisie
from flows.core.errors import ConfigurationError, ObservatoireError, RunLocked, WrongMode
from flows.core.words import ExitCode, Mode


class French(click.Group):
    """A group whose typed errors come out as three French parts, with the house's exit codes."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except RunLocked as error:
            _fail(error, ExitCode.LOCKED)
        except (ConfigurationError, WrongMode) as error:
            _fail(error, ExitCode.USAGE)
        except ObservatoireError as error:
            _fail(error, ExitCode.FAILURE)


def _fail(error: ObservatoireError, code: int) -> None:
    click.secho(error.what, fg="red", bold=True, err=True)
    if error.where:
        click.echo(f"  Où : {error.where}", err=True)
    if error.todo:
        click.echo(f"  Que faire : {error.todo}", err=True)
    sys.exit(code)


@click.group(cls=French, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--mode", type=click.Choice([str(m) for m in Mode]), help="Type d'entrepôt (OBSERVATOIRE_MODE).")
@click.option("--warehouse", type=click.Path(file_okay=False), help="Dossier de l'entrepôt.")
@click.pass_context
def main(ctx: click.Context, mode: str | None, warehouse: str | None) -> None:
    """L'observatoire du Projet de Territoire : recevoir, contrôler, publier, alerter."""
    ctx.obj = {"mode": mode, "warehouse": warehouse}


@main.command()
@click.pass_context
def releases(ctx: click.Context) -> None:
    """Lister les versions, de la plus ancienne à la plus récente."""
    infos = opened(ctx).releases.list()
    if not infos:
        click.echo("Aucune version : lancer « observatoire nightly ».")
    for info in infos:
        marks = [
            "publiée" if info.current else "",
            f"épinglée ({info.pinned})" if info.pinned else "",
            f"retirée ({info.retired})" if info.retired else "",
            "" if info.complete else "allégée",
        ]
        click.echo(f"{info.id}  {', '.join(mark for mark in marks if mark)}".rstrip())


@main.command()
@click.argument("release_id")
@click.option("--reason", required=True, help="Pourquoi la version publiée est retirée.")
@click.pass_context
def rollback(ctx: click.Context, release_id: str, reason: str) -> None:
    """Publier une version plus ancienne ; celle d'aujourd'hui ne sera pas republiée."""
    observatory = opened(ctx)
    observatory.check_mode()
    with observatory.locked():
        withdrawn = observatory.releases.rollback(release_id, reason, observatory.clock.now())
    click.echo(f"{release_id} est publiée ; {withdrawn} est retirée ({reason}).")


@main.command()
@click.argument("release_id")
@click.option("--reason", required=True, help="Pourquoi cette version est gardée entière (baromètre, étape).")
@click.pass_context
def pin(ctx: click.Context, release_id: str, reason: str) -> None:
    """Garder une version entière pour toujours."""
    observatory = opened(ctx)
    observatory.check_mode()
    with observatory.locked():
        observatory.releases.pin(release_id, reason)
    click.echo(f"{release_id} est épinglée ({reason}).")


@main.command()
@click.argument("first")
@click.argument("second")
@click.option("--json", "as_json", is_flag=True, help="Écrire la différence en JSON.")
@click.pass_context
def diff(ctx: click.Context, first: str, second: str, as_json: bool) -> None:
    """Montrer ce qui change d'une version à l'autre : entrées, figures, états."""
    from flows.comparing import difference, in_french

    observatory = opened(ctx)
    found = difference(observatory.release(first), observatory.release(second))
    click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str) if as_json else in_french(found))


@main.command()
@click.option("--as-of", "as_of", required=True, callback=day, help="Nuit à reconstruire (AAAA-MM-JJ).")
@click.option("--into", type=click.Path(file_okay=False), help="Garder la version reconstruite dans ce dossier.")
@click.option(
    "--code", default="", help="« manifeste » : avec le programme d'alors, pris dans git ; ou le dossier d'une copie."
)
@click.pass_context
def rebuild(ctx: click.Context, as_of: dt.date, into: str | None, code: str) -> None:
    """Reconstruire la version d'une nuit passée et la comparer ; rien n'est reçu, publié ni envoyé."""
    from flows.rebuilding import rebuild_as_of

    observatory = opened(ctx)
    observatory.check_mode()
    with observatory.locked(), bars() as progress:
        target = Path(into) if into else None
        result = rebuild_as_of(observatory, as_of, into=target, code=code, progress=progress)
    click.echo(result.in_french())
    as_expected = result.same or not (result.same_code or result.missing or result.rejected)
    sys.exit(ExitCode.OK if as_expected else ExitCode.FAILURE)


@main.command()
@click.argument("sha256")
@click.option("--reason", required=True, help="Pourquoi ces octets sont effacés.")
@click.pass_context
def purge(ctx: click.Context, sha256: str, reason: str) -> None:
    """Effacer des octets reçus ; dire ce qui ne pourra plus être reconstruit."""
    from flows.purging import purge_bytes

    observatory = opened(ctx)
    observatory.check_mode()
    with observatory.locked():
        click.echo(purge_bytes(observatory, sha256, reason))


@main.command()
@click.argument("key")
@click.option("--received/--send-again", "received", required=True, help="Le destinataire l'a reçu, ou non.")
@click.pass_context
def settle(ctx: click.Context, key: str, received: bool) -> None:
    """Clore un message qui n'est pas parti, ou le renvoyer (le rapport d'exécution donne sa clé)."""
    from flows.mailing import settle as settle_message

    observatory = opened(ctx)
    observatory.check_mode()
    with observatory.locked():
        click.echo(settle_message(observatory, key, sent=received))


@main.command()
@click.option("--port", default=8044, show_default=True, help="Port d'écoute sur cette machine.")
@click.pass_context
def serve(ctx: click.Context, port: int) -> None:
    """Lire le site publié dans un navigateur, sur cette machine seulement."""
    from flows.serving import serve_site

    serve_site(opened(ctx).paths.current / "site", port)


@main.command()
@click.option("--port", default=8045, show_default=True, help="Port d'écoute sur cette machine.")
@click.pass_context
def portal(ctx: click.Context, port: int) -> None:
    """Lancer le portail de démonstration seul (voir docs/portal.md)."""
    from flows.portal import serve as serve_portal

    observatory = opened(ctx)
    serve_portal(observatory.paths.demonstration, observatory.clock.nuit(), port)


for _command in (*COMMANDS, *RUNS, saisie, alertes):
    main.add_command(_command)


if __name__ == "__main__":
    main()
