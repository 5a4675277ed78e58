"""Every page of a site: valid HTML, links that resolve, what a reader without scripts, colour or mouse needs."""

from __future__ import annotations

import posixpath
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from flows.core.errors import ReleaseError
from flows.publishing.site import territory_site
from tests.publishing.site_kit import BASE, SITE, TOWN, build, built, pages, parsed, text, tree
from tests.tiny_release import tiny_release

LINKING = {"a": "href", "link": "href", "script": "src", "img": "src", "use": "href"}


def _name(path) -> str:
    return path.relative_to(built()).as_posix()


def test_expected_addresses_exist():
    """The addresses of the house's contract that this release can have."""
    files = tree(built())
    folders = (
        " indicateurs indicateurs/revenu-median-uc indicateurs/revenu-median-uc/calcul engagements engagements/e1 "
        "champs/e2-energie communes communes/59172 epci/200042190 qualite sources brut journal alertes methodes "
        "glossaire telechargements accessibilite mentions-legales couverture bien-etre recherche"
    )
    for address in folders.split(" "):
        assert f"{address}/index.html".lstrip("/") in files, address
    for address in ("404.html", "robots.txt", "sitemap.xml", "journal/flux.xml", "alertes/flux.xml"):
        assert address in files, address
    communes = [t for t in tiny_release().table("dim_territory").to_pylist() if t["niveau"] == "commune"]
    assert sum(1 for a in files if re.fullmatch(r"communes/\d{5}/index\.html", a)) == len(communes) > 0


def test_pages_are_valid_html():
    """html5lib in strict mode refuses any parse error."""
    count = 0
    for path in pages(built()):
        try:
            parsed(path)
        except Exception as error:  # the parser's error does not say which page
            pytest.fail(f"{_name(path)} : {error}")
        count += 1
    assert count > 40


def test_ids_are_unique_and_references_resolve():
    """`aria-labelledby`, `aria-describedby` and `#fragment` point at an id of the page."""
    for path in pages(built()):
        root = parsed(path)
        ids = [n.get("id") for n in root.iter() if n.get("id")]
        assert len(ids) == len(set(ids)), (_name(path), sorted({i for i in ids if ids.count(i) > 1}))
        for node in root.iter():
            for attribute in ("aria-labelledby", "aria-describedby"):
                for ref in (node.get(attribute) or "").split():
                    assert ref in ids, (_name(path), attribute, ref)


def test_internal_links_and_anchors_resolve():
    """Each relative link leads to a file of the site, and each anchor to an id of that page."""
    target = built()
    files = tree(target)
    anchors = {_name(p): {n.get("id") for n in parsed(p).iter() if n.get("id")} for p in pages(target)}
    seen = 0
    for path in pages(target):
        here = _name(path)
        for node in parsed(path).iter():
            tag = node.tag.rsplit("}", 1)[-1] if isinstance(node.tag, str) else ""
            href = node.get(LINKING.get(tag, "href")) or node.get("{http://www.w3.org/1999/xlink}href")
            if not href or re.match(r"https?://", href):
                continue
            assert not re.match(r"[a-z]+:", href), (here, href)
            file, _, fragment = href.partition("#")
            file = file.partition("?")[0]
            if here == "404.html" and file.startswith("/"):
                full = file[1:]
            else:
                assert not file.startswith("/"), (here, href)
                full = posixpath.normpath(posixpath.join(posixpath.dirname(here), file)) if file else here
            assert full in files, (here, href)
            if fragment and full in anchors:
                assert fragment in anchors[full], (here, href)
            seen += 1
    assert seen > 500


def test_nothing_is_asked_from_another_host():
    """Resources come from the site; other hosts only appear as links a person may follow."""
    for path in pages(built()):
        for node in parsed(path).iter():
            for attribute in ("src", "srcset", "data", "poster", "action", "{http://www.w3.org/1999/xlink}href"):
                assert "//" not in (node.get(attribute) or ""), (_name(path), attribute)
            if node.tag == "link":
                assert "//" not in node.get("href", ""), _name(path)
            assert node.get("style") is None, (_name(path), node.tag, "the page's policy forbids inline styles")
        assert "<style" not in path.read_text(encoding="utf-8"), _name(path)
    css = (built() / "assets/style.css").read_text(encoding="utf-8")
    assert "//" not in re.sub(r"/\*.*?\*/", "", css, flags=re.S) and "@import" not in css


def test_each_page_has_its_landmarks():
    """One h1, language, title of its own, skip link to main, navigation named, no heading level skipped."""
    titles: dict[str, str] = {}
    for path in pages(built()):
        root, name = parsed(path), _name(path)
        assert root.get("lang") == "fr", name
        assert len(list(root.iter("h1"))) == 1, name
        assert len(list(root.iter("main"))) == 1, name
        first = next(root.find("body").iter("a"))
        assert first.get("href") == "#contenu" and root.find(".//main").get("id") == "contenu", name
        assert all(nav.get("aria-label") for nav in root.iter("nav")), name
        title = text(root.find("head/title"))
        assert title not in titles, (name, titles.get(title))
        titles[title] = name
        levels = [int(n.tag[1]) for n in root.iter() if isinstance(n.tag, str) and re.fullmatch("h[1-6]", n.tag)]
        assert all(b <= a + 1 for a, b in pairwise(levels)), (name, levels)


