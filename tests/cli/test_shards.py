"""A job in shards: each leaves its share in the store, and the run without shard= gathers."""

from pathlib import Path

import pytest

from .conftest import SMALL

# Two chunks of ECGs by one method that no other test of these uses.
JOB = (*SMALL, "ecgs=20", "method=[gradcam]", "evaluation.default.draws=1")


@pytest.mark.heavy  # five runs
def test_the_run_that_gathers_finds_what_the_shards_have_made(door, store, tmp_path):
    def arrays() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in store.glob("*/*/*.npz")}

    before = arrays()
    for shard in (1, 2, 1):
        done = door("train.py", *JOB, f"shard={shard}/2")
        assert done.returncode == 0, done.stderr
        line = f"shard {shard} of 2: done; the run without shard= gathers"
        assert done.stdout.splitlines()[-1] == line
        assert not list(tmp_path.rglob("report.html"))
    made = {path: time for path, time in arrays().items() if path not in before}
    # A method and three controls in two chunks; its target prior, and its maps of other patients.
    steps = [path.parts[-3] for path in made]
    assert {step: steps.count(step) for step in steps} == {
        "attributions": 8, "orders": 8, "curves": 8, "rungs": 2 + 2,
    }  # fmt: skip
    done = door("evaluate.py", *JOB)
    assert done.returncode == 0, done.stderr
    after = {path: time for path, time in arrays().items() if path not in before}
    assert sorted(after.values()) == sorted(made.values())


@pytest.mark.heavy
def test_shards_run_as_a_sweep_have_finished(door):
    done = door("train.py", "-m", *JOB, "shard=1/2,2/2", "hydra.sweep.dir=shards")
    assert done.returncode == 0, done.stderr
    assert "unfinished" not in done.stderr


@pytest.mark.heavy
@pytest.mark.parametrize("word", ["shard=5/4", "shard=x", "workers=0", "workers=two"])
@pytest.mark.parametrize("command", ["train", "prepare"])
def test_a_wrong_share_is_one_line(door, command, word):
    value = word.split("=")[1]
    done = door("ecglens", command, "data=exact", "data.n=8", word)
    assert done.returncode == 2
    said = done.stderr.splitlines()[-1]
    assert said.startswith("ecglens: expected ")
    assert said.endswith((f"got {value!r}", f"got {value}"))


def test_a_shard_of_ecgs_is_prepared_without_a_page(door, tmp_path):
    done = door("ecglens", "prepare", "data=exact", "data.n=4", "shard=1/2")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "shard 1 of 2: done; the run without shard= gathers\n"
    assert not list(tmp_path.rglob("*.html"))
