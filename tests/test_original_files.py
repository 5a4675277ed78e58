"""Every reference file that is marked ORIGINAL goes through the decoder of its source, or is listed with a reason.

Whole workbooks, recorded API answers and excerpts have their own tests (tests/sources); here it is the list that is
held whole: a file marked ORIGINAL that neither list names fails.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from flows.core.datasets import Dataset, Page
from flows.settings import load_settings
from flows.sources import insee_files, insee_filosofi, odt, registry
from tests.nights import ROOT
from tests.sources_b.test_places_errors import METADATA

pytestmark = pytest.mark.shared

# File → the dataset whose decoder reads it and how many rows come out at least.
READ = {
    "emploi_chomage/RAW_chomage-zone-t1-2003-t3-2023.xlsx": ("insee/chomage_ze", 20_000),
    "emploi_chomage/RAW_sl_etc_2025T3.xls": ("insee/chomage_departement", 15_000),
    "energy/enedis_production_commune_2015_2016_dep59.csv": ("enedis/production", 200),
    "filosofi/cc_filosofi_2020_COM_dep59.csv": ("insee/filosofi_fichiers", 1_000),
    "rp/base_cc_comparateur_2022_dep59.CSV": ("insee/comparateur", 5_000),
    "social/delinquance/ssmsi_donnee-dep-2024_dep59.csv": ("ssmsi/delinquance", 5),
    "social/delinquance/ssmsi_donnee-dep-2023_dep59.csv": ("ssmsi/delinquance", 5),
    "social/delinquance/ssmsi_donnee-reg-2023_reg32.csv": ("ssmsi/delinquance", 5),
    "social/lovac/lovac_opendata_dep_hdf.csv": ("lovac/parc_prive", 15),
    "social/neet/odt_neet_15_24_communes_2008_2013_2018.csv": ("odt/non_inseres", 246),
    "social/neet/odt_neet_15_24_departement.csv": ("odt/non_inseres", 6),
    "social/neet/odt_neet_15_24_epci_2008_2013_2018.csv": ("odt/non_inseres", 6),
    "social/neet/odt_neet_15_24_region.csv": ("odt/non_inseres", 6),
    "territory/energie/odre_sites_injection_biomethane_region32_2022.csv": ("odre/biomethane", 60),
    "territory/energie/ore_conso_annuelle_departement_2011_2021_region32.csv": ("ore/departements", 300),
    "territory/logement/lovac_vacance_parc_prive_communes_2021_2022.csv": ("lovac/parts_communes", 67),
    "territory/mobilite/rpc_trajets_covoiturage_epci_2024.csv": ("rpc/trajets_epci", 2),
    "territory/services/france_services_liste_20240801_caph_cavm.csv": ("anct/france_services", 9),
}
_SIRSE = "an export of SIRSé, which has no address that can be asked"
_CARTOSANTE = "an export of CartoSanté, which has no address that can be asked"
_CAF_IRIS = "households by IRIS, another file than the one by commune that the source reads"
# File → why no source reads it.
NOT_READ = {
    "filosofi/FILO2021_DEC_COM_dep59.csv": "declared income; the observatory reads disposable income",
    "filosofi/cc_filosofi_2021_COM_dep59.csv": "the vintage of 2021 is read from Melodi (insee/filosofi)",
    "rp/meta_base_cc_comparateur_2022_dep59.CSV": "the dictionary of the comparateur, which holds no figure",
    "social/recensement/briatte_census-stats_2021_caph_cavm.tsv": "an author's own computation, with no publisher",
    "social/sirse/sirse_communes_2016.csv": _SIRSE,
    "social/sirse/sirse2_densite_2016.csv": _SIRSE,
    "social/sirse/sirse3_residences_principales_2016.csv": _SIRSE,
    "social/sirse/cartosante_generalistes_2019.csv": _CARTOSANTE,
    **{f"social/caf/data_CAF_{year}_IRIS_caph_cavm.csv": _CAF_IRIS for year in range(2016, 2021)},
    "territory/emploi/sirse_part_emploi_precaire_2022_communes.csv": _SIRSE,
    "territory/logement/bdt_logements_sociaux_departements_region32.csv": "stocks by département; RPLS is read",
    "territory/mobilite/aires_covoiturage_type_epci_2025.csv": "no indicator counts car-sharing areas",
    "territory/sante/cartosante_distance_pharmacie_2024_communes.csv": _CARTOSANTE,
    "territory/sante/cartosante_distance_structure_urgence_2024_communes.csv": _CARTOSANTE,
    "territory/epci_indicateurs/clc2018_territoires_artificialises_epci.csv": "a stock of 2018; the flow is read",
    "territory/epci_indicateurs/odt_logements_suroccupes_2021_epci.csv": "shares rounded to the unit, of two EPCI",
    "territory/risques/geoclip_risques_majeurs_communes_2019_2024.csv": "a view of GASPAR; Géorisques is read",
}
ODT = {"communes": odt.LEVELS["communes"], "epci": odt.LEVELS["epci"], "departement": "dep", "region": "reg"}
ELSEWHERE = r"whole original workbook|RAW BYTES"  # how the other lines of the list say that bytes are the publisher's


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dataset]:
    return registry(load_settings(root=ROOT, warehouse=tmp_path_factory.mktemp("entrepot")).territory)


def test_the_list_of_original_files_is_whole(shared: Path) -> None:
    marked = set()
    for line in (shared / "data" / "SOURCES.md").read_text(encoding="utf-8").splitlines():
        if not line.startswith("- `") or not re.search(rf"\bORIGINAL\b|{ELSEWHERE}", line):
            continue
        names = re.findall(r"`([^`]+\.\w+)`", line.split("—")[0])
        room = names[0].split("/")[0]
        marked |= {name if (shared / "data" / name).exists() else f"{room}/{name}" for name in names}
    assert marked == set(READ) | set(NOT_READ)
    assert not set(READ) & set(NOT_READ)
    assert all((shared / "data" / name).exists() for name in marked)


@pytest.mark.parametrize("name", READ)
def test_an_original_file_is_read_by_its_source(name: str, shared: Path, every: dict[str, Dataset]) -> None:
    jeu, least = READ[name]
    table = every[jeu].decode(_pages(name, jeu, (shared / "data" / name).read_bytes()))
    assert table.schema.equals(every[jeu].schema) and table.num_rows >= least


def _pages(name: str, jeu: str, body: bytes) -> list[Page]:
    """The file as the edition of its source holds it: in the publisher's archive, counted, under its address."""
    if jeu == "insee/filosofi_fichiers":
        (year,) = re.findall(r"20\d\d", name)
        return [Page(f"{insee_filosofi.BASE}/{insee_filosofi.VINTAGES[int(year)]}", _zip(name, body), name="archive")]
    if jeu == "insee/comparateur":
        return [Page(insee_files.COMPARATEUR, _zip(name, body), name="archive")]
    if jeu in ("enedis/production", "odre/biomethane"):
        count = json.dumps({"total_count": len(body.splitlines()) - 1, "results": []}).encode()
        return [
            Page("https://editeur.example/count", count, name="count"),
            Page("https://editeur.example", body, name="data"),
        ]
    if jeu.startswith("odt/"):
        level = next(code for word, code in ODT.items() if word in name)
        return [Page(f"{odt.ADDRESS}?nivgeo={level}", body, name="donnees")]
    if jeu == "anct/france_services":
        return [METADATA, Page("https://editeur.example/fichier", body, name="data")]
    role = {"lovac/parc_prive": "data-departements"}.get(jeu, "classeur" if jeu.startswith("insee/") else "data")
    return [Page("https://editeur.example/fichier", body, name=role)]


def _zip(name: str, body: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name.rsplit("/", 1)[-1].replace("_dep59", ""), body)
    return out.getvalue()
