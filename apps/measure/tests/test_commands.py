"""`ecglens measure` and `ecglens whatif` on a command line: refusals, and networks of a sweep."""

import os
import resource
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from ecglens.datamodules import load_ecgs, target_of
from ecglens.ecg import LEADS, draw_exact, exact_record, median_beat
from ecglens.store import Store
from ecglens_measure.command import _ecgs, _parser
from ecglens_measure.content import limits
from ecglens_measure.doses import doses
from ecglens_measure.known import exact_ecgs
from ecglens_measure.library import on_ecgs, sheet_of
from ecglens_sheets import Opened, not_evaluated

from .networks import Reads, height

SECONDS = 2.0  # of a processor: numpy and torch together take longer


def ecglens(*words: object, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ecglens", *map(str, words)],
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        check=False,
    )


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("measure", "RUN", "--changes", "length"), "got 'length'"),
        (("measure", "nowhere"), "found no finding on a network beneath nowhere"),
        (("measure", "RUN", "--records", "no.dcm"), "found nothing at no.dcm"),
        (("measure", "RUN", "--data", "ptbxxl"), "got 'ptbxxl'"),
        (("measure", "RUN", "--set", "path"), "expected --data or --records beside --set"),
        (("measure", "RUN", "--data", "exact", "--set", "n"), "expected --set KEY=VALUE"),
        (("measure", "--network", "no.yaml", "--data", "exact"), "found nothing at no.yaml"),
        (("measure", "--together", "--network", "no.yaml", "--data", "exact"), "--together"),
        (("whatif", "no.dcm", "--run", "RUN", "--change", "pr=+20"), "found nothing at no.dcm"),
        (("whatif", "RUN", "--run", "RUN", "--change", "qt=+20"), "expected doses of t_shift"),
        (("whatif", "RUN", "--run", "RUN", "--change", "pr"), "expected --change NAME=BY"),
        (("whatif", "RUN", "--run", "RUN", "--change", "pr=nan"), "pr as a number other than zero"),
        (("whatif", "RUN", "--run", "RUN", "--change", "inverted=2"), "1 for inverted, which has"),
    ],
)
def test_wrong_words_are_refused_before_anything_heavy_is_loaded(words, said, tmp_path):
    run = tmp_path / "run"
    (run / "findings" / "default").mkdir(parents=True)
    (run / "findings" / "default" / "finding.json").write_text("{}")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = ecglens(*(run if word == "RUN" else word for word in words))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert found.returncode == 2
    assert said in found.stderr
    assert len(found.stderr.splitlines()) == 1
    assert after.ru_utime - before.ru_utime < SECONDS


def run_on(data, store, input="median", **settings):
    """Run of a network of R on this data set, as it is opened again."""
    own = load_ecgs(data, "r", input, store=store, **settings)
    net = Reads(height)
    return Opened(net, [not_evaluated(net, own.target, input, {})], own.store, own)


def asked(*words):
    return _parser().parse_args(["RUN", *map(str, words), "--ecgs", "8"])


def test_ecgs_of_the_runs_own_data_set_are_refused_as_others(tmp_path):
    run = run_on("exact", tmp_path, n=60)
    own = {*load_ecgs("exact", "r", store=tmp_path, n=60).prepared.table["id"]}
    with pytest.raises(ValueError, match="expected in --data other ECGs than the run's") as refused:
        _ecgs(run, asked("--data", "exact", "--set", "n=60"))
    assert "\n" not in str(refused.value)
    test, other = _ecgs(run, asked("--data", "exact", "--set", "n=8", "--set", "seed=1"))
    assert own.isdisjoint(other.ecgs.ids)
    assert test.words == "8 generated test ECGs (exact)"
    assert other.words == "8 generated ECGs (exact)"  # all of a data set: not its test part
    assert not other.caution


@pytest.mark.heavy
def test_files_of_the_runs_own_data_set_are_refused_and_copies_are_cautioned_of(tmp_path):
    ludb = Path(__file__).parents[3] / "tests" / "data" / "ludb"
    copies = tmp_path / "copies"
    shutil.copytree(ludb, copies)
    shares = {"train": 0.5, "val": 0.0, "test": 0.5}
    run = run_on("ludb", tmp_path / "store", path=ludb, split=shares)
    with pytest.raises(ValueError, match="expected in --records other ECGs than the run's"):
        _ecgs(run, asked("--records", ludb))
    _, other = _ecgs(run, asked("--records", copies))
    assert other.caution.startswith("Copies of training ECGs under other names would not be")


