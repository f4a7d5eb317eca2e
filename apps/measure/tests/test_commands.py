"""`ecglens measure` and `ecglens whatif` on a command line: refusals, and networks of a sweep."""

import os
import resource
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest
from ecglens.ecg import LEADS, draw_exact, exact_record, median_beat

SECONDS = 2.0  # of a processor: numpy and torch together take longer


def ecglens(*words: object, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ecglens", *map(str, words)],
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("measure", "RUN", "--changes", "length"), "got 'length'"),
        (("measure", "nowhere"), "found no finding on a network beneath nowhere"),
        (("measure", "RUN", "--records", "no.dcm"), "found nothing at no.dcm"),
        (("measure", "RUN", "--data", "ptbxxl"), "got 'ptbxxl'"),
        (("measure", "RUN", "--set", "path"), "expected --set KEY=VALUE"),
        (("measure", "--network", "no.yaml", "--data", "exact"), "found nothing at no.yaml"),
        (("measure", "--together", "--network", "no.yaml", "--data", "exact"), "--together"),
        (("whatif", "no.dcm", "--run", "RUN", "--change", "pr=+20"), "found nothing at no.dcm"),
        (("whatif", "RUN", "--run", "RUN", "--change", "qt=+20"), "expected doses of t_shift"),
        (("whatif", "RUN", "--run", "RUN", "--change", "pr"), "expected --change NAME=BY"),
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


@pytest.mark.heavy
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


@pytest.mark.heavy
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
