"""Commands that run the observatory: `nightly`, `yearly`, `inbox`, `alerts`, `up`, `signal`, `doctor`.

Not here: the steps. With a server (`PREFECT_API_URL`), a run is the same text as a tracked flow.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from flows.core.errors import ConfigurationError


def day(_: click.Context, __: click.Parameter, value: str | None) -> dt.date | None:
    """A date option; a usage error says how to write it."""
    if value is None:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter("écrire une date comme 2026-11-20.") from error


def opened(ctx: click.Context) -> Any:
    """The observatory that the global options and the environment name, its logs set up."""
    from flows.logs import set_up
    from flows.observatory import Observatory
    from flows.settings import load_settings

    settings = load_settings(**ctx.obj)
    set_up(settings.log_json)
    return Observatory(settings)


@contextmanager
def bars() -> Iterator[Callable[[str, int, int], None]]:
    """Progress bars on a terminal, nothing otherwise."""
    if not sys.stderr.isatty():
        yield lambda step, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield show


def _run(ctx: click.Context, kind: str, as_json: bool, **told: Any) -> None:
    """One run of a kind, tracked when a server stands; prints its record and exits with its code."""
    told = {name: value for name, value in told.items() if value is not None}
    if _server_stands():  # the same run as a tracked flow
        from flows.tracked import NightFailed

        try:
            value = _flow(kind)(**told, **ctx.obj)
        except NightFailed as failure:
            value = failure.value
    else:
        from flows.night import Options, night

        observatory = opened(ctx)
        asked = told.pop("jeu", None)
        only = frozenset([asked]) if asked else frozenset() if kind == "inbox" else None
        with bars() as progress:
            options = Options(kind="source" if asked else kind, full=kind == "yearly", only=only, **told)
            value = night(observatory, options, progress=progress).value
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, default=str))
    else:
        from flows.summary import terminal_summary

        click.echo(terminal_summary(value))
    sys.exit(value["exit_code"])


def _server_stands() -> bool:
    """Is there a server to show the run to? One that is named and silent is said, and the run goes without it."""
    address = os.environ.get("PREFECT_API_URL")
    if not address:
        return False
    from flows.prefect_api import PrefectApi

    if PrefectApi(address).healthy():
        return True
    click.echo("Le serveur Prefect de PREFECT_API_URL ne répond pas : l'exécution se fait sans lui.", err=True)
    return False


def _flow(kind: str) -> Any:
    from flows.alerting import alerts as alerts_flow
    from flows.inbox import inbox as inbox_flow
    from flows.nightly import nightly as nightly_flow
    from flows.yearly import yearly as yearly_flow

    return {"nightly": nightly_flow, "yearly": yearly_flow, "inbox": inbox_flow, "alerts": alerts_flow}[kind]


def _run_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option(
            "--nuit", callback=day, help="Nuit de l'exécution (AAAA-MM-JJ) ; par défaut, celle d'aujourd'hui."
        ),
        click.option(
            "--wait", default=0.0, show_default=True, help="Secondes à attendre la fin d'une autre exécution."
        ),
        click.option("--json", "as_json", is_flag=True, help="Écrire le relevé d'exécution en JSON."),
    ):
        command = option(command)
    return command


@click.command()
@_run_options
@click.option("--only", "jeu", help="Ne redemander que ce jeu de données (producteur/jeu).")
@click.pass_context
def nightly(ctx: click.Context, nuit: dt.date | None, wait: float, as_json: bool, jeu: str | None) -> None:
    """Une nuit : recevoir les données, contrôler, construire, publier, alerter."""
    _run(ctx, "nightly", as_json, nuit=nuit, wait=wait, jeu=jeu)


@click.command()
@_run_options
@click.pass_context
def yearly(ctx: click.Context, nuit: dt.date | None, wait: float, as_json: bool) -> None:
    """Comme nightly, en redemandant aussi tous les millésimes annuels déjà reçus."""
    _run(ctx, "yearly", as_json, nuit=nuit, wait=wait)


@click.command()
@_run_options
@click.pass_context
def inbox(ctx: click.Context, nuit: dt.date | None, wait: float, as_json: bool) -> None:
    """Recevoir les dépôts des services et publier ce qui en vient, sans interroger les producteurs."""
    _run(ctx, "inbox", as_json, nuit=nuit, wait=wait)


@click.command()
@_run_options
@click.pass_context
def alerts(ctx: click.Context, nuit: dt.date | None, wait: float, as_json: bool) -> None:
    """Écrire et envoyer ce que les versions publiées doivent encore dire, sans rien recevoir ni construire."""
    _run(ctx, "alerts", as_json, nuit=nuit, wait=wait)


@click.command()
@click.option("--port", default=4200, show_default=True, help="Port du serveur Prefect, sur cette machine.")
@click.pass_context
def up(ctx: click.Context, port: int) -> None:
    """Tenir l'observatoire debout : serveur Prefect, travailleur, horaires, dépôts reçus dès leur arrivée."""
    from flows.standing import up as stand

    stand(opened(ctx), port=port, say=lambda line: click.echo(line))


@click.command()
@click.argument("jeu")
@click.option("--author", default="", help="Qui le dit (un rôle, un outil), pour le relevé.")
@click.pass_context
def signal(ctx: click.Context, jeu: str, author: str) -> None:
    """Dire au serveur qu'un producteur a changé un JEU de données : il est redemandé sans attendre la nuit."""
    from flows.happenings import source_changed
    from flows.prefect_api import PrefectApi

    if jeu not in opened(ctx).datasets:
        raise ConfigurationError(
            f"Aucune source ne porte ce nom : {jeu}.",
            todo="reprendre un nom de docs/sources.md, comme insee/filosofi.",
        )
    address = os.environ.get("PREFECT_API_URL")
    if not address:
        raise ConfigurationError(
            "Aucun serveur ne peut l'entendre : PREFECT_API_URL n'est pas défini.",
            todo=f"lancer « observatoire nightly --only {jeu} », qui fait le même travail tout de suite.",
        )
    PrefectApi(address).send(source_changed(jeu, author), dt.datetime.now(dt.UTC).replace(microsecond=0))
    click.echo(f"Le serveur va redemander {jeu}.")


@click.command()
@click.option("--sources", is_flag=True, help="Appeler chaque source une fois et dire ce qui diffère du contrat.")
@click.option("--notify", is_flag=True, help="Écrire à l'opérateur quand quelque chose a échoué.")
@click.pass_context
def doctor(ctx: click.Context, sources: bool, notify: bool) -> None:
    """Vérifier l'installation : nuits, horaires, sources en retard, disque, courriel, identifiants, messages dus."""
    from flows.health import examine, notify_operator

    observatory = opened(ctx)
    lines, code = examine(observatory, sources=sources)
    for line in lines:
        click.echo(line)
    if notify and code:
        click.echo(notify_operator(observatory, lines))
    sys.exit(code)


RUNS = (nightly, yearly, inbox, alerts, up, signal, doctor)
