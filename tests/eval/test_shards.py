"""Shards of an evaluation: every chunk is made by one of them, and the whole finds all."""

import pytest
from ecglens.eval import Evaluation
from ecglens.store import Shard, Store
from ecglens_metrics import Similarity

from .test_precompute import QUICK, computed_here, networks, same, subject

__all__ = ["computed_here"]  # a fixture


def made(evaluation: Evaluation, folder, shard: str) -> None:
    evaluation.make(networks(), subject(folder, 1), Shard.parse(shard))


@pytest.mark.heavy
def test_four_shards_make_the_numbers_of_one_process(tmp_path, computed_here):
    alone = QUICK(networks(), subject(tmp_path / "alone", 1))
    folder = tmp_path / "shards"
    counts = []
    for shard in ("3/4", "2/4", "1/4", "4/4"):
        computed_here.clear()
        made(QUICK, folder, shard)
        counts.append(len(computed_here))
    # Two chunks of ECGs by a method and three controls; the other shards have no chunk.
    assert counts == [0, 4, 4, 0]
    computed_here.clear()
    same(alone, QUICK(networks(), subject(folder, 1)))
    assert not computed_here


def test_a_shard_skips_what_is_there_and_makes_what_needed_the_others(tmp_path, monkeypatch):
    for shard in ("1/2", "2/2", "1/2"):
        made(QUICK, tmp_path, shard)
    written = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.npz")}
    steps = [path.parts[0] for path in written]
    # A method and three controls in two chunks; the method's rungs in two; the oracle in one.
    assert steps.count("curves") == 4 * 2 + 1
    assert steps.count("rungs") == 2
    times = {path: (tmp_path / path).stat().st_mtime_ns for path in written}
    made(QUICK, tmp_path, "1/2")
    assert times == {path: (tmp_path / path).stat().st_mtime_ns for path in written}


def test_what_is_wrong_with_a_network_is_raised_in_a_shard_too(tmp_path):
    few = subject(tmp_path, 1)
    one_patient = Similarity(), few
    net = networks()
    net.nets[0].train()
    with pytest.raises(ValueError, match="training"):
        one_patient[0].make(net, few, Shard(1, 2))
    assert not list(Store(tmp_path).root.rglob("*.npz"))
