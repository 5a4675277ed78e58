"""What every test may use: the reference figures, a Chromium, a released demonstration night.

A test that needs something this machine lacks is skipped with its reason; with OBSERVATOIRE_TESTS_NO_SKIP set (as in
.ci/run) a skip is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest
from filelock import FileLock

from tests.officiel.counts import pytest_terminal_summary  # noqa: F401  prints the counts of official figures

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
CHROMIUM = Path("/usr/bin/chromium")

# Nothing of the machine's own configuration may reach a test.
for name in [n for n in os.environ if n.startswith(("OBSERVATOIRE_", "PREFECT_", "DBT_"))]:
    if name not in ("OBSERVATOIRE_TESTS_NO_SKIP",):
        del os.environ[name]
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
os.environ["DO_NOT_TRACK"] = "1"

# No test is timed, and `make test` draws the same examples each time; the campaigns draw new ones.
hypothesis.settings.register_profile("essai", deadline=None, derandomize=True, database=None)
hypothesis.settings.register_profile("campagne", deadline=None, max_examples=2_000, database=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "essai"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first, so that no worker ends alone with one of them."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("OBSERVATOIRE_TESTS_NO_SKIP") and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {reason}"


@dataclass(frozen=True)
class Once:
    """Folders made once for all workers of a session: the first that asks makes it, the others wait."""

    base: Path

    def __call__(self, name: str, make: Callable[[Path], object]) -> Path:
        folder, done = self.base / name, self.base / f"{name}.fait"
        with FileLock(self.base / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                make(folder)
                done.touch()
        return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference figures kept beside the project."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the reference figures (../shared) are not beside the project")
    return SHARED


@pytest.fixture(scope="session")
def chromium() -> Path:
    """A real Chromium from the distribution."""
    if not CHROMIUM.exists():
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    return CHROMIUM


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Make a folder once for all workers."""
    base = tmp_path_factory.getbasetemp()
    return Once(base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base)


@pytest.fixture(scope="session")
def night_folder(once: Once) -> Path:
    """A warehouse where one whole demonstration night ran. Read it, never write to it."""
    from tests.nights import run_night

    def make(folder: Path) -> None:
        value = run_night(folder)
        assert value["exit_code"] == 0, value["errors"] or value["summary"]

    return once("nuit-de-reference", make)


@pytest.fixture(scope="session")
def released(night_folder: Path):  # type: ignore[no-untyped-def]
    """The release that the reference night published."""
    from tests.nights import observatory

    built = observatory(night_folder)
    current = built.releases.current_id()
    assert current is not None
    return built.release(current)


@pytest.fixture(scope="session")
def small_code(once: Once) -> Path:
    """A small observatory of this code: what a night does, without the whole catalogue (`tests.campaign.small`)."""
    from tests.campaign.small import freeze_small

    return once("petit-observatoire", freeze_small)


@pytest.fixture(scope="session")
def small_night(once: Once, small_code: Path) -> Path:
    """A warehouse after one undisturbed night of the small observatory. Read it, never write to it."""
    from tests.campaign.frozen import command

    def make(folder: Path) -> None:
        child = command(small_code, folder, "nightly")
        out, err = child.communicate(timeout=300)
        assert child.returncode == 0, out + err

    return once("petite-nuit", make)


@pytest.fixture
def small(tmp_path: Path, small_code: Path, small_night: Path):  # type: ignore[no-untyped-def]
    """A small observatory after its first night, that a test may go on with."""
    from tests.nights import Small

    return Small.after(small_code, small_night, tmp_path / "entrepot")
