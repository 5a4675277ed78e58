"""The thin Great Expectations adapter: rules of a suite over Arrow tables, outcomes as `Check`.

Not here: the rules (expectations/*.yml), verdicts (flows.quality.checks) and what follows from them. Great
Expectations (flows.quality.runner) is handed pandas frames, never DuckDB: its SQL path answers `success=False` there,
with a hidden exception, for every rule.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from flows.core.datasets import Dataset, Territory
from flows.core.words import Resultat, Severite
from flows.quality.checks import Check, Subject
from flows.quality.decisions import ACCEPT, REJECT, Decision, latest, rows_fingerprint
from flows.quality.runner import RuleError, Runner, shared_runner
from flows.quality.suites import Rule, Suite
from flows.quality.views import VIEWS, ViewError, ViewInput

if TYPE_CHECKING:
    import pandas as pd

EXAMPLES_KEPT = 500  # offending rows kept per rule for the steward's download; the report shows the first twenty
_CHUNK = 80  # width at which an exception's text is cut when it is shown


@dataclass(frozen=True)
class Job:
    """One evaluation: a suite over one edition's decoded table, or over the named tables of a candidate.

    `parameters` (all optional unless a rule asks): `communes` {code: siren of its EPCI}; `absences` [codes];
    `nuit` date; `precedente` Arrow table of the previous accepted edition of the same partition; `predecesseur`
    {name: Arrow table} of the predecessor release; any other name a rule cites as `{parametre: name}`.
    `partition` and, when it is a year, `annee` are added from the subject. `parameters_for` builds the usual ones.
    """

    suite: Suite
    frame: pa.Table | Mapping[str, pa.Table]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    decisions: Sequence[Decision] = ()
    subject: Subject | None = None


def evaluate(
    suite: Suite,
    frame: pa.Table | Mapping[str, pa.Table],
    *,
    parameters: Mapping[str, Any],
    decisions: Sequence[Decision] = (),
    subject: Subject | None = None,
) -> list[Check]:
    """Every rule of a suite that concerns this edition or candidate, in the suite's order. See `Job`.

    A rule that raises gives a check whose `resultat` is `erreur`; nothing is raised, so that the report holds all
    the outcomes at once. A rule limited to other partitions, or comparing with a previous edition that does not
    exist, gives no check.
    """
    return evaluate_many([Job(suite, frame, parameters, decisions, subject)])[0]


def parameters_for(
    territory: Territory,
    *,
    nuit: dt.date,
    communes: Mapping[str, str],
    dataset: Dataset | None = None,
    precedente: pa.Table | None = None,
    predecesseur: Mapping[str, pa.Table] | None = None,
) -> dict[str, Any]:
    """The parameters that rules may cite, from what the flow knows.

    Args:
        communes: {commune code: SIREN of its EPCI}, from the newest accepted `geo/communes`.
        dataset: its declared absences; precedente: decoded table of the previous accepted edition of the same
            partition; predecesseur: tables of the predecessor release (gate 2).
    """
    return {
        "nuit": nuit,
        "communes": dict(communes),
        "absences": list(dataset.absent_codes) if dataset else [],
        "epci": territory.epci,
        "epcis": list(territory.epcis),
        "departement": territory.departement,
        "region": territory.region,
        "zone_emploi": territory.zone_emploi,
        "arrondissement": territory.arrondissement,
        "precedente": precedente,
        "predecesseur": dict(predecesseur) if predecesseur else None,
    }


def evaluate_many(jobs: Sequence[Job]) -> list[list[Check]]:
    """`evaluate` over several jobs, Great Expectations imported and its context opened once; same order."""
    runner = shared_runner()
    return [_evaluate(job, runner) for job in jobs]


def measure(suite: Suite, frame: pa.Table, *, parameters: Mapping[str, Any], partition: str = "") -> dict[str, Any]:
    """What the report says of an edition, from the suite's `mesures`.

    Returns:
        `lignes` (rows), `communes` and `communes_attendues` (None when the dataset has no communes), `secretes`
        (rows marked secret) and `parmi` (rows where that was looked for), None when the suite does not say.
    """
    told = suite.mesures
    data = _pandas(frame)
    looked = data.query(told.parmi, engine="python") if told.parmi and len(data) else data
    out: dict[str, Any] = {"lignes": len(data), "communes": None, "communes_attendues": None}
    known = parameters.get("communes") or {}
    if told.commune and known and (len(looked) or not told.parmi):
        due = {code for code, epci in known.items() if epci in partition} or set(known)
        out["communes"] = len(due & set(looked[told.commune].dropna().astype(str)))
        out["communes_attendues"] = len(due)
    secret = int(looked.eval(told.secret, engine="python").astype(bool).sum()) if told.secret and len(looked) else 0
    out["secretes"] = secret if told.secret else None
    out["parmi"] = len(looked) if told.secret else None
    return out


def _evaluate(job: Job, runner: Runner) -> list[Check]:
    suite, subject = job.suite, job.subject or Subject(portee=job.suite.etape, jeu=job.suite.jeu)
    given = {"decodee": job.frame} if isinstance(job.frame, pa.Table) else dict(job.frame)
    tables = {name: _pandas(table) for name, table in given.items()}
    before = {name: _pandas(table) for name, table in (job.parameters.get("predecesseur") or {}).items()}
    if job.parameters.get("precedente") is not None:
        before["decodee"] = _pandas(job.parameters["precedente"])
    parameters = {**job.parameters, "partition": subject.partition}
    if subject.partition.isdecimal():
        parameters["annee"] = int(subject.partition)
    checks = []
    for rule in suite.regles:
        if rule.partitions and not any(fnmatch.fnmatchcase(subject.partition, p) for p in rule.partitions):
            continue
        name = rule.table or suite.table
        if rule.vue and VIEWS[rule.vue.nom].needs_previous and name not in before:
            continue
        try:
            data = _rows(rule, name, tables, before, parameters, subject.partition)
            outcome = _outcome(rule, data, parameters, runner)
        except (RuleError, ViewError) as error:
            outcome = _Outcome(Resultat.ERREUR, str(error))
        except Exception as error:  # any surprise of pandas or of the library is an error of the gate, never a pass
            outcome = _Outcome(Resultat.ERREUR, f"{type(error).__name__} : {str(error)[:_CHUNK]}")
        checks.append(_check(rule, suite, subject, outcome, job.decisions))
    return checks


@dataclass(frozen=True)
class _Outcome:
    resultat: Resultat
    observe: str
    lignes: int = 0
    ecarts: int = 0
    exemples: str = "[]"


def _check(rule: Rule, suite: Suite, subject: Subject, outcome: _Outcome, decisions: Sequence[Decision]) -> Check:
    resultat, observe, used = outcome.resultat, outcome.observe, None
    if resultat in (Resultat.BLOQUANT, Resultat.A_REVOIR):
        used = latest(
            decisions,
            portee=subject.portee,
            jeu=subject.jeu,
            partition=subject.partition,
            regle=rule.id,
            empreinte=subject.empreinte or rows_fingerprint(rule.id, outcome.exemples),
        )
    if used and used.decision == ACCEPT:
        resultat = Resultat.DEROGE
        observe += f" ; accepté le {used.date.isoformat()} par {used.auteur} : {used.motif}"
    elif used and used.decision == REJECT:
        resultat = Resultat.BLOQUANT
        observe += f" ; rejeté le {used.date.isoformat()} par {used.auteur} : {used.motif}"
    return Check(
        portee=subject.portee,
        jeu=subject.jeu,
        edition=subject.edition,
        partition=subject.partition,
        suite=suite.suite,
        regle=rule.id,
        enonce=rule.enonce,
        pourquoi=rule.pourquoi,
        severite=str(rule.severite),
        resultat=str(resultat),
        observe=observe,
        lignes=outcome.lignes,
        ecarts=outcome.ecarts,
        exemples=outcome.exemples,
        indicateurs=rule.indicateurs or subject.indicateurs,
        decision=used,
    )


def _rows(
    rule: Rule,
    name: str,
    tables: Mapping[str, pd.DataFrame],
    before: Mapping[str, pd.DataFrame],
    parameters: Mapping[str, Any],
    partition: str,
) -> pd.DataFrame:
    """The rows a rule looks at: its table, filtered, then through its view. Positional index."""
    if name not in tables:
        raise RuleError(f"la table « {name} » n'a pas été remise au contrôle")
    data = _filtered(tables[name], rule.lignes)
    if rule.vue:
        previous = _filtered(before[name], rule.lignes) if name in before else None
        data = VIEWS[rule.vue.nom].compute(
            ViewInput(data, previous, tables, before, rule.vue.options, parameters, partition)
        )
    return data.reset_index(drop=True)


def _filtered(data: pd.DataFrame, condition: str) -> pd.DataFrame:
    if not condition:
        return data
    try:
        return data.query(condition, engine="python")
    except Exception as error:
        raise RuleError(f"le filtre « {condition} » est refusé ({type(error).__name__} : {error})") from error


def _outcome(rule: Rule, data: pd.DataFrame, parameters: Mapping[str, Any], runner: Runner) -> _Outcome:
    counts_rows = rule.attente == "expect_table_row_count_to_be_between"
    if data.empty and not counts_rows:
        if rule.si_vide == "sans_objet":
            return _Outcome(Resultat.PASSE, "sans objet : aucune ligne n'est concernée")
        # Every rule of the library passes on no rows at all. A filter that stopped matching would then hide for
        # years; so no rows is itself the anomaly, unless the suite says that it is normal.
        return _Outcome(_severity(rule), "la règle n'a trouvé aucune ligne à regarder")
    wanted = {key: _resolved(value, parameters) for key, value in rule.parametres.items()}
    asked = [wanted[k] for k in ("column", "column_A", "column_B") if k in wanted] + wanted.get("column_list", [])
    if absent := [column for column in asked if column not in data.columns]:
        raise RuleError(f"colonne absente : {', '.join(absent)} (colonnes vues : {', '.join(data.columns)})")
    if rule.attente.endswith("values_to_be_between") and data[wanted["column"]].isna().all():
        return _Outcome(_severity(rule), f"la colonne « {wanted['column']} » ne contient aucune valeur", len(data))
    # The library digests every cell it is handed, lists by pickling them: it gets the columns of the rule only.
    success, result = runner.run(rule.attente, wanted, data[list(dict.fromkeys(asked))] if asked else data)
    positions = sorted(int(p) for p in result.get("unexpected_index_list") or [])
    gaps = int(result.get("unexpected_count") or len(positions))
    if "observed_value" in result and not positions:
        observe = f"valeur observée : {_shown(result['observed_value'])}"
        gaps = 0 if success else 1
    elif gaps:
        observe = f"{gaps} ligne{'s' if gaps > 1 else ''} hors de la règle sur {len(data)}"
    else:
        observe = f"{len(data)} ligne{'s' if len(data) > 1 else ''} regardée{'s' if len(data) > 1 else ''}"
    columns = list(dict.fromkeys([*(k for k in rule.cles if k in data.columns), *asked]))
    if absent := [key for key in rule.cles if key not in data.columns]:
        raise RuleError(f"clé absente : {', '.join(absent)}")
    if rule.vue:  # a view holds the numbers it compared: show them all, they are what explains the failure
        columns = list(dict.fromkeys([*rule.cles, *data.columns]))[:12]
    rows = data.iloc[positions[:EXAMPLES_KEPT]][columns].to_dict("records") if columns else []
    examples = json.dumps([{k: _plain(v) for k, v in row.items()} for row in rows], ensure_ascii=False)
    return _Outcome(Resultat.PASSE if success else _severity(rule), observe, len(data), gaps, examples)


def _severity(rule: Rule) -> Resultat:
    return Resultat.BLOQUANT if rule.severite == Severite.BLOQUANT else Resultat.A_REVOIR


def _resolved(value: Any, parameters: Mapping[str, Any]) -> Any:
    """Evaluation parameters (`{parametre: nuit}`) by their value; dates as the library compares them."""
    if isinstance(value, Mapping) and set(value) == {"parametre"}:
        if parameters.get(value["parametre"]) is None:
            raise RuleError(f"le paramètre « {value['parametre']} » n'a pas été fourni")
        value = parameters[value["parametre"]]
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day)
    if isinstance(value, list | tuple | set | frozenset):
        return [_resolved(item, parameters) for item in value]
    return value


def _pandas(table: pa.Table) -> pd.DataFrame:
    """An Arrow table as the library understands it: dates as timestamps, null integers as floats, texts as text."""
    return table.to_pandas(date_as_object=False)


def _plain(value: Any) -> Any:
    """A cell for JSON: no NaN, dates in ISO form, whole floats without their decimal."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()[:10]
    if isinstance(value, float):
        return None if math.isnan(value) else int(value) if value.is_integer() else round(value, 6)
    return value if isinstance(value, str | int | bool) else str(value)


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple | set):
        shown = [str(_plain(item)) for item in list(value)[:20]]
        return ", ".join(shown) + ("…" if len(value) > 20 else "")
    return str(_plain(value))
