"""Pages in a real Chromium: no error, no request outside, nothing that overflows, rules of access, no script needed.

Skipped with its reason when Chromium is absent.
"""

from __future__ import annotations

import pytest

from tests.browser.shots import CHROMIUM, DRESSES, browser, served
from tests.publishing.site_kit import built
from tests.tiny_release import tiny_release

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed (Debian: apt install chromium)"),
]

KEY_PAGES = [
    "/",
    "/indicateurs/",
    "/indicateurs/revenu-median-uc/",
    "/indicateurs/consommation-enaf/",
    "/indicateurs/taux-pauvrete/",
    "/indicateurs/autonomie-energetique/",
    "/indicateurs/revenu-median-uc/calcul/",
    "/communes/",
    "/communes/59172/",
    "/epci/200042190/",
    "/engagements/",
    "/engagements/e1/",
    "/champs/e2-energie/",
    "/ambitions/ambition-1/",
    "/projets/projet-1/",
    "/criteres/qdv-acces-emploi/",
    "/qualite/",
    "/sources/",
    "/brut/",
    "/journal/",
    "/alertes/",
    "/couverture/",
    "/bien-etre/",
    "/telechargements/",
    "/recherche/",
    "/methodes/",
    "/glossaire/",
    "/accessibilite/",
    "/mentions-legales/",
    "/une/adresse/inconnue/",
]


@pytest.fixture(scope="module")
def site():
    with served(built()) as address:
        yield address


@pytest.fixture(scope="module")
def chrome():
    with browser() as instance:
        yield instance


def _open(chrome, dress: str, **more):
    return chrome.new_context(reduced_motion="reduce", **(DRESSES[dress] | more))


def test_no_error_and_no_request_outside(chrome, site):
    """The console stays empty and every request goes to the site's own host."""
    context = _open(chrome, "1280")
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(f"{page.url} {message.type} {message.text}"))
    page.on("pageerror", lambda error: said.append(f"{page.url} {error}"))
    page.on("request", lambda request: asked.append(request.url))
    for address in KEY_PAGES:
        page.goto(site + address)
    context.close()
    unknown = [line for line in said if "404" not in line]  # the unknown address answers 404, as it should
    assert unknown == []
    assert len(said) - len(unknown) <= 1
    assert [url for url in asked if not url.startswith((site, "data:"))] == []
    assert any(url.endswith(".woff2") for url in asked), "the font is served by the site"


@pytest.mark.parametrize("dress", ["320 sans JavaScript", "390", "1280", "mur"])
def test_nothing_overflows(chrome, site, dress):
    """No page scrolls sideways, from 320 px to a wall (wide tables scroll inside their own frame)."""
    context = _open(chrome, dress, java_script_enabled=True)
    page = context.new_page()
    wide = []
    for address in KEY_PAGES:
        page.goto(site + address)
        extra = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if extra > 0:
            wide.append((address, extra))
    context.close()
    assert wide == []


@pytest.mark.parametrize("dress", ["1280", "390 sombre"])
def test_axe_finds_nothing_serious(chrome, site, dress):
    """axe-core, WCAG 2.1 A and AA, without a violation of serious or critical impact, light and dark."""
    from axe_playwright_python.sync_playwright import Axe

    context = _open(chrome, dress)
    page = context.new_page()
    axe, found = Axe(), []
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
    for address in KEY_PAGES:
        page.goto(site + address)
        answer = axe.run(page, options=options).response
        assert any(rule["id"] == "color-contrast" for rule in answer["passes"]), "the rules really ran"
        for fault in answer["violations"]:
            if fault["impact"] in ("serious", "critical"):
                nodes = [node["html"][:160] for node in fault["nodes"][:2]]
                found.append(f"{address} {fault['id']} ({fault['impact']}) {nodes}")
    context.close()
    assert found == [], "\n".join(found)


