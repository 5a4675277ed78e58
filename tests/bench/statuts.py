"""Statuses of millions of series: `python -m tests.bench.statuts [series]`, a part of `make bench`.

The status models as dbt compiles them, run in their order on a synthetic catalogue: every series has its own linear
trajectory and its last 7 yearly figures, one in ten drifting, one in ten provisional. Measured: from the figures
(`fct_observation`) to the state and its numbers (`int_statut_etat`); apart, for 100,000 series at most, the published
row with its French sentence and its JSON (`fct_status`). Not here: the other stages of a night (`stages`).
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from tests.warehouse.kit import Built, build, status_schemas, status_sql

YEARS = 7
SECONDS, GIBIBYTES = 20.0, 4.0  # what 2 million series may take, on 2 cores
PUBLISHED = "fct_status"
ROWS = 100_000  # of it, at most
GIVEN = """
insert into dim_indicator by name
select 's' || i as indicateur, 'u' as unite, 'u' as unite_courte, 2 as decimales, 'baisse' as polarite,
  false as contexte, true as calcule, '' as raison, '' as saisie, '' as service, '' as attente,
  12::bigint as periode_mois, 24::bigint as delai_mois, 'epci' as territoire_niveau, 'E' as territoire_code
from range({n}) as r(i);

insert into fct_observation by name
select 's' || i as indicateur, 'epci' as territoire_niveau, 'E' as territoire_code, 'Ici' as territoire,
  (2018 + k)::varchar as periode, (2018 + k)::double as annee, '' as ventilation,
  100 - 2 * (3 + k) + ((hash(i * 7 + k) % 2001) / 100.0 - 10) + case when i % 10 = 0 then k * 3 else 0 end as valeur,
  null::double as borne_basse, null::double as borne_haute,
  case when i % 10 = 1 and k = 6 then 'provisoire' else 'definitif' end as statut
from range({n}) as r(i), range({years}) as y(k);

insert into stg_referentiel__trajectoires by name
select 't' || i as trajectoire, 's' || i as indicateur, 'epci' as territoire_niveau, 'E' as territoire_code,
  'lineaire' as forme, 'u' as unite, 100.0 as base_valeur, 2015.0 as base_annee, 30.0 as cible_valeur,
  2050.0 as cible_annee, 0.02 as tolerance, date '2024-01-01' as date, date '2024-01-01' as valide_du
from range({n}) as r(i);
"""


def run(series: int, folder: Path) -> dict[str, float]:
    """Seconds of every model, in order, and `GiB`, the peak resident memory of this process."""
    build(folder / "dbt", {"referentiel__catalogue": []}, command="compile")
    built = Built.of(folder / "dbt")
    seconds: dict[str, float] = {}
    with duckdb.connect(str(folder / "banc.duckdb")) as connection:
        connection.execute(f"set threads = 2; set memory_limit = '3GB'; set temp_directory = '{folder / 'tmp'}'")
        for name, schema in status_schemas().items():
            connection.register("given", schema.empty_table())
            connection.execute(f"create table {name} as select * from given")
            connection.unregister("given")
        connection.execute(GIVEN.format(n=series, years=YEARS))
        for name, sql in status_sql(built.compiled).items():
            if name == PUBLISHED:
                states = connection.execute(
                    "select etat, count(*) from int_statut_etat group by 1 order by 1"
                ).fetchall()
                seconds["GiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
                if series > ROWS:
                    # A row of 2 kB of words and JSON each: nobody publishes millions of them.
                    for table in ("int_statut_etat", "int_statut_serie"):
                        connection.execute(f"delete from {table} where serie > {ROWS}")
            begun, cpu = time.monotonic(), time.process_time()
            connection.execute(f"create table {name} as {sql}")
            seconds[name] = time.monotonic() - begun
            print(f"{name:<28} {seconds[name]:6.2f} s {time.process_time() - cpu:6.2f} s of processor", flush=True)
    print(states)
    return seconds


def main() -> int:
    """Run the bench; 1 when 2 million series are over the limits."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.statuts", description=__doc__)
    parser.add_argument("series", nargs="?", type=int, default=2_000_000)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="observatoire-statuts-"))
    try:
        told = run(options.series, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    memory = told.pop("GiB")
    text = told.pop(PUBLISHED)
    total = sum(told.values())
    print(f"{options.series:,} series: {total:.1f} s to the states, {memory:.2f} GiB")
    print(f"{min(options.series, ROWS):,} published rows: {text:.1f} s")
    return 1 if total > SECONDS or memory > GIBIBYTES else 0


if __name__ == "__main__":
    sys.exit(main())
