"""raw.githubusercontent.com: files of publishers' open repositories, one route a repository.

Which repositories: `REPOSITORIES` of `flows.portal.sets`, by the beginning of their path. Not here: the files.
"""

from __future__ import annotations

from flows.portal.answers import Answer, Ask, text_answer
from flows.portal.sets import collected

HOST = "raw.githubusercontent.com"


def answer(ask: Ask) -> Answer:
    """The answer of the repository that the path names, else the host's own 404."""
    route = next((route for prefix, route in collected("REPOSITORIES") if ask.path.startswith(prefix)), None)
    return route(ask) if route else text_answer("404: Not Found", 404)
