"""The only door to the network: one client for every source.

Deadlines, bounded retries, pacing, conditional requests, size limits, redirects and content checks are decided here
once, so that a source module is only addresses and decoding. Not here: what a source asks for, what an answer means,
where pages are stored. Official addresses go in and come out; the portal is only a road (addresses.py).
"""

from __future__ import annotations

import json
import logging
import random as _random
import threading
import time
from collections.abc import Callable, Collection, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import requests.adapters
import urllib3

from flows.core.datasets import Page
from flows.core.errors import SourceError
from flows.sources.addresses import Params, Road, host_of, shown, with_params
from flows.sources.answers import Answer, Failure, StoredPage, check_status, gave_up, page_of
from flows.sources.body import TooLarge, Truncated, UnknownEncoding, read_body
from flows.sources.checks import check_body
from flows.sources.deadline import Watchdog, guard
from flows.sources.retry import (
    DEFAULT_PACE,
    LONGEST_RETRY_AFTER_S,
    PACES,
    RETRY_STATUSES,
    Pacer,
    backoff,
    retry_after,
)

__all__ = ["HttpClient", "StoredPage"]

log = logging.getLogger(__name__)

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 5
_FILES = frozenset({"csv", "xlsx", "xls", "zip", "gzip", "geojson"})
_FIRST_CONTENT_BYTES = 65_536


