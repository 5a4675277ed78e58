"""No check that cannot fail: every rule of an edition suite passes on the demonstration and refuses a wrong row."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from flows.quality.checks import Subject, verdict
from flows.quality.gate import Job, evaluate_many
from flows.quality.suites import Rule, Suite
from tests.quality import frames
from tests.quality.breaking import broken

# A few rows a steward or a simulated source would give, for datasets without demonstration figures.
SMALL = {
    "atmo__indices": [
        {
            "code_zone": code,
            "lib_zone": "x",
            "type_zone": "commune",
            "date_ech": dt.date(2026, 11, 18),
            **{f"code_{name}": 2 for name in ("qual", "no2", "o3", "pm10", "pm25", "so2")},
        }
        for code in frames.communes()
    ],
    "saisies__indicateurs": [
        {
            "indicateur": "rehabilitations_parc_social",
            "territoire_niveau": "epci",
            "territoire_code": "200042190",
            "periode": "2024",
            "valeur": 412.0,
            "statut": "definitif",
            "saisi_par": "Service habitat",
            "date_saisie": dt.date(2025, 3, 31),
        }
    ],
    "saisies__reponses": [
        {
            "alerte": "consommation_enaf-001",
            "geste": "reponse",
            "cause": "Zone d’activités",
            "repondu_par": "Service urbanisme",
            "date_reponse": dt.date(2026, 11, 20),
        }
    ],
    "referentiel__catalogue": [
        {"id": "e1", "type": "engagement", "libelle": "Un", "source": "001:340"},
        {"id": "e2", "type": "engagement", "libelle": "Deux", "source": "001:341"},
    ],
    "referentiel__trajectoires": [
        {
            "trajectoire": "t1",
            "indicateur": "i",
            "origine_document": "003",
            "origine_statut": "document",
            "polarite": "baisse",
            "auteur": "2P2T",
            "date": dt.date(2026, 1, 1),
        }
    ],
    "referentiel__etapes": [{"genre": "triennale", "nuit": dt.date(2026, 6, 1), "date": dt.date(2026, 6, 1)}],
    "referentiel__etats": [
        {
            "indicateur": "i",
            "periode": "2024",
            "etat": "a_surveiller",
            "motif": "Travaux en cours.",
            "auteur": "2P2T",
            "date": dt.date(2026, 1, 1),
        }
    ],
    "referentiel__ruptures": [
        {"indicateur": "i", "periode": "2022", "motif": "m", "source": "s", "date": dt.date(2026, 1, 1)}
    ],
    "referentiel__taux_mortalite": [
        {"annee": 2023, "sexe": "F", "age_min": age, "taux": 0.1, "source": "s"} for age in (0, 5, 10)
    ],
    "referentiel__bornes_idh4": [
        {"annee": 2023, "composante": name, "minimum": low, "maximum": high}
        for name, low, high in (("sante", 80.0, 180.0), ("education", 50.0, 90.0), ("niveau_de_vie", 9e3, 3e4))
    ],
    "referentiel__bassins_de_vie": [{"bassin": "b", "code_commune": "59002", "source": "délibération"}],
    "referentiel__corrections": [
        {"jeu": "j", "cle": "k", "colonne": "c", "motif": "m", "auteur": "a", "date": dt.date(2026, 1, 1)}
    ],
    "referentiel__decisions": [
        {
            "portee": "edition",
            "jeu": "insee/filosofi",
            "partition": "p",
            "regle": "r",
            "empreinte": "0123456789ab",
            "decision": "accepter",
            "motif": "m",
            "date": dt.date(2026, 1, 1),
        }
    ],
    # The portal says that the layer knows none of our EPCI.
    "atmo__emissions_epci": [
        {"code": "200042190", "name": "n", "code_pcaet": sector, "ges": 1000.0, "date_maj": dt.date(2025, 1, 1)}
        for sector in ("219", "34", "5", "6", "7")
    ],
}
# Rows for rules about series whose figures the demonstration does not know.
UNKNOWN = {
    "bdm_prix_plausibles": {"idbank": "001759970", "unit_measure": "SO", "periode": "2024-01", "valeur": 118.2},
}
# The view joins two measures of one year: only that year has the three populations.
ONLY = {"populations_somme": lambda row: row["time_period"] == "2021"}


def editions(name: str) -> dict[str, list[dict]]:
    if name in SMALL:
        return {"courant": SMALL[name]}
    if name not in frames.names():
        return {key: table.to_pylist() for key, table in frames.simulated(name).items()}
    return {key: table.to_pylist() for key, table in frames.partitions(name, frames.demonstration(name)).items()}


def alone(suite: Suite, rule: Rule) -> Suite:
    return suite.model_copy(update={"regles": (rule,)})


def partition_for(suite: Suite, rule: Rule, parts: dict[str, list[dict]]) -> str:
    """A partition that the rule concerns and whose rows its filter keeps; the last such one (newest year)."""
    import fnmatch

    import pandas as pd

    for key in sorted(parts, reverse=True):
        if rule.partitions and not any(fnmatch.fnmatchcase(key, p) for p in rule.partitions):
            continue
        frame = pd.DataFrame(parts[key])
        if len(frame) and (not rule.lignes or len(frame.query(rule.lignes, engine="python"))):
            return key
    raise AssertionError(f"no demonstration row reaches {rule.id}")


def table(rows: list[dict], like: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=like)


def test_every_rule_passes_on_real_figures_and_refuses_a_wrong_row(suites, parameters):
    good, bad, names = [], [], []
    for name, suite in suites.items():
        if suite.etape != "edition":
            continue
        parts = editions(name)
        for rule in suite.regles:
            known = parts if rule.id not in UNKNOWN else {k: [*p, UNKNOWN[rule.id]] for k, p in parts.items()}
            key = partition_for(suite, rule, known)
            rows = [row for row in known[key] if rule.id not in ONLY or ONLY[rule.id](row)]
            schema = pa.Table.from_pylist(SMALL[name]).schema if name in SMALL else frames.schema(name)
            wrong, before = broken(rule, rows, rows)
            subject = Subject("edition", suite.jeu, "e", key, "f" * 64)
            same = {**parameters, "precedente": table(rows, schema)}
            previous = {**parameters, "precedente": table(before, schema)}
            good.append(Job(alone(suite, rule), table(rows, schema), same, (), subject))
            bad.append(Job(alone(suite, rule), table(wrong, schema), previous, (), subject))
            names.append(f"{name} · {rule.id}")
    results = evaluate_many([*good, *bad])
    assert all(len(checks) == 1 for checks in results)
    passed = {n: checks[0] for n, checks in zip(names, results[: len(good)], strict=True)}
    refused = {n: checks[0] for n, checks in zip(names, results[len(good) :], strict=True)}
    assert {n: (c.resultat, c.observe) for n, c in passed.items() if c.resultat != "passe"} == {}
    silent = {n: (c.resultat, c.observe) for n, c in refused.items() if c.resultat not in ("bloquant", "a_revoir")}
    assert silent == {}
    assert len(names) > 120


def test_demonstration_editions_are_all_accepted(suites, parameters):
    jobs, told = [], []
    for name in frames.names():
        suite = suites[name]
        for key, edition in frames.partitions(name, frames.demonstration(name)).items():
            jobs.append(Job(suite, edition, parameters, (), Subject("edition", suite.jeu, "e", key, "f" * 64)))
            told.append((name, key))
    for where, checks in zip(told, evaluate_many(jobs), strict=True):
        assert verdict(checks) == "accepted", (where, [c for c in checks if c.resultat != "passe"])
