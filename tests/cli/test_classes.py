"""Several diagnoses in one network, through the front doors: fitted once, then explained."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from ecglens.eval import load_finding

from .conftest import SMALL

Door = Callable[..., "CompletedProcess[str]"]
CLASSES = (
    *SMALL,
    "target=diagnosis",
    "data.kinds={sinus:0.25,af:0.25,lbbb:0.25,avb1:0.25}",
    "fit.epochs=3",
    "method=[saliency]",
)
# Of the four kinds this set has two: nothing is known there of the others.
FEWER = (
    "data@data.external=exact",
    "data.external.n=24",
    "data.external.seed=1",
    "data.external.kinds={sinus:0.5,lbbb:0.5}",
)


@pytest.mark.long
def test_a_network_of_nine_classes_is_fitted_once_and_explained_for_each(
    door: Door, store: Path, tmp_path: Path
) -> None:
    before = set((store / "networks").glob("*"))
    # As one sweep: the second job finds the network of the first.
    words = (*CLASSES, *FEWER, "target.explain=lbbb,af", f"hydra.sweep.dir={tmp_path}/sweep")
    done = door("train.py", "-m", *words)
    assert done.returncode == 0, done.stderr
    assert len({path for path in (store / "networks").iterdir() if path.is_dir()} - before) == 1
    lbbb, af = (load_finding(tmp_path / f"sweep/{job}/findings/default") for job in (0, 1))
    assert lbbb.about.networks == af.about.networks
    assert lbbb.about.records == af.about.records
    assert lbbb.about.target.explain == "lbbb"
    facts, fit = lbbb.facts, lbbb.facts["fit"]
    assert facts["label_source"] == (
        "af, lbbb, avb1, normal from labels dx_…; never coded: rbbb, lvh, imi, ami, ischaemia"
    )
    assert fit["auroc/lbbb"] > 0.95  # a broad QRS is told within a few steps
    assert fit["positive/lbbb"] + fit["negative/lbbb"] == facts["test"]
    assert fit["unknown/avb1"] == fit["positive/af"]
    assert fit["unknown/lvh"] == facts["test"]
    external = facts["external"]["fit"]
    assert external["auroc/lbbb"] > 0.95
    assert external["unknown/af"] == 24
    (page,) = (tmp_path / "sweep").glob("*.html")
    assert "diagnosis: left bundle branch block (lbbb)" in page.read_text()


@pytest.mark.heavy
def test_a_class_that_the_data_lack_is_said_in_one_line_before_a_fit(
    door: Door, store: Path
) -> None:
    before = sorted((store / "networks").glob("*"))
    done = door("train.py", *CLASSES, "target.explain=lvh")
    assert done.returncode == 2
    said = "labels of lvh, which is explained, got those of af, lbbb, avb1, normal"
    assert said in done.stderr.splitlines()[-1]
    assert sorted((store / "networks").glob("*")) == before
