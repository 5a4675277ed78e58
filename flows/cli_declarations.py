"""Commands about declarations: `observatoire check`, `new`, `document`.

Not here: what they check and write (declaring, scaffolding, documenting).
"""

from __future__ import annotations

import sys

import click

from flows.core.errors import ConfigurationError
from flows.core.words import ExitCode


@click.command()
def check() -> None:
    """Relire toutes les déclarations (indicateurs, suites, tables, sources) et dire ce qui ne va pas."""
    from flows.declaring import check as check_all
    from flows.settings import load_settings

    settings = load_settings()
    problems = check_all(settings.paths, settings.territory)
    for problem in problems:
        click.echo(problem.in_french())
    if problems:
        click.secho(f"{len(problems)} problème(s).", fg="red", bold=True, err=True)
        sys.exit(ExitCode.FAILURE)
    click.echo("Toutes les déclarations se tiennent.")


@click.command()
@click.argument("kind", type=click.Choice(["source", "indicator", "saisie"]))
@click.argument("name")
@click.option("--computed", is_flag=True, help="Écrire aussi la requête d'un indicateur calculé.")
def new(kind: str, name: str, computed: bool) -> None:
    """Écrire les fichiers d'une nouvelle source (producteur/jeu), d'un indicateur ou d'une saisie."""
    from flows.scaffolding import new as write_new
    from flows.settings import load_settings

    settings = load_settings()
    for path in write_new(settings.paths, kind, name, computed=computed):
        click.echo(f"Écrit : {path.relative_to(settings.paths.root).as_posix()}")
    click.echo("Compléter ce qui commence par « À écrire », puis lancer « observatoire check ».")


@click.command()
@click.option("--check", "only_check", is_flag=True, help="Ne rien écrire ; échouer si une page a changé.")
def document(only_check: bool) -> None:
    """Réécrire ce qui, dans docs/, découle des déclarations."""
    from flows.documenting import documents
    from flows.settings import load_settings

    settings = load_settings()
    stale = []
    for path, text in documents(settings.paths, settings.territory).items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.relative_to(settings.paths.root).as_posix())
        if not only_check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if only_check and stale:
        raise ConfigurationError(
            "Des pages ne disent plus ce que disent les déclarations.",
            where=", ".join(stale),
            todo="lancer « observatoire document » et relire.",
        )
    click.echo(f"Réécrit : {', '.join(stale)}" if stale else "Rien à réécrire.")


COMMANDS = (check, new, document)
