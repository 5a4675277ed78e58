"""The services' deposits (saisies) as one cumulative dataset: each accepted file is an edition of it.

Not here: taking files in (flows.depositing, flows.landing.inbox), what they may say beside the catalogue
(saisies_rules), hiding small counts (the warehouse). Nothing is fetched: a deposit arrives in `warehouse/inbox/`.
Decoding asks of the bytes only what they say alone, so that a deposit accepted under an older catalogue stays
readable. Bytes are never public: a service may deposit counts that publication withholds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.errors import DecodeError, SourceError
from flows.core.words import Accumulation, Cycle
from flows.sources.saisies_cells import Problem, Sheet
from flows.sources.saisies_csv import MAX_BYTES, read_csv
from flows.sources.saisies_rows import Figure, Verified, written
from flows.sources.saisies_rules import Awaited, Reference, verify
from flows.sources.saisies_xlsx import is_workbook, read_xlsx

ID = "saisies/indicateurs"
PARTITION = "depots"
SUFFIXES = (".csv", ".xlsx")
SCHEMA = pa.schema(
    [
        ("indicateur", pa.string()),
        ("territoire_niveau", pa.string()),
        ("territoire_code", pa.string()),
        ("periode", pa.string()),
        ("valeur", pa.float64()),
        ("unite", pa.string()),
        ("statut", pa.string()),
        ("source", pa.string()),
        ("saisi_par", pa.string()),
        ("date_saisie", pa.date32()),
        ("commentaire", pa.string()),
    ]
)
KEY = ("indicateur", "territoire_niveau", "territoire_code", "periode")


def read(body: bytes) -> Sheet:
    """Rows of a deposit as text, whatever it is (CSV or workbook), with every problem of its form."""
    if len(body) > MAX_BYTES:
        return too_big()
    return read_xlsx(body) if is_workbook(body) else read_csv(body)


def too_big() -> Sheet:
    """What a file that is too big to be read gives."""
    reason = f"le fichier pèse plus que les {MAX_BYTES // 1_000_000} Mo admis"
    todo = "n’y garder que la feuille « Saisie », ou le couper en plusieurs."
    return Sheet(problems=[Problem(0, "", reason, todo)])


def judge(body: bytes, reference: Reference, name: str = "") -> tuple[Sheet, Verified]:
    """Everything the contract says of a file; its rows are only understood when its form is right.

    Args:
        name: name of the file, whose extension must be that of its content; "" to leave it out.
    """
    sheet = read(body)
    if reason := _extension(name, body):
        todo = "enregistrer le modèle au format CSV ou .xlsx."
        return sheet, Verified(problems=[Problem(0, "", reason, todo)])
    if sheet.problems and not sheet.rows:
        return sheet, Verified(problems=sorted(set(sheet.problems)))
    verified = verify(sheet.rows, reference)
    if sheet.problems:  # rows that could not be read may be those said to be missing
        verified.problems = sorted({*sheet.problems, *(p for p in verified.problems if p.line)})
    return sheet, verified


def _extension(name: str, body: bytes) -> str:
    if not name:
        return ""
    suffix = "." + name.rsplit(".", 1)[-1].casefold() if "." in name else ""
    if suffix not in SUFFIXES:
        return f"l’extension « {suffix[:12] or 'absente'} » n’est pas admise"
    if (suffix == ".xlsx") != is_workbook(body):
        return f"le contenu du fichier n’est pas celui d’un « {suffix} »"
    return ""


def decode(pages: Sequence[Page]) -> pa.Table:
    """One row a figure of the deposit, in the order of its key; rows that the service left blank are left out.

    Raises:
        DecodeError: the bytes do not follow the contract; the message tells every problem.
    """
    if len(pages) != 1:
        raise DecodeError(f"Un dépôt tient en un fichier, {len(pages)} reçus.", where=ID)
    sheet = read(pages[0].body)
    found = written(sheet.rows)
    problems = sorted({*sheet.problems, *found.problems})
    if problems:
        told = " ; ".join(f"ligne {p.line}, {p.column or 'fichier'} : {p.reason}" for p in problems[:12])
        raise DecodeError(
            f"Le dépôt ne suit pas le contrat ({len(problems)} problème(s)) : {told}.",
            where=f"{pages[0].address}, ligne {problems[0].line}",
            todo="corriger le fichier et le déposer à nouveau (docs/guide-services.md).",
        )
    rows = sorted((_row(figure) for figure in found.figures), key=lambda r: [r[k] for k in (*KEY, "statut")])
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _row(figure: Figure) -> dict[str, Any]:
    return {
        "indicateur": figure.indicateur,
        "territoire_niveau": figure.niveau,
        "territoire_code": figure.code,
        "periode": figure.periode,
        "valeur": figure.valeur,
        "unite": figure.unite,
        "statut": figure.statut,
        "source": figure.source,
        "saisi_par": figure.saisi_par,
        "date_saisie": figure.date_saisie,
        "commentaire": figure.commentaire,
    }


def awaited(indicator: Mapping[str, Any]) -> Awaited:
    """What a row of the catalogue (`indicateur` and the keys of its yml) asks of a deposit."""
    return Awaited(
        indicateur=indicator["indicateur"],
        titre=indicator["titre"],
        service=indicator["service"],
        unite=indicator["saisie_unite"] or indicator["unite"],
        objet=indicator["saisie_objet"],
        minimum=indicator["saisie_min"],
        maximum=indicator["saisie_max"],
        variation=indicator["saisie_variation"],
        seuil=indicator["saisie_seuil"],
        niveaux=tuple(str(niveau) for niveau in indicator["saisie_niveaux"]),
        periode_mois=indicator["periode_mois"],
        decimales=indicator["decimales"],
    )


def _fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    raise SourceError(
        "Un dépôt ne se demande pas au réseau.", todo="le déposer dans warehouse/inbox (docs/guide-services.md)."
    )
    yield  # a generator, like every other fetch


def datasets(territory: Territory) -> list[Dataset]:
    """`saisies/indicateurs`."""
    return [
        Dataset(
            id=ID,
            titre="Saisies des services",
            editeur=f"Services et partenaires de l’agglomération ({territory.nom})",
            licence="interne",
            attribution=f"Services de l’agglomération, {territory.nom}",
            page="",
            periodicite="au fil des dépôts",
            periode_mois=0,
            delai_mois=0,
            cycle=Cycle.NOCTURNE,
            accumulation=Accumulation.CUMULATIF,
            key=KEY,
            niveaux=("epci", "commune"),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [],
            fetch=_fetch,
            decode=decode,
            absences="Un service ne dépose que ce qu’il connaît : une commune absente d’un dépôt est ordinaire.",
            empty_expected=True,
            brut_public=False,
            raison_brut_prive=(
                "Un dépôt peut contenir des effectifs trop petits pour être publiés : le fichier reste à "
                "l’observatoire, son empreinte est publique."
            ),
        )
    ]
