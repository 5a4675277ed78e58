"""Templates of deposits: for one service, a CSV and a workbook with keys and units already written.

Not here: reading a deposit back (saisies) and where files are written (the command line). A row left blank in
`valeur`, `statut`, `source`, `date_saisie` and `commentaire` is no deposit: a service fills what it knows.
The workbook carries lists to choose from and a sheet « Guide »; dates inside it are those of the night, so that the
same catalogue gives the same bytes.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence

from flows.core.words import Niveau, Statut
from flows.sources.saisies_cells import HEADER
from flows.sources.saisies_rules import Awaited

GUIDE = (
    ("À quoi sert ce fichier", "À déposer dans l’observatoire les chiffres que seul votre service connaît."),
    ("Ce qu’il faut remplir", "valeur, statut, source, date_saisie ; commentaire si le chiffre varie beaucoup."),
    ("Ce qu’il ne faut pas changer", "L’en-tête, les identifiants, les codes et les unités."),
    ("Lignes inutiles", "Une ligne laissée vide n’est pas un dépôt : il n’est pas nécessaire de la supprimer."),
    ("valeur", "Un nombre seul, virgule ou point décimal. Jamais d’unité, de formule ni de fourchette."),
    ("statut", "definitif, provisoire ou estime. secret : le chiffre existe, vous demandez qu’il ne soit pas publié. "
     "manquant : vous retirez un chiffre déposé, et le commentaire dit pourquoi."),
    ("periode", "L’année du chiffre (2025). Changez-la librement, ou recopiez la ligne pour une autre année."),
    ("source", "Le document ou l’outil d’où vient le chiffre : il est publié à côté du chiffre."),
    ("saisi_par", "Votre service ou votre rôle, jamais un nom ni une adresse."),
    ("date_saisie", "Le jour où vous remplissez la ligne : 31/03/2026."),
    ("Tout ou rien", "Un dépôt est accepté en entier ou refusé en entier ; le rapport dit chaque ligne à corriger."),
    ("Un chiffre définitif", "Un chiffre provisoire ne le remplace jamais ; un nouveau chiffre définitif, oui."),
    ("Petits effectifs", "Ils sont déposés tels quels ; l’observatoire ne les publie pas, ni ce qui les révélerait."),
)  # fmt: skip
_WIDTHS = {"indicateur_id": 36, "source": 30, "saisi_par": 30, "commentaire": 40}


def slug_of(service: str) -> str:
    """`Réseau de lecture publique` → `reseau-de-lecture-publique`: how a service is named on the command line."""
    flat = unicodedata.normalize("NFKD", service.casefold().replace("’", " "))
    flat = "".join(c for c in flat if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", flat).strip("-")


def rows_of(
    awaited: Sequence[Awaited], territories: Mapping[tuple[str, str], str], nuit: dt.date
) -> list[dict[str, str]]:
    """Prefilled rows: one an indicator and territory that may be deposited, for the last year that is over.

    `territories`: (niveau, code) → name, of the EPCI, its communes and its bassins de vie.
    """
    order = [str(n) for n in (Niveau.EPCI, Niveau.BASSIN_DE_VIE, Niveau.COMMUNE)]
    places = sorted(
        (place for place in territories if place[0] in order), key=lambda p: (order.index(p[0]), territories[p], p[1])
    )
    rows = []
    for one in awaited:
        for niveau, code in places:
            if niveau in one.niveaux:
                row = dict.fromkeys(HEADER, "")
                row |= {"indicateur_id": one.indicateur, "territoire_type": niveau, "territoire_code": code}
                row |= {"periode": str(nuit.year - 1), "unite": one.unite, "saisi_par": one.service}
                rows.append(row)
    return rows


def as_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    """The template as CSV: UTF-8 with BOM, `;`, CRLF: what a French spreadsheet opens without a question."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HEADER, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(
    rows: Sequence[Mapping[str, str]],
    awaited: Sequence[Awaited],
    territories: Mapping[tuple[str, str], str],
    nuit: dt.date,
) -> bytes:
    """The template as a workbook: sheets « Saisie », « Guide », « Listes »."""
    import xlsxwriter  # only where a workbook is written

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": "Modèle de saisie", "created": dt.datetime.combine(nuit, dt.time())})
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EEF2"})
    text = book.add_format({"num_format": "@"})
    fill = book.add_format({"bg_color": "#FFF9E5"})
    date = book.add_format({"num_format": "dd/mm/yyyy", "bg_color": "#FFF9E5"})
    bold, wrap = (
        book.add_format({"bold": True, "valign": "top"}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    sheet = book.add_worksheet("Saisie")
    for j, name in enumerate(HEADER):
        sheet.write_string(0, j, name, head)
        sheet.set_column(j, j, _WIDTHS.get(name, 16), text if name in ("territoire_code", "periode") else None)
    for i, row in enumerate(rows, start=1):
        for j, name in enumerate(HEADER):
            if row[name]:
                sheet.write_string(i, j, row[name], text)
            elif name in ("valeur", "statut", "source", "date_saisie"):
                sheet.write_blank(i, j, None, date if name == "date_saisie" else fill)
    sheet.freeze_panes(1, 0)
    lists = {
        "indicateur_id": [one.indicateur for one in awaited],
        "territoire_type": sorted({niveau for one in awaited for niveau in one.niveaux}),
        "unite": list(dict.fromkeys(one.unite for one in awaited)),
        "statut": [str(s) for s in Statut],
    }
    _guide(book.add_worksheet("Guide"), awaited, bold, wrap)
    choices = book.add_worksheet("Listes")
    last = len(rows) + 500
    for j, (name, values) in enumerate(lists.items()):
        choices.write_string(0, j, name, head)
        choices.set_column(j, j, 34)
        for i, value in enumerate(values, start=1):
            choices.write_string(i, j, value)
        letter = chr(65 + j)
        rule = {
            "validate": "list",
            "source": f"=Listes!${letter}$2:${letter}${len(values) + 1}",
            "error_title": "Valeur non admise",
            "error_message": "Choisir dans la liste (feuille « Listes »).",
        }
        sheet.data_validation(1, HEADER.index(name), last, HEADER.index(name), rule)
    for j, name in enumerate(("niveau", "code", "nom"), start=len(lists) + 1):
        choices.write_string(0, j, name, head)
    for i, ((niveau, code), told) in enumerate(sorted(territories.items()), start=1):
        for j, value in enumerate((niveau, code, told), start=len(lists) + 1):
            choices.write_string(i, j, value)
    book.close()
    return buffer.getvalue()


def _guide(sheet: object, awaited: Sequence[Awaited], bold: object, wrap: object) -> None:
    sheet.set_column(0, 0, 38)  # type: ignore[attr-defined]
    sheet.set_column(1, 1, 110)  # type: ignore[attr-defined]
    for i, (name, words) in enumerate([*GUIDE, ("", ""), *(_about(one) for one in awaited)]):
        sheet.write_string(i, 0, name, bold)  # type: ignore[attr-defined]
        sheet.write_string(i, 1, words, wrap)  # type: ignore[attr-defined]


def _about(one: Awaited) -> tuple[str, str]:
    """What a service must know of one indicator, in one line."""
    parts = [one.titre + ".", f"À déposer : {one.objet[0].lower() + one.objet[1:]}." if one.objet else ""]
    parts.append(f"Unité : {one.unite}.")
    if one.minimum is not None and one.maximum is not None:
        parts.append(f"Entre {_fr(one.minimum)} et {_fr(one.maximum)}.")
    if one.variation is not None:
        parts.append(f"Au-delà de {_fr(one.variation)} % de variation, un commentaire est demandé.")
    if one.seuil is not None:
        parts.append(f"Les effectifs de 1 à {one.seuil - 1} ne sont pas publiés.")
    parts.append(f"Niveaux : {', '.join(one.niveaux)}.")
    return one.indicateur, " ".join(part for part in parts if part)


def _fr(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".").replace(",", "\u202f").replace(".", ",")