class _Adapter(requests.adapters.HTTPAdapter):
    """Connections that the watchdog can cut, whether there is a proxy or not."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        guard(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return guard(super().proxy_manager_for(*args, **kwargs))


class HttpClient:
    """Implements `flows.core.datasets.Http`; usable from several threads.

    Args:
        portal: base address of a local portal, None to ask the publishers themselves.
        user_agent: who we are, with a way to reach us.
        stored: gives the newest stored page of an official address, None when there is none; used for conditional
            requests (a 304 comes back as that page).
        deadline_s: seconds for one try, from connection to last byte. file_deadline_s: the same for files and
            exports (csv, xlsx, xls, zip, geojson); `deadline_s` when None.
        tries: tries of one request, the first included. A host that used them all up gets a single one per request
            until it answers again, so that a broken publisher does not cost the night its time.
        max_bytes: limit of one body, before and after decompression.
        sleep, now, wall, random: injectable clock and chance.
    """

    def __init__(
        self,
        *,
        portal: str | None,
        user_agent: str,
        stored: Callable[[str], StoredPage | Page | None] = lambda address: None,
        deadline_s: float = 60.0,
        file_deadline_s: float | None = None,
        tries: int = 4,
        max_bytes: int = 300_000_000,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self._road = Road(portal)
        self._user_agent = user_agent
        self._stored = stored
        self._deadline_s = deadline_s
        self._file_deadline_s = file_deadline_s if file_deadline_s is not None else deadline_s
        self._tries = max(1, tries)
        self._max_bytes = max_bytes
        self._sleep, self._wall, self._random = sleep, wall, random
        # Towards the portal there is no publisher to spare.
        self._pacer = Pacer({} if portal else PACES, 0.0 if portal else DEFAULT_PACE, sleep=sleep, now=now)
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._exhausted: set[str] = set()
        self._lock = threading.Lock()

    def get(
        self,
        url: str,
        *,
        params: Params = None,
        headers: Mapping[str, str] | None = None,
        expect: str = "",
        allow_empty: bool = False,
        name: str = "",
        retry_statuses: Collection[int] | None = None,
    ) -> Page:
        """One page, whole and of the kind due.

        Args:
            url: official address; `params` are appended in their order.
            headers: added to ours (`Authorization`); never recorded nor shown.
            expect: kind of body (`checks.EXPECTATIONS`); allow_empty: an empty body is an answer.
            name: role of the page in its edition. retry_statuses: statuses worth asking again, 429 and 5xx if None.

        Raises:
            SourceUnavailable: no answer in the tries allowed. SourceWithdrawn: 404 or 410.
            SourceContentError: another 4xx, too large, or not what was due. `status` is set when there was one.
        """
        address = self._road.official(with_params(url, params))
        known = self._stored(shown(address))
        sent = dict(headers or {})
        if known is not None and known.etag:
            sent["If-None-Match"] = known.etag
        elif known is not None and known.last_modified:
            sent["If-Modified-Since"] = known.last_modified

        deadline = self._file_deadline_s if expect in _FILES else self._deadline_s
        answer = self._exchange("GET", address, sent, None, deadline, retry_statuses)
        if answer.status == 304 and known is not None:
            return page_of(address, answer, name, known)
        check_status(address, answer, secrets=list((headers or {}).values()))
        kind = answer.headers.get("Content-Type", "")
        check_body(answer.body, expect=expect, address=shown(address), content_type=kind, allow_empty=allow_empty)
        return page_of(address, answer, name, None)

    def post_json(
        self, url: str, payload: Mapping[str, Any], *, headers: Mapping[str, str] | None = None, name: str = ""
    ) -> Page:
        """POST a JSON object (a login) and return its JSON answer; nothing of `payload` is ever shown.

        Raises: as `get`.
        """
        address = self._road.official(url)
        sent = {**(headers or {}), "Content-Type": "application/json"}
        secrets = [*(headers or {}).values(), *(str(v) for v in payload.values())]
        answer = self._exchange("POST", address, sent, json.dumps(dict(payload)).encode(), self._deadline_s, None)
        check_status(address, answer, secrets=secrets)
        check_body(answer.body, expect="json", address=shown(address))
        return page_of(address, answer, name, None)

    def close(self) -> None:
        """Close the connections of every thread."""
        with self._lock:
            for session in self._sessions:
                session.close()
            self._sessions.clear()
        self._local = threading.local()

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # -- one request: its tries ------------------------------------------------------------------------------------

    def _exchange(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str],
        data: bytes | None,
        deadline: float,
        retry_statuses: Collection[int] | None,
    ) -> Answer:
        host = host_of(address)
        again = RETRY_STATUSES if retry_statuses is None else frozenset(retry_statuses)
        tries = 1 if host in self._exhausted else self._tries
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = self._once(method, address, headers, data, deadline)
                if answer.status in RETRY_STATUSES | again:
                    asked = retry_after(answer.headers.get("Retry-After"), self._wall)
                    raise Failure(f"L'éditeur répond {answer.status}", answer.status, asked)
                self._exhausted.discard(host)
                return answer
            except Failure as failure:
                if failure.final is not None:
                    raise failure.final from failure.__cause__
                patient = failure.wait is None or failure.wait <= LONGEST_RETRY_AFTER_S
                retryable = failure.status is None or failure.status in again
                if attempt < tries and retryable and patient:
                    wait = backoff(attempt, failure.status, self._random) if failure.wait is None else failure.wait
                    log.warning("%s ; nouvel essai dans %.1f s : %s", failure.what, wait, shown(address))
                    self._sleep(wait)
                    continue
                if retryable:
                    self._exhausted.add(host)
                raise gave_up(address, failure.what, failure.status, failure.wait, attempt) from failure.__cause__

    # -- one try: its redirects ------------------------------------------------------------------------------------

    def _once(
        self, method: str, address: str, headers: Mapping[str, str], data: bytes | None, deadline: float
    ) -> Answer:
        here, sent = address, dict(headers)
        self._pacer.wait(host_of(here))  # before the deadline starts: waiting for one's turn is not slowness
        with Watchdog(deadline) as watchdog:
            for _ in range(_MAX_REDIRECTS + 1):
                try:
                    answer = self._send(method, here, sent, data, deadline)
                except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, Truncated) as error:
                    if watchdog.expired:
                        raise Failure(f"Pas de réponse complète en {deadline:g} s") from error
                    raise Failure(_plain(error)) from error
                except TooLarge as error:
                    limit = f"{self._max_bytes / 1e6:g} Mo"
                    raise Failure.final_of(f"La réponse dépasse la taille permise ({limit}).", address) from error
                except UnknownEncoding as error:
                    raise Failure.final_of(
                        f"La réponse est compressée en « {error} », jamais demandé.", address
                    ) from error
                if watchdog.expired:
                    raise Failure(f"Pas de réponse complète en {deadline:g} s")
                location = answer.headers.get("Location")
                if answer.status not in _REDIRECTS or not location:
                    return answer
                if method != "GET":
                    raise Failure.final_of("L'éditeur redirige une demande qui ne doit pas l'être.", address)
                try:
                    target = self._road.redirected(here, location)
                except (SourceError, ValueError) as error:
                    raise Failure.final_of(
                        "L'éditeur redirige vers une adresse qui n'est pas suivie.", address
                    ) from error
                if host_of(target) != host_of(here):
                    sent.pop("Authorization", None)  # a secret belongs to the host it was given for
                here = target
        raise Failure.final_of(f"Plus de {_MAX_REDIRECTS} redirections.", address)

    def _send(
        self, method: str, address: str, headers: Mapping[str, str], data: bytes | None, deadline: float
    ) -> Answer:
        response = self._session().request(
            method,
            self._road.travelled(address),
            headers={**headers, "User-Agent": self._user_agent, "Accept-Encoding": "gzip"},
            data=data,
            stream=True,
            allow_redirects=False,
            timeout=(min(15.0, deadline), deadline),
        )
        try:
            announced = response.headers.get("Content-Length", "")
            body = b""
            if response.status_code not in (204, 304):
                body = read_body(
                    response.raw.stream(_FIRST_CONTENT_BYTES, decode_content=False),
                    length=int(announced) if announced.isdigit() else None,
                    encoding=response.headers.get("Content-Encoding", ""),
                    max_bytes=self._max_bytes,
                )
            return Answer(response.status_code, response.headers, body)
        finally:
            response.close()  # a body read to its end gave its connection back; any other connection is dropped

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = self._road.portal is None  # proxies and certificates of the machine, but not locally
            session.auth = _leave  # a .netrc of the machine must not replace our Authorization
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # each request stands alone
            session.mount("http://", _Adapter())
            session.mount("https://", _Adapter())
            self._local.session = session
            with self._lock:
                self._sessions.append(session)
        return session


def _leave(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _plain(error: Exception) -> str:
    """What happened to a connection, in French; the texts of libraries hold the address as travelled, ours do not."""
    if isinstance(error, requests.exceptions.SSLError):
        return "Le certificat de l'éditeur n'est pas valable"
    if isinstance(error, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError | TimeoutError):
        return "L'éditeur ne répond pas à temps"
    if isinstance(error, Truncated | urllib3.exceptions.ProtocolError | requests.exceptions.ChunkedEncodingError):
        return "La réponse est tronquée"
    if isinstance(error, requests.exceptions.ConnectionError | OSError):
        return "La connexion avec l'éditeur a échoué"
    return f"L'échange avec l'éditeur a échoué ({type(error).__name__})"
