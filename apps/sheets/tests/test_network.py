"""`ecglens explain --network`: sheets of a network that nobody evaluated."""

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from ecglens.cli.commands import main
from ecglens.datamodules import open_records
from ecglens.explain import attribute
from ecglens.models import InputSpec, load_weights
from ecglens_sheets.opened import words_of
from ecglens_zoo import Inception
from hydra.core.override_parser.overrides_parser import OverridesParser

from tests.cli.conftest import ROOT

pytestmark = pytest.mark.filterwarnings("ignore:.*PEP 585")
DATA = ROOT / "tests" / "data"
ONE = DATA / "ludb" / "data" / "1.hea"
WEIGHTS = DATA / "networks" / "heart_failure" / "fold_1.pt"
EXAMPLE = yaml.safe_load((ROOT / "examples" / "heart_failure" / "explain.yaml").read_text("utf-8"))
INPUT = EXAMPLE["network"]["input"]
SMALL = {
    "network": {"_target_": "tests.cli.own_networks.five", "input": {"column": 3}},
    "target": "rate",
    "input": "median",
}
Explain = Callable[..., tuple[int, str, str]]


@pytest.fixture
def explain(monkeypatch, capsys, tmp_path, store) -> Explain:
    """Status, output and errors of `ecglens explain` with this yaml file and these words."""
    monkeypatch.setenv("ECGLENS_STORE", str(store))
    monkeypatch.chdir(tmp_path)

    def said(settings: object, *words: object) -> tuple[int, str, str]:
        Path("my.yaml").write_text(yaml.safe_dump(settings))
        given = [ONE, "--network", "my.yaml", "--set", "may_leave_machine=true", "--trust", *words]
        monkeypatch.setattr(sys, "argv", ["ecglens", "explain", *map(str, given)])
        try:
            main()
        except SystemExit as stopped:
            return int(stopped.code or 0), *capsys.readouterr()
        return 0, *capsys.readouterr()

    return said


@pytest.fixture
def published() -> dict:
    """The example of a published network, with the path of its weights."""
    return {**EXAMPLE, "network": {**EXAMPLE["network"], "weights": str(WEIGHTS)}}


def sheet(folder: Path) -> dict:
    """The numbers of the sheet of ECG 1."""
    return json.loads((folder / "sheets" / "1.json").read_text())


def strip() -> torch.Tensor:
    """ECG 1 of LUDB, (1, 12, 5000) in µV."""
    (record,) = (each for each in open_records("ludb", DATA / "ludb") if each.id == "1")
    return torch.from_numpy(record.signal[None].astype(np.float32))


@pytest.mark.heavy
def test_a_published_network_has_a_prediction_without_an_error_and_no_heatmap(
    explain, published, tmp_path
):
    status, _, errors = explain(published)
    assert status == 0, errors
    found = sheet(tmp_path)
    net = InputSpec.from_plain(INPUT).adapt(load_weights(Inception(), WEIGHTS))
    with torch.no_grad():
        logit = float(net(strip())[0, 0])
    assert found["outputs"] == {"heart_failure": pytest.approx(logit, abs=1e-4)}
    assert (found["evaluated"], found["test"], found["test_ecgs"]) == (False, {}, None)
    assert (found["heatmap"], found["limits_of_agreement"]) == (None, None)
    page = (tmp_path / "sheets" / "1.html").read_text()
    for words in (
        "% (error unknown)",
        "Error unknown: this network was not evaluated with ECGLens.",
        "No heatmap. This network was not evaluated with ECGLens",
        "To test methods: ecglens evaluate network._target_=ecglens_zoo.Inception",
        "The network reads only the leads aVL, aVF, V1, V2, V3, V4, V5, V6 of it.",
        "Its training ECGs are not known",
    ):
        assert words in page.replace("\xa0", " "), words
    assert str(WEIGHTS.parent) not in page


@pytest.mark.heavy
def test_a_method_that_is_asked_for_is_drawn_with_a_caution(explain, published, tmp_path):
    status, _, errors = explain(published, "--method", "saliency")
    assert status == 0, errors
    found = sheet(tmp_path)
    net = InputSpec.from_plain(INPUT).adapt(load_weights(Inception(), WEIGHTS))
    expected = attribute("saliency", net, strip())[0].numpy()
    np.testing.assert_allclose(found["heatmap"], expected, atol=1e-4 * abs(expected).max())
    assert (found["heatmap_method"], found["heatmap_level"]) == ("saliency", None)
    assert found["heatmap_reason"].startswith("Drawn by request. It was not tested")
    page = (tmp_path / "sheets" / "1.html").read_text()
    assert "<strong>Saliency: not tested on this network.</strong>" in page
    (row,) = pd.read_csv(tmp_path / "sheets" / "sheets.csv").to_dict("records")
    assert row["caution"] == "Saliency: not tested on this network"
    assert "Saliency (not tested)" in (tmp_path / "sheets" / "sheets.html").read_text()


