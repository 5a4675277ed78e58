"""The whole static site of a release, in one pass and deterministic: same release and site folder, same bytes.

Which pages exist is decided here; what they say in `views_*`; how they look in `site/`. No clock, no random number,
no network. Every internal link is checked before the function returns.

Not here: the steward's run report (`report`), e-mails (`flows.alerts`), the atomic switch (`flows.warehouse`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.core.tables import Release
from flows.publishing import charts, exports, maps, search
from flows.publishing import views_coverage as coverage
from flows.publishing import views_home as home
from flows.publishing import views_plan as plans
from flows.publishing import views_release as about
from flows.publishing import views_territory as places
from flows.publishing.feeds import write_alert_feed, write_feed, write_robots, write_sitemap
from flows.publishing.grammar import lower_first
from flows.publishing.markup import Content, load_content
from flows.publishing.numbers import is_intensive
from flows.publishing.pages import Sheaf, Writer, fingerprint, load_words
from flows.publishing.sentences import indicator_sentences
from flows.publishing.views_alerts import alerts_page
from flows.publishing.views_data import Row, World
from flows.publishing.views_indicator import indicator_page, map_notes
from flows.publishing.views_others import other_series
from flows.publishing.views_trace import trace

MENU = [
    ("engagements", "/engagements/"),
    ("indicateurs", "/indicateurs/"),
    ("communes", "/communes/"),
    ("qualite", "/qualite/"),
    ("telechargements", "/telechargements/"),
    ("journal", "/journal/"),
    ("recherche", "/recherche/"),
]


@dataclass(frozen=True)
class SiteSummary:
    """What was written: number of HTML pages, size in octets of every file."""

    pages: int
    bytes: int


def build_site(
    release: Release,
    target: Path,
    site_dir: Path,
    *,
    base_url: str,
    territory: Mapping[str, str],
    progress: Callable[[int, int], None] | None = None,
    territories: Callable[[], Sheaf] | None = None,
) -> SiteSummary:
    """Write the site and its exports under `target`.

    Args:
        site_dir: folder of templates, content, static files and `words.yml`.
        base_url: public address, used only where an absolute one is required (feed, sitemap, robots, 404, exports).
        territory: `nom`, `nom_long`, `de_nom`, `projet`, `observatoire`.
        progress: called with (pages done, pages in all).
        territories: gives what another process wrote with `territory_site`; without it those pages are written here.

    Raises:
        ReleaseError: the release is incomplete, a template failed, or a link leads nowhere.
        ConfigurationError: words or content cannot be read.
    """
    words = load_words(site_dir / "words.yml")
    world = World(release, territory, words)
    builder = _Builder(world, target, site_dir, base_url, progress)
    builder.assets()
    builder.exports()
    builder.front()
    builder.indicators()
    builder.territories(territories)
    builder.release_pages()
    builder.texts()
    builder.writer.check_links()
    return SiteSummary(pages=len(builder.writer.pages), bytes=sum(builder.writer.written.values()))


def territory_site(
    release: Release, target: Path, site_dir: Path, *, base_url: str, territory: Mapping[str, str]
) -> Sheaf:
    """Write the pages of communes and EPCI alone, the same bytes as `build_site` does; see it for the arguments."""
    world = World(release, territory, load_words(site_dir / "words.yml"))
    builder = _Builder(world, target, site_dir, base_url, None)
    builder.territory_pages()
    return builder.writer.sheaf()


class _Builder:
    """One site being written: the writer, the world, and the drawings made once."""

    def __init__(
        self, world: World, target: Path, site_dir: Path, base_url: str, progress: Callable[[int, int], None] | None
    ) -> None:
        self.world, self.target, self.static = world, target, site_dir / "static"
        self.progress, self.done = progress, 0
        described = 2 * len(world.indicators) + len(world.places) + len(world.catalogue)
        self.total = 14 + described  # an upper bound: not every entry of the catalogue has its page
        self.texts_dir = site_dir / "content"
        sheet = f"{world.territory['observatoire']} · {world.words['site']['version'].format(id=world.id)}"
        css = (self.static / "impression.css").read_text(encoding="utf-8")
        self.print_css = css.replace('"VERSION"', json.dumps(sheet, ensure_ascii=False)).encode()
        common: dict[str, Any] = {
            "territoire": dict(world.territory),
            "version": world.id,
            "nuit": world.nuit,
            "mode": world.mode,
            "simules": [lower_first(i["titre_court"] or i["titre"]) for i in world.simulated()],
            "declares": len(world.indicators),
            "menu": MENU,
            "empreintes": {
                "style": fingerprint((self.static / "style.css").read_bytes()),
                "script": fingerprint((self.static / "observatoire.js").read_bytes()),
                "impression": fingerprint(self.print_css),
                "recherche": fingerprint((self.static / "recherche.js").read_bytes()),
            },
            "textes": [],
        }
        self.writer = Writer(target, site_dir / "templates", world.words, base_url, common)
        headers = load_content(self.texts_dir, lambda address: address)
        common["textes"].extend(sorted(headers, key=lambda c: (c.ordre, c.slug)))
        self.texts_order: list[Content] = list(common["textes"])

    def page(self, address: str, template: str, titre: str, description: str = "", **values: Any) -> None:
        """One page, counted by the progress."""
        self.writer.page(address, f"pages/{template}.html.j2", titre=titre, description=description, **values)
        self.done += 1
        if self.progress is not None:
            self.progress(min(self.done, self.total), self.total)

    def assets(self) -> None:
        """Styles, script, font and mark under /assets/; the print sheet carries the release's number."""
        for path in sorted(p for p in self.static.rglob("*") if p.is_file()):
            name = path.relative_to(self.static).as_posix()
            self.writer.write(f"/assets/{name}", self.print_css if name == "impression.css" else path.read_bytes())

    def exports(self) -> None:
        """The downloads, with the chart of each indicator drawn once for its page and its files."""
        release = self.world.release
        names = [i["indicateur"] for i in self.world.indicators]
        self.charts = {name: charts.indicator_chart(release, name) for name in names}
        drawn = {name: chart for name, chart in self.charts.items() if chart is not None}
        self.written = exports.write_exports(release, self.target, self.writer.base_url, charts=drawn)
        self.writer.register(self.written)
        self.formats = about.formats_of(self.world, self.target, self.written)

    def commune_map(self, indicateur: str, period: str, *, coarse: bool = False) -> Any:
        """The map of an indicator, its communes linking to their pages."""
        link = lambda code: self.writer.link(f"/communes/{code}/")  # noqa: E731
        return maps.commune_map(self.world.release, indicateur, period, link=link, coarse=coarse)

    def front(self) -> None:
        """Home, list of indicators, the plan and a page an entry of it."""
        world, words = self.world, self.world.words
        view = home.home(world)
        chosen, drawing = self._home_map()
        title = words["accueil"]["titre"]
        summary = view["chapo"]
        notes = map_notes(world, chosen) if drawing is not None else []
        self.page("/", "accueil", title, summary, **view, carte=drawing, carte_indicateur=chosen, carte_notes=notes)
        rows = [home.indicator_row(world, i) for i in world.indicators]
        self.page(
            "/indicateurs/",
            "indicateurs",
            words["indicateurs"]["titre"],
            words["indicateurs"]["chapo"],
            suivis=[r for r in rows if not r["contexte"]],
            contexte=[r for r in rows if r["contexte"]],
            comptes=home.counts(world, world.indicators),
            marques=home.marks(world, rows),
        )
        words_of = words["couverture"]
        self.page("/couverture/", "couverture", words_of["titre"], words_of["chapo"], **coverage.coverage(world))
        words_of = words["bien_etre"]
        self.page("/bien-etre/", "bien-etre", words_of["titre"], words_of["chapo"], **coverage.well_being(world))
        titles = words["engagements"]
        self.page("/engagements/", "engagements", titles["titre"], titles["chapo"], **plans.plan(world))
        for kind in plans.FOLDERS:
            for entry in world.of_type(kind):
                view = plans.entry_page(world, entry)
                about_it = entry["citation"] or entry["libelle"]
                self.page(plans.address(entry), "engagement", view.pop("titre"), about_it, **view)

    def _home_map(self) -> tuple[Row | None, Any]:
        """The first indicator, in the declared order, that a map of the communes can show; never a simulated one."""
        from flows.publishing.views_indicator import communes_table

        self.writer.at("/")
        simulated = {i["indicateur"] for i in self.world.simulated()}
        for indicator in self.world.indicators:
            passed = indicator["contexte"] or indicator["indicateur"] in simulated
            table = None if passed else communes_table(self.world, indicator)
            drawing = self.commune_map(indicator["indicateur"], table["periode"], coarse=True) if table else None
            if drawing is not None:
                return indicator, drawing
        return None, None

    def indicators(self) -> None:
        """One page an indicator, and one page of its SQL."""
        for indicator in self.world.indicators:
            self._indicator(indicator)

    def _indicator(self, indicator: Row) -> None:
        world, ident = self.world, indicator["indicateur"]
        address = f"/indicateurs/{indicator['slug']}/"
        self.writer.at(address)
        view = indicator_page(world, indicator)
        place = (view["place"]["niveau"], view["place"]["code"])
        head = world.latest(ident, place)
        communes = view["communes"]
        sentences = indicator_sentences(world.release, ident, *place)
        chain = trace(world, indicator, place, head)
        self.page(
            address,
            "indicateur",
            indicator["titre"],
            sentences.phrase,
            **view,
            autres=other_series(world, indicator, place, view["valeurs"]["places"] if view["valeurs"] else []),
            phrase=sentences.phrase,
            phrases=sentences,
            graphique=self.charts[ident],
            carte=self.commune_map(ident, communes["periode"]) if communes else None,
            repartition=self._distribution(indicator, communes),
            trace=chain,
            tete=head,
            formats=self.formats.get(indicator["slug"], []),
        )
        if chain["modele"]:
            words = world.words["calcul"]
            sql = world.release.model_sql(chain["modele"])
            title = words["titre"].format(titre=indicator["titre"])
            self.page(f"{address}calcul/", "calcul", title, words["chapo"], indicateur=indicator, sql=sql)

    def _distribution(self, indicator: Row, communes: Row | None) -> Any:
        """The spread over the communes; a quantity of a whole commune would only show which ones are large."""
        if communes is None or not is_intensive(indicator["unite"]):
            return None
        return charts.distribution(self.world.release, indicator["indicateur"], communes["periode"])

    def territories(self, elsewhere: Callable[[], Sheaf] | None) -> None:
        """The list of communes, a page a commune, a page an EPCI."""
        words = self.world.words["territoires"]
        self.page("/communes/", "communes", words["titre"], words["chapo"], **places.communes_page(self.world))
        if elsewhere is None:
            self.territory_pages()
        else:
            sheaf = elsewhere()
            self.writer.add(sheaf)
            self.done += len(sheaf.pages)

    def territory_pages(self) -> None:
        """A page a commune, then a page an EPCI."""
        world, words = self.world, self.world.words["territoires"]
        epcis = [r for r in world.places.values() if r["niveau"] == "epci" and r["role"] in ("territoire", "voisin")]
        for row in [*world.communes, *world.neighbours, *epcis]:
            folder = "communes" if row["niveau"] == "commune" else "epci"
            view = places.territory_page(world, row)
            title = words["chiffres_legende"].format(nom=row["nom"])
            self.page(f"/{folder}/{row['code']}/", "territoire", row["nom"], title, **view)

    def release_pages(self) -> None:
        """Quality, sources, received files, journal, alerts, downloads."""
        world, words = self.world, self.world.words

        def add(name: str, template: str, **view: Any) -> None:
            chapo = words[name]["chapo"].format(id=world.id)
            self.page(f"/{name}/", template, words[name]["titre"], chapo, **view)

        add("qualite", "qualite", **about.quality(world))
        add("sources", "sources", **about.sources(world))
        groups, bodies = about.raw_files(world)
        for sha, body in bodies.items():
            self.writer.write(f"/brut/{sha}", body)
        add("brut", "brut", groupes=groups)
        add("journal", "journal", **about.journal(world))
        add("alertes", "alertes", **alerts_page(world))
        files = about.downloads(world, self.target, self.written)
        add("telechargements", "telechargements", **files, colonnes=words["telechargements"]["colonnes_sens"])

    def texts(self) -> None:
        """Pages of text, the page of unknown addresses, sitemap, robots and feed."""
        for header in self.texts_order:
            address = f"/{header.slug}/"
            self.writer.at(address)
            page = next(c for c in load_content(self.texts_dir, self.writer.link) if c.slug == header.slug)
            self.page(address, "texte", page.titre, page.resume, page=page)
        words = self.world.words["recherche"]
        view = search.search_page(self.world, self.texts_order)
        self.page("/recherche/", "recherche", words["titre"], words["chapo"], **view)
        words = self.world.words["introuvable"]
        listed = list(self.writer.pages)
        self.page("/404.html", "introuvable", words["titre"], words["texte"])
        write_sitemap(self.writer, listed)
        write_robots(self.writer)
        write_feed(self.writer, self.world)
        write_alert_feed(self.writer, self.world)
