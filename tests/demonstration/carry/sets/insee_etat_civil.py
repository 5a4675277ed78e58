"""Civil registration: the contracts of the two tables.

Not here: a carrier. These figures were typed from a file of a public repository that the reference folder does not
hold (see sources.csv); `tests/demonstration/test_demonstration_etat_civil.py` compares them with Insee's own bytes.
"""

from __future__ import annotations

from tests.demonstration.carry.contract import Contract, columns

_COLUMNS = "geo_millesime int, geo_niveau, geo_code, time_period, measure, value double, conf_status, obs_status"


def _contract() -> Contract:
    return Contract(
        columns(_COLUMNS),
        ("geo_niveau", "geo_code", "time_period", "measure"),
        "geo_code",
        niveau="geo_niveau",
        optional=("conf_status",),
    )


CONTRACTS = {"insee__naissances": _contract(), "insee__deces": _contract()}
