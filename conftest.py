"""Shared by the tests of the core and of the apps: order, umask, and the fixtures of two files."""

import gc
import os
from collections.abc import Generator, Iterator

import pytest

pytest_plugins = ("tests.browser", "tests.front_doors")
UMASK = os.umask(0o077)  # of who started the tests
os.umask(UMASK)
# A quarter of a minute each and more: several workers end together when these are begun first.
LONG = (
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


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; what looks through a browser is heavy."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
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
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def own_key(tmp_path_factory) -> Iterator[None]:
    """The key that signs runs is not that of who started the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(autouse=True)
def umask() -> None:
    """Files of ECGs that have to stay are private from then on: not those of the next test."""
    os.umask(UMASK)