def test_pages_read_without_script_and_from_a_folder(chrome):
    """Opened as a file, without JavaScript: styled, whole, and its links lead to files."""
    context = _open(chrome, "320 sans JavaScript")
    page = context.new_page()
    page.goto(f"file://{built()}/index.html")
    assert page.locator("h1").is_visible()
    box = page.locator(".menu ul").bounding_box()
    assert box is not None and box["width"] > 280, "the style sheet applies from a folder"
    page.locator(".engagement .lignes a.nom").first.click()
    assert page.url.endswith("/index.html") and "/indicateurs/" in page.url
    assert page.locator("table.valeurs").first.is_visible() and page.locator(".chaine").is_visible()
    context.close()


def test_filter_is_only_an_enhancement(chrome, site):
    """The filter exists with scripts when a list is long, hides what does not match, and ignores accents."""
    context = _open(chrome, "1280")
    page = context.new_page()
    page.goto(site + "/indicateurs/")
    lines = page.locator("table[data-filtre] tbody tr")
    field = page.locator(".filtre input")
    if lines.count() < 12:
        assert field.count() == 0
    else:
        field.fill("energie")
        assert 0 < page.locator("table[data-filtre] tbody tr:visible").count() < lines.count()
    context.close()


def test_keyboard_reaches_the_content(chrome, site):
    """The first Tab shows the skip link; following it brings the focus to the content."""
    context = _open(chrome, "1280")
    page = context.new_page()
    page.goto(site + "/indicateurs/revenu-median-uc/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "evitement"
    box = page.locator(".evitement").bounding_box()
    assert box is not None and box["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"
    context.close()


def test_printed_sheets_carry_the_release_number(chrome, site):
    """Print: navigation gone, and the release number in a margin box of every sheet, as Chromium understood it."""
    context = _open(chrome, "impression")
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto(site + "/indicateurs/revenu-median-uc/")
    assert not page.locator(".menu").is_visible() and page.locator("h1").is_visible()
    rules = page.evaluate(
        "[...document.styleSheets].filter(s => s.media.mediaText === 'print').flatMap(s => [...s.cssRules])"
        ".filter(r => r.constructor.name === 'CSSPageRule').map(r => r.cssText).join('')"
    )
    assert "bottom-left" in rules and tiny_release().id in rules, rules
    pdf = page.pdf(prefer_css_page_size=True)
    context.close()
    assert pdf.startswith(b"%PDF") and len(pdf) > 10_000


REAL = ["/", "/indicateurs/consommation-enaf/", "/indicateurs/taux-pauvrete/", "/epci/200042190/", "/qualite/"]


def test_the_demonstration_site_fits_and_is_accessible(chrome, night_folder):
    """The real release, longer than the tiny one: no sideways scroll at 390 px, nothing serious for axe."""
    from axe_playwright_python.sync_playwright import Axe

    found = []
    with served(night_folder / "current" / "site") as address:
        context = _open(chrome, "390")
        page = context.new_page()
        for path in REAL:
            assert page.goto(address + path).ok, path
            extra = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            answer = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]}).response
            serious = [v["id"] for v in answer["violations"] if v["impact"] in ("serious", "critical")]
            assert answer["passes"], "the rules really ran"
            if extra > 0 or serious:
                found.append((path, extra, serious))
        context.close()
    assert found == []


def test_the_search_finds_by_keyboard_what_people_call_otherwise(site, chrome):
    from flows.publishing.search import stems

    page = chrome.new_page()
    page.goto(f"{site}/recherche/")
    for text in ("Médecins généralistes", "Les journaux de l’eau", "ÉNERGIES, cœur & naïveté 2044", "aux", "passées"):
        # The site lists each stem once; the script keeps the reader's order and repeats.
        assert list(dict.fromkeys(page.evaluate("t => window.observatoireRadicaux(t)", text))) == stems(text)
    page.keyboard.press("Tab")
    page.locator("#mots-cherches").focus()
    page.keyboard.type("pauvres")
    assert page.locator("#resultats a").first.get_attribute("href").endswith("taux-pauvrete/index.html")
    assert not page.locator("#toutes").is_visible() and "réponse" in page.locator("#nombre").inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/indicateurs/taux-pauvrete/**")
    page.goto(f"{site}/recherche/?q=zzzz")
    assert page.locator("#resultats li").count() == 0 and "Aucune réponse" in page.locator("#nombre").inner_text()
    page.close()
