"""Every row of tests/officiel.csv tried on figures worked out from the demonstration tables, and each can fail."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.demonstration.carry.tables import CARRIERS
from tests.officiel.comparison import Published, difference
from tests.officiel.counts import COMPARED
from tests.officiel.reader import read, same_file
from tests.officiel.stand_in import StandIn

ROOT = Path(__file__).resolve().parents[2]
TABLES = {  # the demonstration tables that an indicator comes from
    "apl_medecins_generalistes": ["drees__apl_generalistes"],
    "consommation_enaf": ["cerema__consommation_enaf"],
    "consommation_energie_finale": ["ore__consommation"],
    "emissions_ges": ["ges__inventaire_communal"],
    "part_logements_dpe_fg": ["ademe_dpe__etiquettes"],
    "points_recharge_irve": ["irve__points"],
    "population": ["insee__populations"],
    "production_enr": ["odre__registre"],
    "revenu_median_uc": ["insee__filosofi", "insee__filosofi_fichiers"],
    "taux_chomage_zone_emploi": ["insee__chomage_ze", "insee__chomage_departement"],
    "taux_pauvrete": ["insee__filosofi", "insee__filosofi_fichiers"],
    "taux_vacance": ["insee__comparateur"],
}

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def stand_in():
    return StandIn(ROOT / "warehouse/demonstration")


def published(stand_in, observations=None):
    rows = stand_in.observations if observations is None else observations
    return Published(rows, stand_in.indicators, stand_in.territories)


def test_the_demonstration_says_what_the_official_files_say(shared_data, stand_in, record_property):
    release, rows = published(stand_in), read()
    wrong = [
        f"ligne {row.line}, {row.id} : {text}" for row in rows if (text := difference(row, shared_data, release))
    ]
    record_property(COMPARED, ("official figures", "demonstration tables", len(rows), same_file(rows)))
    assert not wrong, "\n".join(wrong[:40])


def test_every_row_fails_when_its_figure_moves(shared_data, stand_in):
    """Five per cent and a half more everywhere, then nothing secret, then nothing published."""
    rows = read()
    moved = [r | {"valeur": None if r["valeur"] is None else r["valeur"] * 1.05 + 0.5} for r in stand_in.observations]
    release = published(stand_in, moved)
    assert [r.id for r in rows if r.mesure in ("valeur", "somme") and not difference(r, shared_data, release)] == []
    told = [
        r | ({"statut": "definitif", "valeur": 0.0} if r["valeur"] is None else {}) for r in stand_in.observations
    ]
    release = published(stand_in, told)
    assert [
        r.id for r in rows if r.mesure in ("secret", "nombre_secrets") and not difference(r, shared_data, release)
    ] == []
    release = published(stand_in, [])
    assert [r.id for r in rows if not difference(r, shared_data, release)] == []


@pytest.fixture
def files_of(shared_data, monkeypatch):
    """Demonstration table → the reference files that its carrying-over opens, as seen by opening them."""
    opened: set[str] = set()
    plain_open = Path.open

    def spy(self, *arguments, **options):
        if self.is_relative_to(shared_data):
            opened.add(self.relative_to(shared_data).as_posix())
        return plain_open(self, *arguments, **options)

    def files(name: str) -> set[str]:
        opened.clear()
        with monkeypatch.context() as patch:
            patch.setattr(Path, "open", spy)
            list(CARRIERS[name](shared_data))
        return set(opened)

    return files


def test_origine_says_whether_the_demonstration_came_from_the_same_file(files_of):
    files = {name: set().union(*(files_of(t) for t in tables)) for name, tables in TABLES.items()}
    assert all(len(found) > 0 for found in files.values())
    wrong = [
        (row.line, row.id, row.fichier)
        for row in read()
        if row.origine != ("meme" if row.fichier in files[row.indicateur] else "autre")
    ]
    assert not wrong


def test_what_was_asked_for_is_in_the_table():
    rows = read()
    assert {row.indicateur for row in rows} == set(TABLES)
    medians = Counter(
        r.territoire_code for r in rows if r.indicateur == "revenu_median_uc" and r.territoire_niveau == "commune"
    )
    assert sum(count >= 3 for count in medians.values()) >= 5
    assert any(r.mesure == "nombre_secrets" and r.periode == "2021" and r.indicateur == "taux_pauvrete" for r in rows)
    counts = [r for r in rows if r.mesure == "nombre_communes"]
    assert {r.territoire_code for r in counts} >= {"200042190", "245901160", ""}
    quarters = {r.periode for r in rows if r.territoire_niveau == "zone_emploi" and r.territoire_code == "3222"}
    assert len(quarters) >= 5
    for name in TABLES.keys() - {"taux_pauvrete", "taux_chomage_zone_emploi"}:
        assert {r.territoire_code for r in rows if r.indicateur == name and r.territoire_niveau == "epci"} == {
            "200042190",
            "245901160",
        }
