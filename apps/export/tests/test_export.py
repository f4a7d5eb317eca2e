"""The network of a run as one file: equal weights and outputs when it is read back."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import ecglens
import numpy as np
import pandas as pd
import pytest
import torch
from ecglens.cli import commands, composed
from ecglens.datamodules import Target, target_of
from ecglens.ecg import draw_exact, exact_beat
from ecglens.engine import BlackBox
from ecglens.jobs import Job, kept_network
from ecglens.library import start_for
from ecglens.models import InputSpec, ModelFile, SmallResNet, network_key, start_of
from ecglens_export import YOURS, load_network
from ecglens_export.exported import _class_and_weights, _sheet, _target, export
from ecglens_sheets import opened_network, opened_run
from torch import nn

from tests.report.findings import about, of_measures

pytestmark = pytest.mark.filterwarnings("ignore:.*PEP 585")
BEATS = 100 * torch.randn(3, 12, 600, generator=torch.Generator().manual_seed(0))  # µV


@pytest.fixture
def command(monkeypatch, capsys, store) -> Callable[..., tuple[int, str, str]]:
    """Status, output and errors of `ecglens words…`."""
    monkeypatch.setenv("ECGLENS_STORE", str(store))

    def said(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ecglens", *map(str, words)])
        try:
            commands.main()
        except SystemExit as stopped:
            return int(stopped.code or 0), *capsys.readouterr()
        return 0, *capsys.readouterr()

    return said


def predictions(net: nn.Module) -> torch.Tensor:
    with torch.no_grad():
        return net(BEATS)


@pytest.mark.heavy
def test_a_run_and_its_file_have_equal_predictions(command, sweep, tmp_path):
    run, file = sweep / "0", tmp_path / "model.ecglens"
    status, output, errors = command("export", run, "--to", file)
    assert (status, output.strip()) == (0, str(file)), errors
    finding = opened_run(run).finding
    of_run = kept_network(Job.of_finding(finding))
    assert torch.equal(predictions(load_network(file)), predictions(of_run))
    assert torch.equal(predictions(ecglens.load_network(file)), predictions(of_run))
    assert network_key(load_network(file), (12, 600)) == finding.about.networks[0]
    opened = opened_network(file)
    assert torch.equal(predictions(opened.net), predictions(opened_run(run).net))
    assert (opened.finding.about.target.name, opened.finding.about.input) == ("pr", "median")


@pytest.mark.heavy
def test_a_file_says_what_the_run_found_and_names_nobody(command, sweep, tmp_path):
    file, again = tmp_path / "model.ecglens", tmp_path / "again.ecglens"
    sheet = tmp_path / "data_sheet.json"
    key = opened_run(sweep / "0").finding.about.networks[0]
    known = {"gains": [1.0], "target": "pr", "unit": "ms", "networks": [key]}
    sheet.write_text(json.dumps(known))
    command("export", sweep / "0", "--to", file, "--sheet", sheet, "--licence", "CC BY 4.0")
    export(sweep / "0", again)
    found, other = ModelFile.read(file), ModelFile.read(again)
    assert (found.licence, other.licence) == ("CC BY 4.0", YOURS)
    assert found.texts["data_sheet.json"]["gains"] == [1.0]
    assert {*other.texts} == {"about.json", "answer.json"}
    (answer,) = found.texts["answer.json"]["answers"]
    named = {*answer["use"], *answer["not_shown"], *answer["do_not_use"]}
    assert named == {"saliency", "input_x_gradient"}
    assert found.texts["about.json"]["errors"]["mae"] > 0
    texts = json.dumps([found.settings(Path("f")), found.texts])
    assert str(sweep) not in texts
    assert str(tmp_path) not in texts
    records = opened_run(sweep / "0").finding.curves[0].records
    assert not [name for name in records if name in texts]
    export(sweep / "0", tmp_path / "third.ecglens")
    assert again.read_bytes() == (tmp_path / "third.ecglens").read_bytes()


def test_a_network_of_ones_own_comes_back_behind_its_spec(tmp_path):
    torch.manual_seed(0)
    torch.save(SmallResNet(leads=2).state_dict(), tmp_path / "net.pt")
    words = [
        "network._target_=ecglens.models.SmallResNet",
        "+network.leads=2",
        f"network.weights={tmp_path / 'net.pt'}",
        "network.input.leads=[V5,II]",
        "network.input.normalisation=z-score per lead",
        "network.input.unit=mV",
        "target=qt",
    ]
    job = Job(composed(words), Path(), "")
    network, spec, net = _class_and_weights(job)
    assert network == {"_target_": "ecglens.models.SmallResNet", "leads": 2}
    file = ModelFile(
        network, net.state_dict(), False, spec, _target(job.config["target"]), "median", "", YOURS
    ).write(tmp_path / "model.ecglens")
    assert ModelFile.read(file).target == "qt"
    assert InputSpec.load(file) == InputSpec(
        leads=("V5", "II"), normalisation="z-score per lead", unit="mV"
    )
    assert torch.equal(predictions(load_network(file)), predictions(kept_network(job)))
    assert torch.equal(predictions(opened_network(file).net), predictions(kept_network(job)))
    with pytest.raises(ValueError, match=r"wants another input \(.*unit"):
        start_of(file)


def test_a_fit_begins_with_a_file(tmp_path):
    net = SmallResNet()
    file = ModelFile(
        {"_target_": "ecglens.models.SmallResNet"}, net.state_dict(), False, {}, "pr", "median",
        "", YOURS,
    ).write(tmp_path / "model.ecglens")  # fmt: skip
    start = start_of(file)
    assert {*start.weights} == {*net.state_dict()}


def test_a_file_for_a_table_in_another_unit_is_opened_and_begun_with(tmp_path):
    given = {"name": "age", "column": "age", "unit": "months"}
    body = SmallResNet().state_dict()
    parts = {"_target_": "ecglens.models.SmallResNet"}, body, False, {}, given, "median", "", YOURS
    file = ModelFile(*parts).write(tmp_path / "model.ecglens")
    assert opened_network(file).finding.about.target.unit == "months"
    file = ModelFile(*parts[:2], True, *parts[3:]).write(tmp_path / "in_units.ecglens")
    for unit, fresh in (("months", False), ("years", True)):
        assert start_for(Target("age", unit, "age", table="t.csv"), file).fresh_head == fresh


def test_a_target_of_ones_own_is_written_without_the_path_of_its_table():
    words = [
        "target=column",
        "target.column=height",
        "target.unit=cm",
        "target.table=/home/me/t.csv",
    ]
    found = _target(Job(composed(words), Path(), "").config["target"])
    assert not isinstance(found, str)
    assert (found["column"], found["unit"], found["table"]) == ("height", "cm", "TABLE")
    assert "/home" not in json.dumps(found)


@pytest.mark.parametrize(
    ("net", "words", "why"),
    [
        (lambda x: x, [], "a program or a function"),
        (BlackBox(nn.Identity()), [], "a program or a function"),
        (nn.Linear(1, 1), ["network.with_each=[age]"], "with_each"),
    ],
)
def test_what_has_no_class_and_weights_of_its_own_is_one_line(net, words, why, monkeypatch):
    job = Job(composed(["network._target_=my.load", *words, "target=pr"]), Path(), "")
    monkeypatch.setattr(Job, "own_network", net)
    with pytest.raises(ValueError, match=why) as told:
        _class_and_weights(job)
    assert "\n" not in str(told.value)


def test_a_file_that_is_not_there_and_a_foreign_sheet_are_one_line(tmp_path):
    with pytest.raises(ValueError, match=r"of `ecglens export`, found none at .*nope"):
        load_network(tmp_path / "nope")
    (tmp_path / "other.json").write_text('{"a": 1}')
    for name, got in (("none.json", "none"), ("other.json", "another one")):
        with pytest.raises(ValueError, match=rf"data_sheet\.json of .*, got {got}"):
            _sheet([], tmp_path / name, target_of("pr"), "")


@pytest.mark.heavy
def test_the_data_sheet_of_another_target_or_network_is_one_line(command, sweep, tmp_path):
    sheet = tmp_path / "data_sheet.json"
    sheet.write_text(json.dumps({"gains": [1.0], "target": "r", "unit": "µV"}))
    words = ("export", sweep / "0", "--to", tmp_path / "model.ecglens", "--sheet", sheet)
    status, _, errors = command(*words)
    assert (status, "of pr in ms, got one of r in µV" in errors) == (2, True), errors
    key = opened_run(sweep / "0").finding.about.networks[0]
    for networks, got in (
        ({"networks": ["another"]}, "another"),
        ({"networks": [key, "another"]}, f"{key}, another"),
        ({}, "a sheet that names none"),
    ):
        sheet.write_text(json.dumps({"gains": [1.0], "target": "pr", "unit": "ms"} | networks))
        status, _, errors = command(*words)
        assert (status, f", got {got} at {sheet}; make it by" in errors) == (2, True), errors


def test_a_sheet_that_was_measured_has_to_be_of_the_exported_network_alone(tmp_path):
    measure = pytest.importorskip("ecglens_measure").measure_network
    x = np.stack([exact_beat(draw_exact(3, index)).signal for index in range(8)])
    pr, file = target_of("pr"), tmp_path / "data_sheet.json"
    nets = [nn.Sequential(nn.Flatten(), nn.Linear(7200, 1)).eval() for _ in range(2)]
    one, other = (measure(net, x, changes=["r"], target=pr, store=tmp_path) for net in nets)
    key, another = one.first.keys + other.first.keys
    one.save(file)
    assert _sheet([], file, pr, key)["data_sheet.json"]["networks"] == [key]
    for both in (one.beside(other), other.beside(one)):
        both.save(file)
        with pytest.raises(ValueError, match=rf"network {key} alone, got .*{another}"):
            _sheet([], file, pr, key)


def test_the_sheet_of_a_run_has_units_and_is_of_the_exported_network_alone():
    columns = ["change", "unit", "output", "gain", "low"]
    gains = pd.DataFrame([["pr", "ms", "pr", 0.9, np.nan]], columns=pd.Index(columns))
    made = of_measures(about("measure"), sentence="Follows.", details={"gains": gains})
    key, pr = made.about.networks[0], made.about.target
    (sheet,) = _sheet([made], None, pr, key).values()
    row = {"change": "pr", "unit": "ms", "output": "pr", "gain": 0.9, "low": None}
    named = {"target": pr.name, "unit": pr.unit, "networks": [key]}
    assert sheet == {"answer": "Follows.", **named, "gains": [row]}
    both = replace(made, about=replace(made.about, networks=(key, "another")))
    assert _sheet([both], None, pr, key) == {}


def test_another_name_is_one_line(command, tmp_path):
    with pytest.raises(ValueError, match=r"named \*\.ecglens"):
        export(tmp_path, tmp_path / "model.zip")
    status, _, errors = command("export", tmp_path)
    assert (status, len(errors.splitlines())) == (2, 1)
