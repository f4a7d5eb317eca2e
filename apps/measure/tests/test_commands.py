"""`ecglens measure` and `ecglens whatif` on a command line: refusals, and networks of a sweep."""

import os
import resource
import subprocess
import sys

import pandas as pd
import pytest

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