def test_training_ecgs_of_a_network_without_a_run_are_said_not_to_be_known(tmp_path):
    run = replace(run_on("exact", tmp_path, n=8), training=None)
    (given,) = _ecgs(run, asked("--data", "exact", "--set", "n=8"))
    line = "Whether the network was trained on ECGs of exact is not known."
    assert given.caution == line
    sheet = sheet_of([run.net], [given], [*doses("r").values()], target_of("r"), run.store, 0)
    assert line in limits(sheet.measurements)


def test_the_seed_is_that_of_random_directions_alone(tmp_path):
    assert "of random directions (default: 0)" in _parser().format_help()
    net, given = Reads(lambda x: x[:, 10].abs().mean(1)), exact_ecgs(count=8)
    one, other = (
        on_ecgs([net], given, [*doses("r").values()], target_of("r"), Store(tmp_path), seed).gains
        for seed in (0, 1)
    )
    moved = [name for name in one if not one[name].equals(other[name])]
    assert moved == ["p_null"]


@pytest.mark.long
def test_networks_of_a_sweep_over_seeds_are_measured_as_one(tmp_path):
    store = {"ECGLENS_STORE": str(tmp_path / "store")}
    sweep = tmp_path / "sweep"
    words = ["data=exact", "data.n=80", "target=r", "fit.epochs=1", "ecgs=8", "gallery=0"]
    words += ["method=[saliency]", "evaluation=lerf", "workers=1", f"hydra.sweep.dir={sweep}"]
    trained = ecglens("train", "-m", "seed=0,1", *words, **store)
    assert trained.returncode == 0, trained.stderr
    to = tmp_path / "both"
    asked = ["--changes", "r,t", "--ecgs", "8", "--to", to]
    found = ecglens("measure", sweep, "--together", *asked, **store)
    assert found.returncode == 0, found.stderr
    assert "mean of 2 networks" in (to / "data_sheet.html").read_text("utf-8")
    assert (to / "data_sheet.pdf").is_file()
    alone = tmp_path / "alone"
    ecglens("measure", sweep / "0", "--changes", "r,t", "--ecgs", "8", "--to", alone, **store)
    wide, narrow = (pd.read_csv(each / "gains.csv").iloc[0] for each in (to, alone))
    assert wide["high"] - wide["low"] > narrow["high"] - narrow["low"]
    twice = ecglens("measure", sweep / "0", sweep / "0", "--together", "--to", to, **store)
    assert twice.returncode == 2
    assert "expected networks of different seeds, got seed 0" in twice.stderr


@pytest.mark.long
def test_a_paced_ecg_and_one_lead_have_a_reason_and_no_reading(tmp_path):
    store = {"ECGLENS_STORE": str(tmp_path / "store")}
    words = ["data=exact", "data.n=80", "target=r", "fit.epochs=1", "ecgs=8", "gallery=0"]
    words += ["method=[saliency]", "evaluation=lerf", "workers=1", f"hydra.run.dir={tmp_path}/run"]
    assert (trained := ecglens("train", *words, **store)).returncode == 0, trained.stderr
    record = exact_record(draw_exact(seed=1, index=0), noise_uv=10.0)
    record = replace(record, beat=None)  # made from the strip
    paced = record.signal.copy()
    for peak in median_beat(record).r_peaks[1:]:
        paced[:, peak - 40 : peak - 38] += 600.0  # 4 ms of a pacemaker, 80 ms before R
    cases = {
        "paced": (paced, LEADS, "ventricular pacing"),
        "one": (record.signal[1:2], ["II"], "missing: I,"),
    }
    for name, (signal, leads, why) in cases.items():
        file = tmp_path / f"{name}.csv"
        pd.DataFrame(signal.T, columns=leads).to_csv(file, index=False)
        reader = ["--reader", "columns", "--set", "fs_hz=500", "--set", "unit=uV"]
        found = ecglens(
            "whatif", file, "--run", tmp_path / "run", *reader, "--change", "r=+100", **store
        )
        assert found.returncode == 2, found.stdout
        assert why in found.stderr
        assert len(found.stderr.splitlines()) == 1
        assert not found.stdout
