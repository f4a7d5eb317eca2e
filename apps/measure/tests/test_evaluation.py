"""`evaluation=measure`: a finding of a run, on the page and from a file."""

from dataclasses import replace
from itertools import count as count_from
from itertools import islice

import ecglens
import numpy as np
import pytest
import torch
from ecglens.ecg import draw_exact, exact_record, segment_mask
from ecglens.eval import Networks, finding_or_reason, load_finding, save_finding, subject_of
from ecglens.models import WithEach
from ecglens.report import write_report
from ecglens.store import Store
from ecglens_measure.evaluation import DoseResponse, marks_of

from .networks import Reads, height

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def ecgs(tmp_path_factory):
    return ecglens.load_ecgs("exact", "r", n=60, store=tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def finding(ecgs):
    nets = [Reads(lambda x: 0.98 * height(x)), Reads(lambda x: 1.02 * height(x))]
    (found,) = ecglens.evaluate(nets, ecgs, DoseResponse(("r", "t", "noise_muscle"), ecgs=8))
    return found


def test_a_finding_has_the_slope_of_each_network_and_ecg(finding):
    assert finding.scores["gain"]["r"].shape[:2] == (2, 1)
    slopes = np.nanmean(finding.scores["gain"]["r"], axis=(1, 2))
    assert slopes == pytest.approx([0.98, 1.02], rel=0.01)
    table = finding.table.set_index("method")
    assert table["value"]["r"] == pytest.approx(1.0, rel=0.02)
    assert table["low"]["r"] < 0.8  # two networks that differ say little of a third
    assert finding.sentence.startswith("Follows R: 100 µV more R raise the reading by 100 µV")


def test_the_report_of_a_run_shows_dose_and_response(finding, tmp_path):
    save_finding(finding, tmp_path / "measure")
    page = write_report([load_finding(tmp_path / "measure")], tmp_path / "page").read_text()
    assert "How far does the reading move when one thing about an ECG changes?" in page
    assert "Change of the reading (vertical) by measured dose" in page
    assert {"gains.csv", "responses.csv"} <= {
        file.name.split("-")[-1] for file in (tmp_path / "page").glob("*.csv")
    }


def test_ecgs_of_unknown_age_are_a_reason_and_end_no_run(ecgs, tmp_path):
    class OfAge(torch.nn.Module):
        def forward(self, x, age):
            return height(x)[:, None] + age[:, None]

    subject = subject_of(ecgs, {}, 8, 0, Store(tmp_path))
    net = WithEach(OfAge().eval(), subject.ecgs.x, {"age": np.linspace(20, 90, 8)})
    found = finding_or_reason(DoseResponse("r"), Networks([net]), subject)
    assert found.reason.startswith("expected ECGs of which age are known, got others")


def test_a_run_whose_only_response_is_bent_has_a_finding_without_a_gain(tmp_path):
    ecgs = ecglens.load_ecgs("exact", "r", n=120, store=tmp_path)
    net = Reads(lambda x: ((height(x) - 800.0).clamp(min=0.0) / 300.0) ** 5)
    (found,) = ecglens.evaluate([net], ecgs, DoseResponse("r", ecgs=16), n=16)
    assert not found.reason
    assert found.table["method"].tolist() == ["r"]
    assert found.table[["value", "low", "high"]].isna().to_numpy().all()
    assert np.isnan(found.scores["gain"]["r"]).all()
    assert found.sentence.startswith("Answers to R, but with no one gain.")
    save_finding(found, tmp_path / "measure")
    page = write_report([load_finding(tmp_path / "measure")], tmp_path / "page").read_text()
    assert "Answers to R, but with no one gain." in page


def test_the_evaluation_is_known_by_its_name():
    settings = ecglens.registry.settings("evaluation", "measure")["measure"]
    assert settings["_target_"] == "ecglens_measure.evaluation.DoseResponse"


def test_marks_are_read_back_from_the_mask_of_waves():
    marks = draw_exact(1, 0).marks
    assert marks_of(segment_mask(marks, 600)) == marks


def test_exact_ecgs_of_a_run_are_changed_exactly_as_by_the_data_sheet(ecgs):
    net = Reads(height)
    changes = ("qrs_end", "t_end")
    (run,) = ecglens.evaluate([net], ecgs, DoseResponse(changes, ecgs=8), n=8)
    sheet = ecglens.measure_network(net, ecgs, changes=changes, n=8)
    gains = run.details["gains"].set_index("change")["gain"]
    assert gains.to_dict() == sheet.gains.set_index("change")["gain"].to_dict()
    assert np.isfinite(gains["t_end"])  # on recordings T's end cannot be moved alone


def fast_hearts(count):
    """Records above 75/min: in their median beats the next beat begins within the window."""
    drawn = (draw_exact(5, index) for index in count_from(0))
    fast = islice((each for each in drawn if each.labels["rate"] > 75), count)
    for place, parameters in enumerate(fast):
        record = exact_record(parameters, noise_uv=5.0)
        name = f"heart {place}"
        yield replace(record, beat=None, marks=None, id=name, patient=name)


def test_beats_of_fast_hearts_have_the_same_gains_in_a_run_and_on_the_data_sheet(tmp_path):
    ecgs = ecglens.load_ecgs(
        fast_hearts(16), "pr", store=tmp_path, split={"train": 0.3, "val": 0.0, "test": 0.7}
    )
    net = Reads(lambda x: x[:, 1, 440:].abs().mean(1))  # the end of the window, where the next is
    (run,) = ecglens.evaluate([net], ecgs, DoseResponse(("pr",), ecgs=8), n=8)
    sheet = ecglens.measure_network(net, ecgs, changes=("pr",), n=8)
    of_run = run.details["gains"].set_index("change").loc["pr"]
    of_sheet = sheet.first.gains.set_index("change").loc["pr"]
    assert of_run["gain"] == pytest.approx(of_sheet["gain"], abs=1e-6)
    assert of_run["n"] == of_sheet["n"]
