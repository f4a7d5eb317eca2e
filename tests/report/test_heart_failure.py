"""The example of a published network runs as its README says, here on two strips."""

import runpy
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ecglens
import numpy as np
import pytest
import yaml
from ecglens.datamodules import open_records
from ecglens.ecg import resampled
from ecglens.models import InputSpec

ROOT = Path(__file__).parents[2]
EXAMPLE, DATA = ROOT / "examples" / "heart_failure", ROOT / "tests" / "data"
WEIGHTS = DATA / "networks" / "heart_failure" / "fold_1.pt"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Those of the example for 0.4 s of each strip and one method: 25 times faster."""
    ask = yaml.safe_load((EXAMPLE / "heart_failure.yaml").read_text(encoding="utf-8"))
    ask["input"]["samples"] = 200
    path = tmp_path / "heart_failure.yaml"
    path.write_text(yaml.safe_dump(ask | {"methods": ["saliency"]}))
    return path


@pytest.fixture
def strips(tmp_path: Path) -> Path:
    """Two strips of LUDB."""
    folder = tmp_path / "ludb"
    (folder / "data").mkdir(parents=True)
    names = (DATA / "ludb" / "RECORDS").read_text().split()[:2]
    (folder / "RECORDS").write_text("\n".join(names))
    for name in names:
        for file in (DATA / "ludb").glob(f"{name}.*"):
            shutil.copy(file, folder / "data")
    return folder


def run(monkeypatch: pytest.MonkeyPatch, script: str, *words: Path) -> None:
    monkeypatch.setattr(sys, "argv", [script, *map(str, words)])
    runpy.run_path(str(EXAMPLE / script))


def test_records_of_two_rates_are_read_at_one(
    settings: Path, strips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # Said to be of 250 Hz, the second strip lasts 20 s, and its beats come half as often.
    (_, header) = sorted((strips / "data").glob("*.hea"))
    first, *rest = header.read_text("utf-8").splitlines()
    name, leads, fs, *more = first.split()
    assert fs == "500"
    header.write_text("\n".join([" ".join([name, leads, "250", *more]), *rest]) + "\n")
    given: dict[str, Any] = {}

    def ranked(net: object, x: np.ndarray, **settings: Any) -> Any:
        given.update(settings, x=x)
        return SimpleNamespace(save=str)

    monkeypatch.setattr(ecglens, "rank_methods", ranked, raising=False)
    run(monkeypatch, "rank.py", settings, WEIGHTS, strips, tmp_path / "page.html")
    assert given["fs"] == 500
    slow = Path(header).with_suffix("").name
    (whole,) = (one for one in open_records("ludb", path=str(strips)) if slow in one.id)
    expected = resampled(whole.signal, 250, 500)
    at = expected.shape[1] // 2
    half = given["x"].shape[-1] // 2
    np.testing.assert_allclose(given["x"][1], expected[:, at - half : at + half])


@pytest.mark.long
def test_methods_are_ranked_in_twenty_lines(
    settings: Path,
    strips: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    lines = (EXAMPLE / "rank.py").read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line]) <= 20
    page = tmp_path / "page.html"
    run(monkeypatch, "rank.py", settings, WEIGHTS, strips, page)
    assert page.is_file()
    assert "saliency" in capsys.readouterr().out


@pytest.mark.heavy
def test_folds_are_compared(
    settings: Path,
    strips: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    folds = tmp_path / "folds"
    folds.mkdir()
    for number in (1, 2):
        shutil.copy(WEIGHTS, folds / f"fold_{number}.pt")
    run(monkeypatch, "folds.py", settings, folds, strips, tmp_path / "report")
    assert (tmp_path / "report" / "report.html").is_file()
    assert "agree with ρ = 1.00" in capsys.readouterr().out  # twice the same fold


@pytest.mark.parametrize("name", ["heart_failure.yaml", "chagas.yaml"])
def test_the_published_input_is_declared(name: str):
    ask = yaml.safe_load((EXAMPLE / name).read_text(encoding="utf-8"))
    spec = InputSpec.from_plain(ask["input"])
    assert spec.leads == ("aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
    assert spec.normalised is not None
    assert (spec.normalised.ddof, spec.normalised.statistics) == (1, "frozen")
    assert spec.samples == {"heart_failure.yaml": 5000, "chagas.yaml": 800}[name]
