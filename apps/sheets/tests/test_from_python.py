"""Sheets of ECGs from Python."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import ecglens
import numpy as np
import pytest
import torch
from ecglens.datamodules import (
    IN_MEMORY,
    GivenRecords,
    Prepared,
    Records,
    Target,
    open_records,
    target_of,
)
from ecglens.ecg import draw_exact, exact_record
from ecglens.explain import attribute, find, lint
from ecglens.models import WithEach
from ecglens.store import Store
from ecglens_sheets import (
    KnownNetwork,
    PreparedEcg,
    Supported,
    TrainingRange,
    ecgs_of,
    not_evaluated,
    sheet_of,
    side_by_side,
    unevaluated,
    write_sheets,
)
from ecglens_sheets.files import Given
from ecglens_sheets.known import amplitudes
from torch import nn

RECORD = exact_record(draw_exact(3, 0))


def sheet(page: Path, name: str = RECORD.id) -> dict:
    """The numbers of one sheet."""
    return json.loads((page.parent / f"{name}.json").read_text())


@pytest.mark.heavy
def test_a_record_has_the_prediction_and_a_map_that_is_asked_for(net, ecgs, tmp_path):
    page = ecglens.explain_records(
        RECORD, net, ecgs, folder=tmp_path, method="saliency", may_leave_machine=True
    )
    found = sheet(page)
    assert RECORD.beat is not None
    x = torch.from_numpy(RECORD.beat[None])
    with torch.no_grad():
        assert found["outputs"] == {"pr": pytest.approx(float(net(x)), rel=1e-5)}
    expected = attribute("saliency", net, x)[0].numpy()
    np.testing.assert_allclose(found["heatmap"], expected, atol=1e-4 * abs(expected).max())
    assert (found["evaluated"], found["test"]) == (False, {})
    assert "evaluate(net, ecgs, [" in (page.parent / f"{RECORD.id}.html").read_text()


def test_a_network_is_linted_once_for_all_ecgs_and_calls(net, tmp_path, monkeypatch):
    looks = []
    monkeypatch.setattr(
        "ecglens.eval.heatmaps.explained.lint",
        lambda *given: looks.append(lint(*given)) or looks[0],
    )
    finding = not_evaluated(net, target_of("pr"), "median", {})
    known = unevaluated(net, finding, Store(tmp_path), "")
    for index in range(2):
        drawn = known.drawn_by("saliency", find("saliency"))
        beat = exact_record(draw_exact(3, index)).beat
        assert beat is not None
        map_ = drawn.heatmap(
            torch.from_numpy(beat[None]), torch.zeros(1, 600, dtype=torch.int8), "ecg"
        )
        assert map_ is not None
    assert len(looks) == 1


class Aged(nn.Module):
    """Reads an age beside the ECG."""

    def forward(self, x: torch.Tensor, age: torch.Tensor) -> torch.Tensor:
        return torch.relu(x).mean((1, 2))[:, None] + age[:, None]


def test_a_method_is_not_wrong_because_no_age_is_known_of_a_made_up_ecg(tmp_path):
    x = torch.stack([torch.zeros(12, 600), torch.ones(12, 600)])
    net = WithEach(Aged(), x, {"age": torch.tensor([20.0, 60.0])}).eval()
    known = unevaluated(net, not_evaluated(net, target_of("pr"), "median", {}), Store(tmp_path), "")
    assert known.drawn_by("saliency", find("saliency")).method is not None


@pytest.mark.heavy
def test_findings_give_the_error_and_decide_about_the_map(net, ecgs, tmp_path):
    findings = ecglens.evaluate(net, ecgs, "default", ["saliency"], n=6)
    page = ecglens.explain_records(
        [RECORD, replace(RECORD, id="")], net, ecgs, findings, tmp_path, may_leave_machine=True
    )
    found = sheet(page)
    assert found["test"]["mae"] == pytest.approx(findings[0].facts["fit"]["mae"])
    assert found["heatmap"] is None
    assert "Do not use its maps" in found["heatmap_reason"]  # 6 ECGs show no reading
    assert (tmp_path / "ecg-2.json").is_file()  # without an id it has its number


def test_an_ecg_whose_age_the_network_does_not_know_is_left_out(tmp_path):
    net = WithEach(Aged(), torch.ones(1, 12, 600), {"age": torch.tensor([20.0])}).eval()
    known = unevaluated(net, not_evaluated(net, target_of("pr"), "median", {}), Store(tmp_path), "")
    given = Given(Records(IN_MEMORY, GivenRecords([RECORD])), True)
    written = write_sheets([given], known, tmp_path / "sheets")
    assert written.left_out == 1
    assert "expected ECGs of which age are known" in written.page.read_text()


class First(nn.Module):
    """The mean of the ECG, in mV, times `scale`."""

    def __init__(self, scale: float = 1.0, outputs: int = 1) -> None:
        super().__init__()
        self.scale, self.outputs = scale, outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.scale * x.mean((1, 2))[:, None].repeat(1, self.outputs) / 1e3


@pytest.mark.parametrize(
    ("years", "leaves", "measured", "by"),
    [
        (63.0, True, 63.0, "that came with the file"),
        (63.0, False, None, "withheld"),
        (93.0, True, None, "withheld"),
        (np.nan, False, None, ""),
    ],
)
def test_an_age_that_is_withheld_is_no_measurement_either(years, leaves, measured, by, tmp_path):
    one, age = replace(RECORD, labels={"age": years, "sex": 1.0}), Target("age", "years", "age")
    given = Given(Records(IN_MEMORY, GivenRecords([one])), leaves)
    finding = not_evaluated(First().eval(), age, "median", {})
    known = unevaluated(First().eval(), finding, Store(tmp_path), "")
    ((name, ecg),) = ecgs_of(given, known)
    assert isinstance(ecg, PreparedEcg)
    found = sheet_of(ecg, known, name, "files", may_leave=leaves)
    plain, said = found.plain(), side_by_side(found)
    assert (plain["measured"], plain["measured_by"]) == (measured, by)
    assert said["by"] == (by or "not measured here")
    assert (found.flags, found.doubt) == ((), "")  # an age that nobody gave is no doubt
    assert (f"{years:.0f}" in json.dumps([plain | {"x_uv": []}, said])) == (measured is not None)


def test_the_maker_of_a_measurement_is_its_reader_or_ecglens(tmp_path):
    bare = replace(RECORD, labels={})
    parts = {"exact": {"n": 1}, "again": {"name": "exact", "n": 1, "measured": True}}
    net = First().eval()
    known = unevaluated(net, not_evaluated(net, target_of("pr"), "median", {}), Store(tmp_path), "")
    for records, makers in (
        (Records(IN_MEMORY, GivenRecords([bare])), ["ecglens"]),
        (Records(IN_MEMORY, GivenRecords([RECORD])), ["data_set"]),
        (open_records("exact", n=1), ["exact"]),
        (open_records("mixed", parts=parts), ["exact", "ecglens"]),
    ):
        found = [ecg for _, ecg in ecgs_of(Given(records, True), known)]
        assert [ecg.maker for ecg in found if isinstance(ecg, PreparedEcg)] == makers
        assert isinstance(found[0], PreparedEcg)
        assert sheet_of(found[0], known, "1", "files").maker == makers[0]


def test_nobody_measured_the_classes_of_a_file_without_labels(tmp_path):
    classes = Target("d", "", classes=("af", "lbbb"), kind="binary")
    net = First(outputs=2).eval()
    known = unevaluated(net, not_evaluated(net, classes, "median", {}), Store(tmp_path), "")
    ((name, ecg),) = ecgs_of(Given(Records(IN_MEMORY, GivenRecords([RECORD])), True), known)
    assert isinstance(ecg, PreparedEcg)
    assert sheet_of(ecg, known, name, "files").measured_by == ""


@pytest.mark.heavy
def test_names_are_pseudonyms_unless_they_may_leave(net, tmp_path):
    ecglens.explain_records(
        RECORD, net, "pr", folder=tmp_path / "a", store=tmp_path / "s", also=("fhir", "dicom")
    )
    written = [each for each in (tmp_path / "a").iterdir() if each.name != "pseudonyms.csv"]
    assert written
    assert not any(RECORD.id.encode() in each.read_bytes() for each in written)


@pytest.mark.parametrize(("may_leave", "mode"), [(False, 0o600), (True, 0o644)])
def test_files_made_of_ecgs_that_may_not_leave_are_private(may_leave, mode, tmp_path):
    net = WithEach(Aged(), torch.ones(1, 12, 600), {"age": torch.tensor([20.0])}).eval()
    known = unevaluated(net, not_evaluated(net, target_of("pr"), "median", {}), Store(tmp_path), "")
    given = Given(Records(IN_MEMORY, GivenRecords([RECORD])), may_leave)
    before = os.umask(0o022)
    try:
        page = write_sheets([given], known, tmp_path / "sheets").page
    finally:
        os.umask(before)
    assert page.stat().st_mode & 0o777 == mode


def test_a_record_that_differs_in_anything_is_prepared_again():
    changed = (
        {"signal": RECORD.signal + 1}, {"fs": 250.0}, {"labels": {"pr": 1.0}}, {"patient": "x"},
        {"beat": None}, {"marks": None}, {"r_peaks": np.array([7])}, {"id": "other"},
    )  # fmt: skip
    origins = [GivenRecords([one]).origin(0, 1)["records"][0] for one in
               (RECORD, *(replace(RECORD, **each) for each in changed))]  # fmt: skip
    assert len({*origins}) == len(origins)
    assert GivenRecords([replace(RECORD)]).origin(0, 1)["records"] == origins[:1]


def test_a_mistake_is_one_sentence(net, ecgs, tmp_path):
    findings = ecglens.evaluate(net, ecgs, "points", ["saliency"], n=4)
    other = torch.nn.Sequential(net, torch.nn.Linear(1, 2)).eval()
    several = Target("dx", "", kind="binary", classes=("af", "lbbb"))
    others = ecglens.load_ecgs("exact", "qrs", n=20, store=tmp_path)
    wrong: tuple[tuple[Any, str], ...] = (
        ((RECORD, other, ecgs, findings), "got those of another one"),
        ((RECORD, net, "pr", findings), "expected the ECGs that the findings are on"),
        ((RECORD, net, others, findings), "whose target is pr, got others with the target qrs"),
        ((RECORD, other, "pr"), "expected a network with one output, for pr, got 2 outputs"),
        ((RECORD, net, several), "expected a network with an output for each of af, lbbb"),
        ((RECORD, net, "p r"), "expected a target .pr, "),
        (([RECORD, RECORD], net, ecgs), "an id of their own"),
        ((np.zeros((12, 5000)), net, ecgs), "or each ECG as an ecglens.ecg.Record, got ndarray"),
        (("nowhere.dcm", net, ecgs), "found nothing at nowhere.dcm"),
    )
    for arguments, expected in wrong:
        with pytest.raises(ValueError, match=expected):
            ecglens.explain_records(*arguments, folder=tmp_path / "out")
    with pytest.raises(ValueError, match="no method beside findings"):
        ecglens.explain_records(RECORD, net, ecgs, findings, method="saliency")
    with pytest.raises(ValueError, match="expected an input of median, rhythm"):
        ecglens.explain_records(RECORD, net, "pr", input="beat", store=tmp_path)
    with pytest.raises(ValueError, match="a setting of the reader, got fs_hz"):
        ecglens.explain_records(RECORD, net, ecgs, folder=tmp_path / "out", fs_hz=400.0)
    assert not (tmp_path / "out").exists()


def test_the_training_range_is_that_of_every_training_ecg_and_is_read_once(tmp_path):
    x = np.random.default_rng(0).normal(0, 100, (1000, 12, 60)).astype(np.float32)
    x[2] *= 3  # one tall ECG
    block = tmp_path / "block"
    block.mkdir()
    np.save(block / "x.npy", x)
    prepared, rows, store = Prepared((block,)), np.arange(1000), Store(tmp_path / "store")
    found = amplitudes(prepared, rows, store)
    every = np.ptp(x, axis=2).max(1) / 1e3
    assert found == pytest.approx([every.min(), every[2]])
    tall = TrainingRange("amplitude", "mV", *found)
    assert tall.words(float(every[2])) == ""
    (block / "x.npy").unlink()
    assert amplitudes(prepared, rows, store) == pytest.approx(found)


def test_the_amplitudes_of_a_network_are_those_of_its_training_ecgs(net, ecgs, tmp_path):
    training = ecgs.cohort.parts["train"]
    about = not_evaluated(net, ecgs.target, ecgs.input, {})
    known = KnownNetwork(net, about, Supported("", ""), None, ecgs, Store(tmp_path))
    (found,) = (each for each in known.ranges if each.name == "amplitude")
    every = np.ptp(ecgs.prepared.x(training), axis=2).max(1) / 1e3
    assert (found.low, found.high) == pytest.approx((every.min(), every.max()))