@pytest.mark.heavy
def test_a_method_that_is_wrong_on_the_network_is_not_drawn(explain, published, tmp_path):
    assert explain(published, "--method", "lrp_composite")[0] == 0  # behind a normalisation
    found = sheet(tmp_path)
    assert found["heatmap"] is None
    assert found["heatmap_reason"].startswith("LRP composite is wrong on this network: expected a ")


@pytest.mark.heavy
def test_the_command_of_the_sheet_evaluates_the_network_for_the_next_sheet(
    explain, door, monkeypatch, capsys, tmp_path
):
    status, _, errors = explain(SMALL)
    assert status == 0, errors
    page = (tmp_path / "sheets" / "1.html").read_text()
    (line,) = (each for each in page.splitlines() if "To test methods: " in each)
    line = line.partition("To test methods: ")[2].replace("&#39;", "'").replace("</li>", "")
    program, command, *words = shlex.split(line)
    assert (program, command) == ("ecglens", "evaluate")
    words = [word for word in words if not word.startswith(("data", "hydra"))]
    few = ("data=exact", "data.n=60", "ecgs=8", "gallery=0", "method=[saliency]", "logger=csv",
           "evaluation.default.draws=2", "evaluation.noise_10.draws=2")  # fmt: skip
    done = door("evaluate.py", *words, *few, f"hydra.run.dir={tmp_path / 'run'}")
    assert done.returncode == 0, done.stderr
    argv = ["ecglens", "explain", str(ONE), "--run", "run", "--to", "again"]
    monkeypatch.setattr(sys, "argv", [*argv, "--set", "may_leave_machine=true"])
    main()
    capsys.readouterr()
    again = json.loads((tmp_path / "again" / "1.json").read_text())
    assert again["outputs"] == pytest.approx(sheet(tmp_path)["outputs"])
    assert again["evaluated"]
    assert "mae" in again["test"]


@pytest.mark.parametrize(
    ("change", "words", "expected"),
    [
        ({"data": "ludb"}, (), "expected in my.yaml network, target and input, got"),
        ({"network": {"weights": "a.pt"}}, (), "class of the network as network._target_"),
        ({"network": SMALL["network"] | {"input": {"lead": "V1"}}}, (), "did you mean"),
        ({"network": {"_target_": "tests.cli.own_networks.five"}}, (), "network.input.column"),
        ({"network": SMALL["network"] | {"weights": "a.pt"}}, (), "a.pt"),
        ({"target": "rates"}, (), "did you mean target=rate"),
        ({"input": "strip"}, (), "expected input=… to be one of: median, rhythm"),
        ({}, ("--method", "salience"), "expected a method (saliency"),
        ({}, ("--method", "expected_gradients"), "needs no training ECGs"),
    ],
)  # fmt: skip
def test_wrong_use_is_one_line_and_status_2(change, words, expected, explain, tmp_path):
    status, _, errors = explain({**SMALL, **change}, *words)
    assert status == 2
    (line,) = errors.splitlines()
    assert expected in line
    assert not (tmp_path / "sheets").exists()


def test_a_run_decides_itself_which_map_is_shown(monkeypatch, capsys, tmp_path):
    argv = ["ecglens", "explain", str(ONE), "--run", str(tmp_path), "--method", "saliency"]
    monkeypatch.setattr(sys, "argv", argv)
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "--method with --network alone" in capsys.readouterr().err


@pytest.mark.parametrize(
    "value",
    [
        None, True, 3, 1e-6, "aVL", "z-score per lead", "µV", "true", "it's", "a,b", "C:\\w\\",
        "\\'", "", [1.5, "V1"], {"kind": "z-score", "ddof": 1},
    ],
)  # fmt: skip
def test_a_value_of_the_file_is_the_same_on_the_command_line(value):
    settings = {"network": {"_target_": "a.b", "argument": value}, "target": "pr", "input": "x"}
    (word,) = (each for each in words_of(settings) if "argument" in each)
    assert word.startswith("+network.argument=")
    assert OverridesParser.create().parse_override(word).value() == value
