"""Which publisher answers for which official host. Not here: the answers themselves, one module a publisher."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from flows.portal import atmo, datafair, datagouv, explore, geo, github, insee_files, melodi
from flows.portal.answers import Answer, Ask
from flows.portal.sets import collected

Route = Callable[[Ask], Answer]


@cache
def routes() -> dict[str, Route]:
    """The function that answers for each host: the protocols' hosts, and the `ROUTES` of `flows.portal.sets`."""
    return {
        geo.HOST: geo.answer,
        melodi.HOST: melodi.answer,
        insee_files.HOST: insee_files.answer,
        atmo.HOST: atmo.answer,
        github.HOST: github.answer,
        datagouv.HOST: datagouv.answer,
        datagouv.STATIC: datagouv.static,
        **dict.fromkeys(datafair.hosts(), datafair.answer),
        **dict.fromkeys(explore.hosts(), explore.answer),
        **dict(collected("ROUTES")),
    }
