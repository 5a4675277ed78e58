"""Gate 2: the suite of the candidate on a small release, and every one of its rules refused once."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from flows.core.tables import TABLES
from flows.quality.checks import Subject
from flows.quality.gate import Job, evaluate_many
from tests.quality import frames
from tests.tiny_release import tiny_release

SUBJECT = Subject("candidat", empreinte="f" * 64)
NUIT = dt.date(2026, 11, 20)
ENERGY, INCOME, APL = "consommation_energie_finale", "revenu_median_uc", "apl_medecins_generalistes"
SMR, GAP, IDH4 = "ratio_mortalite_standardise", "ecart_esperance_vie_france", "idh4"
SOUND = {APL: 4.5, SMR: 121.0, GAP: -2.4, IDH4: 0.46}  # plausible figures of the EPCI
CAPH = "200042190"


def figure(rows, slug, niveau, code, periode, valeur, **more):
    like = next(r for r in rows if r["indicateur"] == "population" and r["territoire_niveau"] == "epci")
    return {
        **like,
        "indicateur": slug,
        "territoire_niveau": niveau,
        "territoire_code": code,
        "periode": periode,
        "annee": float(periode[:4]),
        "valeur": valeur,
        "statut": "definitif",
        **more,
    }


def release(change=lambda rows: rows, **tables):
    """A tiny release with the indicators the suite names: energy over three years, and one figure of others."""
    source = tiny_release()
    members = [r for r in source.table("dim_territory").to_pylist() if r["niveau"] == "commune" and r["epci"] == CAPH]

    def indicators(rows):
        like = next(r for r in rows if r["indicateur"] == "consommation_enaf")
        more = {"ordre": 90, "jeux": ["geo/communes"], "contexte": True}
        return [*rows, *({**like, **more, "indicateur": slug} for slug in (ENERGY, *SOUND))]

    def observations(rows):
        out = [r for r in rows if not (r["territoire_niveau"] == "epci" and r["indicateur"] == "population")]
        for slug, unit in ((ENERGY, 10.0), ("population", 100.0)):
            for year in ("2019", "2020", "2021"):
                out = [
                    r
                    for r in out
                    if not (r["indicateur"] == slug and r["periode"] == year and r["territoire_niveau"] == "commune")
                ]
                out += [figure(rows, slug, "commune", m["code"], year, unit) for m in members]
                out.append(figure(rows, slug, "epci", CAPH, year, unit * len(members)))
        out += [figure(rows, slug, "epci", CAPH, "2021", value) for slug, value in SOUND.items()]
        return change(out)

    def statuses(rows):
        like = next(r for r in rows if r["etat"] == "sans_objet")
        return [*rows, *({**like, "indicateur": slug} for slug in (ENERGY, *SOUND))]

    given = {"dim_indicator": indicators, "fct_observation": observations, "fct_status": statuses}
    for name, more in tables.items():
        base = given.get(name, lambda rows: rows)
        given[name] = lambda rows, base=base, more=more: more(base(rows))
    return tiny_release(**given)


def tables_of(suite, source, **landed):
    return {
        name: landed.get(name) or (source.table(name) if name in TABLES else frames.demonstration(name))
        for name in suite.tables
    }


def edit(slug, niveau=None, **change):
    def of(rows):
        return [
            {**r, **change} if r["indicateur"] == slug and niveau in (None, r["territoire_niveau"]) else r
            for r in rows
        ]

    return of


def first(slug, **change):
    """Change one figure of an indicator."""

    def of(rows):
        done = False
        out = []
        for r in rows:
            if not done and r["indicateur"] == slug and r["valeur"] is not None:
                r, done = {**r, **change}, True
            out.append(r)
        return out

    return of


def key_of(row):
    return row["indicateur"], row["territoire_code"], row["periode"]


def without(slug, periode):
    return lambda rows: [r for r in rows if not (r["indicateur"] == slug and r["periode"] == periode)]


def moved_population():
    table = frames.demonstration("geo__communes")
    place = table.schema.get_field_index("population")
    return table.set_column(place, "population", pa.array([v * 2 for v in table["population"].to_pylist()]))


BROKEN = {
    "candidat_indicateur_sans_chiffre": dict(change=edit(APL, statut="manquant", valeur=None)),
    "candidat_communes_perdues": dict(
        change=lambda rows: [r for r in rows if key_of(r) != (ENERGY, "59002", "2021")]
    ),
    "candidat_communes_attendues": dict(change=lambda rows: [r for r in rows if r["territoire_code"] != "59002"]),
    "candidat_observations_stables": dict(change=without(ENERGY, "2019")),
    "candidat_secret_stable": dict(change=edit(ENERGY, "commune", statut="secret", valeur=None)),
    "candidat_revisions": dict(change=edit(ENERGY, "epci", valeur=9999.0)),
    "candidat_total_et_somme": dict(change=edit(ENERGY, "epci", valeur=9999.0)),
    "candidat_population_geo_insee": dict(landed={"geo__communes": moved_population}),
    "candidat_population_meme_commune": dict(landed={"geo__communes": moved_population}),
    "candidat_annees_energie": dict(change=without(ENERGY, "2020")),
    "candidat_variation_annuelle": dict(
        change=lambda rows: [
            {**r, "valeur": 1.0} if key_of(r) == (ENERGY, CAPH, "2020") else r
            for r in rows
        ]
    ),
    "candidat_pourcentages": dict(change=edit("taux_pauvrete", "epci", valeur=140.0)),
    "candidat_quantites_positives": dict(change=first(ENERGY, valeur=-1.0)),
    "candidat_revenus_plausibles": dict(change=first(INCOME, valeur=800_000.0)),
    "candidat_apl_plausible": dict(change=edit(APL, valeur=370.0)),
    "candidat_mortalite_plausible": dict(change=edit(SMR, valeur=1.05)),
    "candidat_ecart_esperance_plausible": dict(change=edit(GAP, valeur=-14.0)),
    "candidat_idh4_entre_zero_et_un": dict(change=edit(IDH4, valeur=52.0)),
    "candidat_rien_a_venir": dict(change=first(APL, periode="2028", annee=2028.0)),
    "candidat_annee_en_cours": dict(change=first(APL, periode="2026", annee=2026.0)),
    "candidat_statuts_complets": dict(
        tables={"fct_status": lambda rows: [r for r in rows if r["indicateur"] != APL]}
    ),
    "candidat_etats_expliques": dict(
        tables={
            "fct_status": lambda rows: [
                {**r, "raison_texte": ""} if r["etat"] == "non_evaluable" else r for r in rows
            ]
        }
    ),
    "candidat_corrections_tenues": dict(
        tables={"dim_correction": lambda rows: [{**r, "etat": "perimee", "detail": "autre"} for r in rows]}
    ),
}  # fmt: skip


def job(suite, case=None):
    case = case or {}
    source = release(case.get("change", lambda rows: rows), **case.get("tables", {}))
    before = release()
    landed = {name: make() for name, make in case.get("landed", {}).items()}
    parameters = {
        "nuit": NUIT,
        "communes": frames.communes(),
        "predecesseur": {name: before.table(name) for name in suite.tables if name in TABLES},
    }
    return Job(suite, tables_of(suite, source, **landed), parameters, (), SUBJECT)


def test_every_rule_of_the_candidate_can_fail(suites):
    suite = suites["candidat"]
    assert set(BROKEN) == {rule.id for rule in suite.regles}
    results = evaluate_many([job(suite), *(job(suite, case) for case in BROKEN.values())])
    sound = {check.regle: check for check in results[0]}
    assert {check.regle for check in results[0]} == set(BROKEN)
    assert not [check for check in results[0] if check.resultat == "erreur"]
    refusals = ("bloquant", "a_revoir")
    silent = []
    for rule, checks in zip(BROKEN, results[1:], strict=True):
        found = next(check for check in checks if check.regle == rule)
        before = sound[rule]
        # Some rules already have something to say of the small release: the wrong one must then say something else.
        if found.resultat not in refusals or (before.resultat in refusals and found.exemples == before.exemples):
            silent.append((rule, before.resultat, before.ecarts, found.resultat, found.ecarts, found.observe))
    assert silent == []
    blocking = [c.regle for c in results[0] if c.resultat == "bloquant"]
    assert blocking == []


@pytest.mark.parametrize("etat", ["jamais_recu", "desactive", "retire"])
def test_a_source_never_received_does_not_stop_the_others(suites, etat):
    case = {
        "change": lambda rows: [r for r in rows if r["indicateur"] != APL],
        "tables": {
            "dim_dataset": lambda rows: [{**r, "etat": etat} if r["jeu"] == "geo/communes" else r for r in rows]
        },
    }
    checks = evaluate_many([job(suites["candidat"], case)])[0]
    assert next(c for c in checks if c.regle == "candidat_indicateur_sans_chiffre").resultat == "passe"


def test_an_indicator_that_left_the_project_is_no_loss(suites):
    gone = lambda rows: [r for r in rows if r["indicateur"] != INCOME]  # noqa: E731
    case = {"change": gone, "tables": {"dim_indicator": gone, "fct_status": gone}}
    checks = evaluate_many([job(suites["candidat"], case)])[0]
    assert next(c for c in checks if c.regle == "candidat_communes_perdues").resultat == "passe"
