"""ANCT: France services places of our communes (REAL, list of 1 August 2024) and SIMULATED digital places.

The header of the list is the publisher's own; telephones, mails, addresses and opening hours are not carried: they
stay empty. The real file is national: this one holds the places of the demonstration communes. The digital places are
drawn (`flows.portal.drawing`) and written with the columns of the national schema of digital inclusion places.

Not here: the tabular API (`flows.portal.tabular`).
"""

from __future__ import annotations

from flows.portal.datagouv_files import File
from flows.portal.drawing import chance, count, places
from flows.portal.figures import Figures, Row, View, spec
from flows.portal.payloads import Csv, words

_SERVICES = "id_fs insee_dep lib_fs insee_com latitude longitude type_fs format_fs labellisation_fs date_liste"
_SERVICES_HEADER = words(
    "id_fs insee_dep lib_fs adresse complement_adresse insee_com code_postal lib_com latitude longitude mail "
    "telephone h_lundi h_mardi h_mercredi h_jeudi h_vendredi h_samedi prise_rdv commentaire type_fs format_fs "
    "groupe_fs labellisation_fs"
)
_PLACES = "id code_insee nom itinerance date_maj"
_PLACES_HEADER = words(
    "id pivot nom commune code_postal code_insee adresse complement_adresse latitude longitude typologie telephone "
    "courriels site_web horaires presentation_resume presentation_detail source itinerance structure_parente "
    "date_maj services publics_specifiquement_adresses prise_en_charge_specifique frais_a_charge "
    "dispositif_programmes_nationaux formations_labels autres_formations_labels modalites_acces "
    "modalites_accompagnement fiche_acces_libre prise_rdv"
)


def simulate(figures: Figures) -> list[Row]:
    """Digital places of every commune, about one for 5,500 inhabitants; one in eight moves about."""
    rows: list[Row] = []
    for place in places(figures):
        draw = chance("anct__mediation_numerique", place.code)
        for number in range(count(place.population, 5500, draw)):
            rows.append(
                {
                    "id": f"demo-{place.code}-{number:02d}",
                    "code_insee": place.code,
                    "nom": f"Lieu numérique simulé {number + 1} de {place.nom}",
                    "itinerance": draw.choice(("Fixe",) * 7 + ("Itinérant",)),
                    "date_maj": f"2026-{draw.randint(1, 10):02d}-{draw.randint(1, 28):02d}",
                }
            )
    return rows


TABLES = {
    "anct__france_services": spec(_SERVICES, "insee_com", "latitude"),
    "anct__mediation_numerique": spec(_PLACES, "code_insee", "", simulate=simulate),
}


def services(view: View) -> Csv:
    """The list of France services: every text quoted, comma separated."""
    lines = []
    for row in view.rows("anct__france_services"):
        year, month, day = row["labellisation_fs"].split("-")
        commune = view.figures.communes.get(row["insee_com"], {}).get("nom", "")
        cells = {**row, "lib_com": commune, "labellisation_fs": f"Espace labellisé {day}/{month}/{year}"}
        lines.append([cells.get(name, "") for name in _SERVICES_HEADER])
    return Csv(_SERVICES_HEADER, lines, quote="all")


def mediation(view: View) -> Csv:
    """The national map of digital places."""
    lines = []
    for row in view.rows("anct__mediation_numerique"):
        cells = {**row, "commune": view.figures.communes.get(row["code_insee"], {}).get("nom", "")}
        lines.append([cells.get(name, "") for name in _PLACES_HEADER])
    return Csv(_PLACES_HEADER, lines)


FILES = (
    File(
        dataset="61f3d4c5b6a798012e3f4a5b",
        slug="liste-des-structures-france-services",
        dataset_title="Liste des structures France services",
        organisation="Agence nationale de la cohésion des territoires (ANCT)",
        licence="lov2",
        frequency="irregular",
        resource="afc3f97f-0ef5-429b-bf16-7b7876d27cd4",
        title="Liste des France services",
        name="liste-fs-20240801.csv",
        modified="2024-08-01T09:00:00",
        main="insee_com",
        payload=services,
    ),
    File(
        dataset="62a1b2c3d4e5f60718293a4b",
        slug="lieux-d-inclusion-numerique-sur-le-territoire-national",
        dataset_title="Lieux d'inclusion numérique sur le territoire national",
        organisation="La Mednum",
        licence="lov2",
        frequency="daily",
        resource="398edc71-0d51-4cb6-9cbe-2540a4db573c",
        title="Lieux de médiation numérique",
        name="mediation-numerique.csv",
        modified="2026-11-18T04:00:00",
        main="code_insee",
        payload=mediation,
    ),
)
