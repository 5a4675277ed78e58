"""Which publisher answers for which official host. Not here: the answers themselves, one module a publisher."""

from __future__ import annotations

from collections.abc import Callable

from flows.portal import atmo, datafair, datagouv, explore, geo, insee_files, melodi
from flows.portal.answers import Answer, Ask

Route = Callable[[Ask], Answer]

ROUTES: dict[str, Route] = {
    geo.HOST: geo.answer,
    melodi.HOST: melodi.answer,
    insee_files.HOST: insee_files.answer,
    atmo.HOST: atmo.answer,
    datagouv.HOST: datagouv.answer,
    datagouv.STATIC: datagouv.static,
    **dict.fromkeys(datafair.HOSTS, datafair.answer),
    **dict.fromkeys(explore.HOSTS, explore.answer),
}
