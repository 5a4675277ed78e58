"""www.data.gouv.fr and static.data.gouv.fr: discovery of a dataset's files, and the files.

Shapes follow the recorded dataset (contract §2.3). The checksum, the size and the date announced are those of the
file as it would be served now: a publisher's consistent change (a figure altered) moves them, an accident of
transport does not. Reconstructed: identifiers of the greenhouse-gas dataset and of its file, organisations.

Not here: the files themselves (`flows.portal.datagouv_files`), reuse, search, tabular API.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import Any

from flows.portal.answers import Answer, Ask, empty_answer, http_date, json_answer, text_answer
from flows.portal.datagouv_files import File
from flows.portal.figures import View
from flows.portal.payloads import encode
from flows.portal.sets import collected

HOST = "www.data.gouv.fr"
STATIC = "static.data.gouv.fr"


def answer(ask: Ask) -> Answer:
    """Answer of the data.gouv.fr API to one request."""
    if ask.method not in ("GET", "HEAD"):
        return _message(405, "The method is not allowed for the requested URL.")
    parts = ask.parts()
    match parts:
        case ["api", "1", "datasets", "r", ident]:
            return _redirect(ask, ident)
        case ["api", "1", "datasets", name]:
            found = _dataset(name)
            return json_answer(_description(ask, found), main="resources") if found else _message(404)
        case ["api", "2", "datasets", name, "resources"]:
            found = _dataset(name)
            return _listing(ask, found) if found else _message(404)
    return _message(404, "The requested URL was not found on the server.")


def static(ask: Ask) -> Answer:
    """Answer of the static file server to one request."""
    match = re.fullmatch(r"/resources/([^/]+)/\d{8}-\d{6}/([^/]+)", ask.path)
    for file in collected("FILES"):
        if match and (match[1], match[2]) == (file.slug, file.name) and ask.method in ("GET", "HEAD"):
            headers = {
                "Last-Modified": http_date(_modified(ask, file)),
                "Cache-Control": "public, max-age=3600",
                "Content-Disposition": f"attachment; filename={file.name}",
            }
            return Answer(200, file.payload(ask.view), _content_type(file), headers, "strong", file.main)
    return text_answer("<html><head><title>404 Not Found</title></head></html>\n", 404, content_type="text/html")


def _content_type(file: File) -> str:
    return f"{file.mime}; charset={file.charset}" if file.charset and file.mime.startswith("text/") else file.mime


def _message(status: int, text: str = "Not found") -> Answer:
    return json_answer({"message": text}, status=status)


def _dataset(name: str) -> File | None:
    return next((file for file in collected("FILES") if name in (file.dataset, file.slug)), None)


def _path(file: File, stamp: dt.datetime) -> str:
    return f"/resources/{file.slug}/{stamp:%Y%m%d-%H%M%S}/{file.name}"


def _view(ask: Ask, file: File) -> View:
    return ask.view.at(STATIC, _path(file, _stamp(file.modified)))


def _stamp(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def _modified(ask: Ask, file: File) -> dt.datetime:
    """Date of the file: that of its table, or this morning when a fault altered the figures."""
    if _view(ask, file).altered:
        return dt.datetime.combine(ask.today, dt.time(3), dt.UTC)
    return _stamp(file.modified)


def _redirect(ask: Ask, ident: str) -> Answer:
    file = next((file for file in collected("FILES") if file.resource == ident), None)
    if file is None:
        return _message(404)
    reply = empty_answer(302, "text/html; charset=utf-8")
    location = f"https://{STATIC}{_path(file, _modified(ask, file))}"
    return Answer(reply.status, reply.payload, reply.content_type, {"Location": location})


def _listing(ask: Ask, file: File) -> Answer:
    size = ask.get("page_size", "20")
    page = ask.get("page", "1")
    if not size.isdigit() or not page.isdigit() or not 0 < int(size) <= 100 or int(page) < 1:
        return _message(400, "Input payload validation failed")
    kind = ask.get("type")
    resources = [item for item in _resources(ask, file) if not kind or item["type"] == kind]
    start = (int(page) - 1) * int(size)
    base = f"https://{HOST}/api/2/datasets/{file.dataset}/resources/?page_size={size}"
    return json_answer(
        {
            "data": resources[start : start + int(size)],
            "next_page": f"{base}&page={int(page) + 1}" if start + int(size) < len(resources) else None,
            "page": int(page),
            "page_size": int(size),
            "previous_page": f"{base}&page={int(page) - 1}" if int(page) > 1 else None,
            "total": len(resources),
        },
        main="data",
    )


def _iso(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000000+00:00")


def _description(ask: Ask, file: File) -> dict[str, Any]:
    moment = _iso(_modified(ask, file))
    page = f"https://www.data.gouv.fr/datasets/{file.slug}"
    return {
        "access_audiences": [],
        "access_type": "open",
        "access_type_reason": None,
        "access_type_reason_category": None,
        "acronym": None,
        "archived": None,
        "authorization_request_url": None,
        "badges": [],
        "contact_points": [],
        "created_at": "2018-01-01T00:00:00.000000+00:00",
        "deleted": None,
        "description": "Figures de démonstration.",
        "description_short": None,
        "extras": {},
        "featured": False,
        "frequency": file.frequency,
        "frequency_date": None,
        "harvest": None,
        "id": file.dataset,
        "internal": {"created_at_internal": "2018-01-01T00:00:00.000000+00:00", "last_modified_internal": moment},
        "last_modified": moment,
        "last_update": moment,
        "license": file.licence,
        "metrics": {},
        "organization": {"acronym": None, "class": "Organization", "name": file.organisation, "slug": file.slug},
        "owner": None,
        "page": page,
        "permissions": {"delete": False, "edit": False, "edit_resources": False},
        "private": False,
        "quality": {"all_resources_available": True, "score": 1.0},
        "resources": _resources(ask, file),
        "schema": None,
        "slug": file.slug,
        "spatial": {"geom": None, "granularity": "fr:commune", "zones": ["country:fr"]},
        "tags": [],
        "temporal_coverage": None,
        "title": file.dataset_title,
        "uri": f"https://{HOST}/api/1/datasets/{file.dataset}/",
    }


def _resources(ask: Ask, file: File) -> list[dict[str, Any]]:
    """The documentation, then the files of the dataset of `file`."""
    notice = _resource(
        f"{file.resource[:-4]}0000",
        "Documentation",
        "documentation",
        "pdf",
        f"https://{STATIC}/resources/{file.slug}/20260101-000000/notice.pdf",
        _stamp(file.modified),
    )
    # A remote documentation has neither checksum nor size: clients must live with both being null.
    siblings = [other for other in collected("FILES") if other.dataset == file.dataset]
    return [notice | {"filetype": "remote"}, *(_main(ask, other) for other in siblings)]


def _main(ask: Ask, file: File) -> dict[str, Any]:
    stamp = _modified(ask, file)
    sha1, size = _digest(ask, file)
    listed = _resource(file.resource, file.title, "main", file.form, f"https://{STATIC}{_path(file, stamp)}", stamp)
    return listed | {
        "checksum": {"type": "sha1", "value": sha1},
        "filesize": size,
        "mime": file.mime,
        "schema": file.schema,
        "extras": {"analysis:last-modified-at": stamp.strftime("%Y-%m-%dT%H:%M:%S+00:00"), "check:status": 200},
    }


def _resource(ident: str, title: str, kind: str, form: str, url: str, stamp: dt.datetime) -> dict[str, Any]:
    moment = _iso(stamp)
    return {
        "checksum": None,
        "created_at": "2021-01-01T00:00:00.000000+00:00",
        "extras": {},
        "filesize": None,
        "filetype": "file",
        "format": form,
        "harvest": None,
        "id": ident,
        "internal": {"created_at_internal": "2021-01-01T00:00:00.000000+00:00", "last_modified_internal": moment},
        "last_modified": moment,
        "latest": f"https://{HOST}/api/1/datasets/r/{ident}",
        "metrics": {},
        "mime": None,
        "preview_url": None,
        "schema": None,
        "title": title,
        "type": kind,
        "url": url,
    }


def _digest(ask: Ask, file: File) -> tuple[str, int]:
    """sha1 and size of the file as it would be served now; kept while no fault alters its figures."""
    view = _view(ask, file)
    if view.altered:
        return _sums(view, file)
    return ask.view.figures.kept(f"sums of {file.resource}", lambda: _sums(view, file))


def _sums(view: View, file: File) -> tuple[str, int]:
    body = encode(file.payload(view))
    return hashlib.sha1(body, usedforsecurity=False).hexdigest(), len(body)
