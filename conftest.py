"""Shared by the tests of the core and of the apps: order, umask, and the fixtures of two files."""

import gc
import os
from collections.abc import Generator, Iterator
from math import inf

import pytest
from ecglens import progress
from ecglens.engine.incremental import walker
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

pytest_plugins = ("tests.browser", "tests.front_doors")
UMASK = os.umask(0o077)  # of who started the tests
os.umask(UMASK)
# No test ends with a power cut, against which the store flushes each file: 5 ms, 300 times a run.
os.fsync = lambda _: None
# Networks of tests are small, and are walked by windows as large ones are.
walker.LEAST_VALUES = 0
# No test finds the line of a minute that ends while it runs on what it printed.
progress.LINE_S = inf
# Python looks for cycles at 700, 10 and 10; here that takes 4 % of the time of all tests.
SELDOM = (10_000, 20, 20)
# A quarter of a minute each and more: several workers end together when these are begun first.
LONG = (
    "test_reproduce",
    "test_cheats",
    "test_attacks_on_the_answer",
    "test_run",
    "test_commands",
    "test_elsewhere",
    "test_launchers",
    "test_front_doors",
    "test_experiments",
    "test_docs",
    "test_site",
    "test_own_targets",
    "test_classes",
    "test_planted",
    "test_page",
    "test_plugin",
    "test_every_number",
    "test_prepare",
    "test_explain",
    "test_library",
    "test_extras",
)
# Files that share a fixture of many seconds (`sweep`, `site`) go to one worker.
TOGETHER = {
    "apps/export/tests/test_export.py": "sweep",
    "apps/sheets/tests/test_explain.py": "sweep",
    "apps/study/tests/commands/test_create.py": "sweep",
    "tests/cli/test_built.py": "sweep",
    "tests/cli/test_front_doors.py": "sweep",
    "tests/cli/test_library.py": "sweep",
    "tests/cli/test_sweep.py": "sweep",
    "tests/cli/test_wandb.py": "sweep",
    "tests/docs/test_settings.py": "site",
    "tests/docs/test_site.py": "site",
}


class Scheduling(LoadFileScheduling):
    """A file, or files that share a fixture, at a time."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return TOGETHER.get(file, file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """Our own way of `--dist loadfile`."""
    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; a browser is heavy, and half a minute is too."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()) or item.get_closest_marker("long"):
            item.add_marker(pytest.mark.heavy)
    items.sort(key=lambda item: item.path.stem not in LONG)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """No later collection of garbage looks again at torch and every test: 0.4 s of it each."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*SELDOM)
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def own_key(tmp_path_factory) -> Iterator[None]:
    """The key that signs runs is not that of who started the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture
def untyped(request) -> None:
    """For arguments of a wrong type: where types are checked, they are refused before our words."""
    if request.config.getoption("jaxtyping_packages"):
        pytest.skip("a wrong type is refused by the check of types")


@pytest.fixture(autouse=True)
def umask() -> None:
    """Files of ECGs that have to stay are private from then on: not those of the next test."""
    os.umask(UMASK)
