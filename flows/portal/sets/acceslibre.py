"""Acceslibre: SIMULATED establishments, behind data.gouv.fr and its tabular API.

Nothing here was described by anyone: a share of the simulated facilities of `insee__bpe_points` is drawn, with shops
beside them. The real header has some hundred columns; those that identify, locate and describe the entrance are kept.

Not here: the tabular API itself (`flows.portal.tabular`).
"""

from __future__ import annotations

from flows.portal import tabular
from flows.portal.datagouv_files import File
from flows.portal.drawing import chance, count, places
from flows.portal.figures import Figures, Row, View, spec
from flows.portal.payloads import Csv, words

_COLUMNS = "id code_insee activite entree_plain_pied entree_marches entree_largeur_mini"
_HEADER = words(
    "id name postal_code commune numero voie lieu_dit code_insee siret activite contact_url site_internet longitude "
    "latitude transport_station_presence stationnement_presence cheminement_ext_presence entree_reperage "
    "entree_plain_pied entree_ascenseur entree_marches entree_marches_rampe entree_largeur_mini entree_pmr "
    "accueil_personnels sanitaires_presence commentaire"
)
# Activity in the base, and inhabitants for one described establishment.
_ACTIVITIES = {
    "Mairie": 5200,
    "École primaire": 3600,
    "École maternelle": 8200,
    "Collège": 19000,
    "Bureau de poste": 14000,
    "Bibliothèque médiathèque": 12000,
    "Centre sportif": 7000,
    "Pharmacie": 5200,
    "Médecin généraliste": 4800,
    "Boulangerie Pâtisserie": 3900,
    "Restaurant": 2600,
    "Coiffeur": 3600,
}


def simulate(figures: Figures) -> list[Row]:
    """Establishments of every commune; one in six has no described entrance."""
    rows: list[Row] = []
    for place in places(figures):
        draw = chance("acceslibre__erp", place.code)
        for activity, per in _ACTIVITIES.items():
            for number in range(count(place.population, per, draw)):
                flat = draw.choice(("True", "True", "False", "False", "True", ""))
                rows.append(
                    {
                        "id": f"demo-{place.code}-{len(rows):05d}-{number}",
                        "code_insee": place.code,
                        "activite": activity,
                        "entree_plain_pied": flat,
                        "entree_marches": str(draw.randint(1, 6)) if flat == "False" else "",
                        "entree_largeur_mini": str(draw.choice((80, 90, 100, 140))) if flat else "",
                    }
                )
    return rows


TABLES = {"acceslibre__erp": spec(_COLUMNS, "code_insee", "entree_largeur_mini", simulate=simulate)}


def payload(view: View) -> Csv:
    """The file of data.gouv.fr, comma separated."""
    lines = [
        [
            {
                **row,
                "name": f"Établissement simulé {row['id']}",
                "commune": view.figures.communes[row["code_insee"]]["nom"],
            }.get(name, "")
            for name in _HEADER
        ]
        for row in view.rows("acceslibre__erp")
    ]
    return Csv(_HEADER, lines)


FILES = (
    File(
        dataset="60a528e8b656ce01b4c0c0a6",
        slug="accessibilite-des-etablissements-recevant-du-public-erp-pour-les-personnes-en-situation-de-handicap",
        dataset_title="Accessibilité des établissements recevant du public (ERP)",
        organisation="Acceslibre",
        licence="lov2",
        frequency="weekly",
        resource="5c2e9d1a-77b4-4a55-9d3f-0a1b2c3d4e5f",
        title="acceslibre.csv",
        name="acceslibre.csv",
        modified="2026-11-16T23:17:14",
        main="code_insee",
        payload=payload,
    ),
)
ROUTES = {tabular.HOST: tabular.answer}