def test_tables_have_captions_and_scopes():
    for path in pages(built()):
        for table in parsed(path).iter("table"):
            in_prose = table.find("caption") is None
            assert not in_prose or "methodes" in _name(path), _name(path)
            assert all(th.get("scope") in ("row", "col", "rowgroup") for th in table.iter("th")), _name(path)


def test_drawings_are_named_or_hidden():
    """Every svg at the top of a drawing is either hidden from assistive tools or named."""
    for path in pages(built()):
        root = parsed(path)
        nested = {id(s) for svg in root.iter() if _is_svg(svg) for s in svg.iter() if s is not svg and _is_svg(s)}
        for svg in root.iter():
            if _is_svg(svg) and id(svg) not in nested and svg.get("aria-hidden") != "true":
                assert svg.get("role") in ("img", "group", "graphics-document"), _name(path)
                assert svg.get("aria-label") or svg.get("aria-labelledby"), _name(path)


def _is_svg(node) -> bool:
    return isinstance(node.tag, str) and node.tag.rsplit("}", 1)[-1] == "svg"


def test_a_state_is_never_a_colour_alone():
    for path in pages(built()):
        for chip in parsed(path).iter("span"):
            if "statut" in (chip.get("class") or "").split():
                assert text(chip), _name(path)


def test_demonstration_is_said_on_every_page_and_only_then(tmp_path):
    for path in pages(built()):
        words = text(parsed(path).find("body"))
        assert "Démonstration." in words and "jours d’air dégradé" in words, _name(path)
    build(tiny_release(mode="reel"), tmp_path)
    for path in sorted(tmp_path.rglob("*.html")):
        assert "Démonstration." not in text(parsed(path).find("body")), path.name


def test_release_number_is_on_every_page_and_on_paper():
    release = tiny_release()
    for path in pages(built()):
        assert release.id in text(parsed(path).find(".//footer")), _name(path)
    sheet = (built() / "assets/impression.css").read_text(encoding="utf-8")
    assert f'content:"{TOWN["observatoire"]} · Version {release.id}"' in sheet and '"VERSION"' not in sheet


def test_home_page_is_light():
    """Home and what it needs to be shown: under 300 kB (US-62)."""
    target = built()
    needed = ["index.html"]
    for node in parsed(target / "index.html").iter():
        if node.tag == "script" or (node.tag == "link" and node.get("rel") in ("stylesheet", "icon")):
            needed.append((node.get("src") or node.get("href")).partition("?")[0])
    size = sum((target / name).stat().st_size for name in needed)
    size += sum(p.stat().st_size for p in (target / "assets/police").glob("*.woff2"))
    assert size < 300_000, size


def test_two_builds_give_the_same_bytes(tmp_path):
    build(tiny_release(), tmp_path, drawn=True)
    mine, other = tree(built()), tree(tmp_path)
    assert mine.keys() == other.keys()
    assert [name for name in mine if mine[name] != other[name]] == []


def test_sitemap_robots_and_feed():
    target = built()
    sitemap = ET.parse(target / "sitemap.xml").getroot()
    places = [n.text for n in sitemap.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert places == sorted(places) and f"{BASE}indicateurs/revenu-median-uc/" in places
    assert not any("404" in p for p in places)
    for place in places:
        assert (target / place.removeprefix(BASE) / "index.html").exists(), place
    assert f"Sitemap: {BASE}sitemap.xml" in (target / "robots.txt").read_text()
    feed = ET.parse(target / "journal/flux.xml").getroot()
    atom = "{http://www.w3.org/2005/Atom}"
    entries = feed.findall(f"{atom}entry")
    assert len(entries) == sum(1 for c in tiny_release().table("fct_status_change").to_pylist() if not c["premiere"])
    assert len({e.find(f"{atom}id").text for e in entries}) == len(entries)
    alerts = ET.parse(target / "alertes/flux.xml").getroot().findall(f"{atom}entry")
    told = [r for r in tiny_release().table("fct_alert_log").to_pylist() if r["destinataires"] == "referents"]
    assert len(alerts) == len(told) > 0 and all(
        "dit aux référents" in e.find(f"{atom}summary").text.lower() for e in alerts
    )


def test_progress_reaches_its_end_without_going_back(tmp_path):
    steps: list[tuple[int, int]] = []
    build(tiny_release(), tmp_path, progress=lambda done, total: steps.append((done, total)))
    assert [d for d, _ in steps] == sorted(d for d, _ in steps)
    assert len({t for _, t in steps}) == 1 and steps[-1][0] <= steps[-1][1]


def test_a_link_that_leads_nowhere_stops_the_build(tmp_path):
    """A page that a template links to and nobody writes is an error, not a broken link online."""
    from flows.publishing.pages import Writer

    writer = Writer(tmp_path, tmp_path, {}, BASE, {})
    writer.at("/journal/")
    assert writer.link("/nulle-part/") == "../nulle-part/index.html"
    with pytest.raises(ReleaseError) as caught:
        writer.check_links()
    assert "/nulle-part/index.html (depuis /journal/)" in caught.value.where


def test_another_process_writes_the_same_pages_of_territories(tmp_path):
    release = tiny_release()
    build(release, tmp_path / "alone")
    sheaf = territory_site(release, tmp_path / "shared", SITE, base_url=BASE, territory=TOWN)
    assert {address.split("/")[1] for address in sheaf.pages} == {"communes", "epci"}
    build(release, tmp_path / "shared", territories=lambda: sheaf)
    assert tree(tmp_path / "alone") == tree(tmp_path / "shared")
