"""Exchanged chest leads are told, and never where the heart alone is unusual."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from ecglens.datamodules import open_records
from ecglens.ecg import LEADS, Record, draw_exact, exact_record, filtered, quality
from ecglens.ecg.lead_order import RELATED, SHORTER, chest_exchanged
from ecglens.ecg.waves import PIECE

from benchmarks.ludb_marks import Marked

PAIRS = [("V1", "V2"), ("V2", "V3"), ("V3", "V4"), ("V4", "V5"), ("V5", "V6")]


def exchanged(record: Record, pair: tuple[str, str]) -> Record:
    one, other = map(LEADS.index, pair)
    signal = record.signal.copy()
    signal[[one, other]] = signal[[other, one]]
    return replace(record, signal=signal)


@pytest.fixture(scope="module")
def generated() -> list[Record]:
    return list(open_records("deepfake", n=100))


# Least number of 100 generated ECGs and of the 32 of LUDB in which an exchange is told. V5 and V6
# are alike in many hearts: an exchange cannot be seen there.
@pytest.mark.heavy
@pytest.mark.parametrize(
    ("pair", "of_generated", "of_ludb"),
    [*zip(PAIRS, (85, 95, 92, 88, 40), (24, 28, 30, 29, 19), strict=True)],
)
def test_an_exchange_of_neighbours_is_told_by_name(pair, of_generated, of_ludb, generated, ludb):
    told = [quality(exchanged(record, pair)).exchanged == pair for record in generated]
    assert sum(told) >= of_generated
    told = [quality(exchanged(marked.record, pair)).exchanged == pair for marked in ludb.values()]
    assert sum(told) >= of_ludb


def test_of_leads_in_their_places_nothing_is_told(generated: list[Record], ludb: dict[str, Marked]):
    assert sum(quality(record).exchanged != () for record in generated) <= 1
    assert [name for name, marked in ludb.items() if quality(marked.record).exchanged] == []


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["sinus", "lbbb", "rbbb", "lvh", "ami_q", "ami_st", "imi_q"])
def test_a_heart_that_turns_the_way_around_is_no_exchange(kind):
    records = (exact_record(draw_exact(21, index, kind, "varied"), 5.0) for index in range(60))
    assert sum(quality(record).exchanged != () for record in records) <= 2


def test_a_lead_of_noise_is_not_taken_for_an_exchanged_one(generated: list[Record]):
    rng = np.random.default_rng(0)
    for place, record in enumerate(generated[:60]):
        signal = record.signal.copy()
        signal[6 + place % 6] = 30 * rng.standard_normal(signal.shape[1])  # below the noise told
        assert quality(replace(record, signal=signal)).exchanged == ()


def by_hand(banded: np.ndarray) -> tuple[str, ...]:
    """The same with loops: the five exchanges tried one after the other."""
    names: list[str] = [*LEADS[6:]]
    leads = dict(zip(names, banded[2:], strict=True))
    cuts = [slice(at, at + PIECE) for at in range(0, banded.shape[1] - PIECE + 1, PIECE)]
    alike = {
        (one, other): np.median(
            [np.corrcoef(leads[one][cut], leads[other][cut])[0, 1] for cut in cuts]
        )
        for one in names
        for other in names
    }

    def way(order: list[str]) -> float:
        return sum(np.sqrt(2 * max(0.0, 1 - alike[pair])) for pair in pairwise(order))

    best, found = SHORTER, ()
    for left in range(5):
        order = names.copy()
        order[left], order[left + 1] = order[left + 1], order[left]
        beside = [
            max(
                alike[order[place], order[near]] for near in (place - 1, place + 1) if 0 <= near < 6
            )
            for place in (left, left + 1)
        ]
        gain = way(names) - way(order)
        if gain > best and min(beside) >= RELATED:
            best, found = gain, (names[left], names[left + 1])
    return found


def test_it_is_the_shortest_way_written_out(generated: list[Record]):
    seen = set()
    for place, record in enumerate(generated[:40]):
        eight = exchanged(record, PAIRS[place % 5]).signal[[0, 1, *range(6, 12)]].astype(float)
        banded = filtered(eight, 0.5, 40.0)
        seen.add(by_hand(banded))
        assert chest_exchanged(banded) == by_hand(banded)
    assert len(seen) >= 5
