"""Nobody games a season: cheats are found, or get no more than a map that knows nothing."""

import pytest
from ecglens_benchmark.apart import has_namespaces
from ecglens_benchmark.season.cards import excluded
from ecglens_benchmark.season.seasons import Season
from ecglens_benchmark.season.world import Sizes

from benchmarks.season_cheats import card_of, rows_of

from . import cheats

SEASON = Season("test", 1, "7" * 64, False)
SMALL = Sizes(set_ecgs=8, twin_ecgs=8, kinds=1, pairs=2, trained_ecgs=6, strips=4)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store whose networks are fitted once for all cheats."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def honest(store):
    """Cards of the honest maps that cheats contain."""
    names = sorted({*cheats.HONEST.values()})
    return {name: card_of(name, SEASON, store, SMALL) for name in names}


@pytest.mark.long
@pytest.mark.skipif(not has_namespaces(), reason="this machine gives no namespaces")
@pytest.mark.parametrize(
    "kind",
    [*cheats.FOUND_BEFORE, *(pytest.param(each, marks=pytest.mark.long) for each in cheats.MORE)],
    ids=lambda kind: kind.__name__,
)
def test_a_cheat_is_found_or_has_no_reward(kind, store, honest):
    name = kind.__name__
    card = card_of(name, SEASON, store, SMALL)
    assert card["isolated"]
    rewarded = [
        row["part"]
        for row in rows_of(card, honest.get(cheats.HONEST.get(name, "")))
        if row["rewarded"]
    ]
    assert excluded(card) or not rewarded


@pytest.mark.long
@pytest.mark.skipif(not has_namespaces(), reason="this machine gives no namespaces")
def test_honest_methods_are_left_alone_and_rewarded(honest):
    for name in ("InputXGradient", "Saliency"):
        card = honest[name]
        assert not excluded(card)
        assert any(part["low"] is not None and part["low"] > 0 for part in card["parts"])
