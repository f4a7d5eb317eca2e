"""The sheet as a page and as numbers, and what cannot be measured."""

import json
import re
from dataclasses import replace

import ecglens
import numpy as np
import pytest
import torch
from ecglens.datamodules import Target, target_of
from ecglens.ecg import draw_exact, exact_beat
from ecglens.engine import sample_ids
from ecglens.eval import Reading
from ecglens.models import InputSpec
from ecglens.report.text import fixed
from ecglens_measure import measure_network
from ecglens_measure.answers import arrived, outputs, random_directions
from ecglens_measure.content import (
    answer,
    curves_of,
    disturbance_lines,
    holds,
    limits,
    lines,
    moved_most,
    notes,
    reads,
    rows_of,
    sentence,
)
from ecglens_measure.doses import doses
from ecglens_measure.doses.applied import EDITED
from ecglens_measure.doses.exact import KNOWN
from ecglens_measure.known import exact_ecgs
from ecglens_measure.measurement import BENT_MOST, GRADED, measurable
from ecglens_measure.responses import NO_RESPONSE, STRAIGHT
from ecglens_measure.sheet import DataSheet
from ecglens_measure.words import stepped

from .networks import Reads, height

DOSES = ["pr", "qrs_end", "r", "noise_muscle", "lead_off_V1", "lead_off_V5"]
X = exact_ecgs(count=12).ecgs.x
AF = np.stack([exact_beat(draw_exact(3, index, "af")).signal for index in range(8)])


@pytest.fixture(scope="module")
def sheet(edits):
    """Sheet of a network of R on beats whose waves are found by measuring."""
    reads = Reads(lambda x: 0.9 * height(x))
    return measure_network(reads, X, changes=DOSES, target=target_of("r"), store=edits)


@pytest.mark.heavy
def test_the_tables_have_the_columns_that_were_agreed(sheet):
    agreed = ["change", "dose", "unit", "response", "low", "high", "n", "refused"]
    assert [*sheet.table.columns[:8]] == agreed
    assert sheet.selectivity.loc["r", "r"] == pytest.approx(0.9, rel=0.02)
    assert {*sheet.gains["ecgs"]} == {"12 ECGs", "64 exact ECGs"}
    assert {*sheet.disturbances["kind"]} == {"disturbance", "fault"}


@pytest.mark.heavy
def test_a_lead_that_is_off_takes_the_reading_of_its_network_away(sheet):
    table = sheet.disturbances.loc[sheet.disturbances["ecgs"] == "12 ECGs"].set_index("change")
    assert table["most"]["lead_off_V1"] == pytest.approx(0, abs=1e-3)
    heights = 0.9 * np.abs(X[:, 10, 250])
    assert table["median"]["lead_off_V5"] == pytest.approx(np.median(heights), rel=1e-3)


@pytest.mark.heavy
def test_the_page_asks_for_nothing_and_has_a_sentence_for_each_response(sheet, tmp_path):
    page = sheet.save(tmp_path / "sheet.html").read_text()
    assert "100 µV more R raise the reading by 90 µV" in page
    assert "No response was shown to " in page
    assert "http" not in page.replace("http://www.w3.org", "")
    numbers = json.loads(sheet.save(tmp_path / "sheet.json").read_text())
    assert numbers["gains"][0]["change"] == "pr"
    assert numbers["answer"] == sheet.answer
    assert numbers["networks"] == [*sheet.first.keys]
    with pytest.raises(ValueError, match=r"ends in \.html, \.pdf or \.json, got sheet\.txt"):
        sheet.save(tmp_path / "sheet.txt")


@pytest.mark.heavy
def test_the_sheet_is_a_pdf_of_two_pages_too(sheet, tmp_path):
    pdf = sheet.save(tmp_path / "sheet.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page ") + pdf.count(b"/Type /Page\n") == 2
    assert pdf == sheet.save(tmp_path / "again.pdf").read_bytes()


@pytest.mark.heavy
def test_networks_side_by_side_keep_their_names_and_curves(sheet, tmp_path):
    both = sheet.named("half").beside(sheet.named("whole"))
    names = ["half, 12 ECGs", "half, 64 exact ECGs", "whole, 12 ECGs", "whole, 64 exact ECGs"]
    assert [*dict.fromkeys(both.gains["ecgs"])] == names
    page = both.save(tmp_path / "both.html").read_text()
    assert all(page.count(name) > 1 for name in names)  # in the legend, and above a column
    assert page.count("Follows R: ") == 4


def test_networks_without_a_name_keep_a_curve_each(edits):
    nets = (Reads(height), Reads(lambda x: 2 * height(x)))
    one, other = (measure_network(net, X, changes=["r"], store=edits) for net in nets)
    tables, *_ = one.beside(other)._curves()
    keys = [each.first.keys[0][:8] for each in (one, other)]
    assert [*tables] == [f"{key}, {ecgs}" for key in keys for ecgs in ("12 ECGs", "64 exact ECGs")]


def test_a_network_on_two_arrays_of_one_size_keeps_a_curve_of_each(edits):
    net = Reads(height)
    one, other = (measure_network(net, x, changes=["r"], store=edits) for x in (X, X[::-1].copy()))
    for both in (one.beside(other), one.named("a").beside(other.named("a"))):
        tables, *_ = both.beside(other)._curves()
        assert len(tables) == len(one.measurements) + 2 * len(other.measurements)
        assert len({*both.beside(other).gains["ecgs"]}) == len(tables)


@pytest.mark.heavy
def test_networks_of_two_targets_are_not_one_sheet(sheet, edits):
    net = Reads(lambda x: height(x))
    other = measure_network(net, X, changes=["r"], target="pr", store=edits)
    with pytest.raises(ValueError, match="one target side by side, got V5 R-amplitude and PR"):
        sheet.beside(other)


def test_the_same_network_twice_is_refused(edits):
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12 * 600, 1)).eval()
    with pytest.raises(ValueError, match="the same weights twice"):
        measure_network([net, net], X, changes=["r"], store=edits)


@pytest.mark.heavy
def test_the_page_prints_on_two_sheets_of_a4(sheet, tmp_path, browser):
    both = sheet.beside(sheet)
    page = browser.new_page()
    page.goto(both.save(tmp_path / "sheet.html").as_uri())
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") <= 2
    page.close()


def test_the_network_of_another_input_is_measured_through_its_spec(edits):
    class Body(torch.nn.Module):
        def forward(self, x):
            return x[:, 0, 250:251]  # mV at the R peak

    spec = InputSpec(leads=("V5",), samples=600, unit="mV")
    found = measure_network(Body().eval(), X, spec, changes="r", store=edits)
    assert found.gains["gain"].iloc[0] == pytest.approx(1e-3, rel=0.05)  # mV per µV


def test_predictions_do_not_depend_on_the_other_ecgs():
    net = ecglens.models.InUnits(ecglens.models.SmallResNet(), 160.0, 20.0)
    names = [*map(str, range(len(X)))]
    every = outputs([net], X, names)
    np.testing.assert_allclose(outputs([net], X[3:5], names[3:5]), every[:, 3:5], rtol=1e-6)


def test_an_output_that_is_not_a_number_after_one_dose_is_refused_with_the_ecg(edits):
    tallest = int(X[:, 10, 250].argmax())
    name = sample_ids(torch.from_numpy(X))[tallest]
    limit = float(X[tallest, 10, 250]) + 150  # beyond the recorded ECGs, below 200 µV more R

    def nan_above(x):
        return torch.where(height(x) > limit, torch.nan, x[:, 10, 390])

    with pytest.raises(ValueError, match=f"got NaN or infinity for .*{name}"):
        measure_network(Reads(nan_above), X, changes=["r"], store=edits)


def test_random_directions_have_the_size_of_the_change_and_its_leads():
    change = exact_beat(draw_exact(1, 0)).signal[None] - exact_beat(draw_exact(1, 1)).signal[None]
    found = random_directions(change, 0, ["a"])
    size = np.sqrt((change**2).mean(-1) - 0 * change.mean(-1))
    np.testing.assert_allclose(np.sqrt((found**2).mean(-1)), size, rtol=1e-3)
    np.testing.assert_allclose(found[0, 2], found[0, 1] - found[0, 0], atol=0.1)  # III = II − I
    assert np.abs(found - random_directions(change, 0, ["b"])).max() > 10
    np.testing.assert_array_equal(found, random_directions(change, 0, ["a"]))


@pytest.mark.heavy
def test_gains_that_disagree_with_exact_ecgs_are_not_measurable_here(sheet):
    first, exact = sheet.measurements
    assert measurable(first, exact).set_index("change")["reason"]["r"] == ""
    exact.gains.loc[exact.gains["change"] == "r", ["gain", "low", "high"]] *= -1
    table = measurable(first, exact).set_index("change")
    assert table["reason"]["r"] == "another sign on exact ECGs"


def test_exact_ecgs_of_another_network_say_nothing_of_the_first(edits):
    one, other = (Reads(lambda x, sign=sign: sign * height(x)) for sign in (1, -1))
    first, second = (measure_network(net, X, changes=["r"], store=edits) for net in (one, other))
    alone = DataSheet(first.measurements[:1])
    assert first.measurable["reason"].tolist() == [""]
    assert not len(alone.beside(second).measurable)


def test_a_network_that_reads_in_another_unit_is_not_compared_with_ours(edits):
    mv = Target("r", "mV", "r", table="echo.csv")
    reads = Reads(lambda x: height(x) / 1000)
    sheet = measure_network(reads, X, changes=["r"], store=edits, target=mv)
    assert sheet.answer == "Of 1 dose, R moves the reading most."
    exact = sheet.measurements[1].known.y
    assert exact is not None
    assert np.isnan(exact).all()


@pytest.mark.parametrize(
    ("x", "changes", "words"),
    [
        (X[:3], "pr", "at least 6 patients, got 3"),
        (np.concatenate([X, X]) * 0 + X[0], "length", "got 'length'"),
        (AF, "pr", "too few can: pr: no P wave"),
        (X[:, :1], "pr", "12"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_line(x, changes, words, edits):
    with pytest.raises(ValueError, match=words) as said:
        measure_network(Reads(height), x.astype(np.float32), changes=changes, store=edits)
    assert "\n" not in str(said.value)


def test_a_bent_curve_is_told_by_its_smallest_sizes_down_and_up(edits):
    many = exact_ecgs("r", 16).ecgs.x
    bent = Reads(lambda x: ((height(x) - 800.0).clamp(min=0.0) / 300.0) ** 5)
    sheet = measure_network(bent, many, changes=["r"], store=edits)
    (found, *_) = sheet.measurements
    (row,) = rows_of(found)
    assert row["bent"] > BENT_MOST
    responses = found.table.set_index("dose")["response"]
    down, up = responses[-200.0], responses[200.0]
    said = sentence(found, row)
    assert np.isnan([row[name] for name in ("gain", "low", "high", "per_sd")]).all()
    assert row["reason"].startswith("bent: lines leave ")
    assert np.isnan(found.selectivity.loc["r"]).all()
    assert [cell["text"] for line in sheet.matrix() for cell in line["cells"]] == ["bent"] * 2
    assert "Not measured" not in " ".join(limits(sheet.measurements))
    assert curves_of(found.gains, ()) == [("r", "output")]
    assert f"200 µV less move the reading by {down:.3f}".replace("-", "−") in said
    assert f"200 µV more move the reading by +{up:.3f}" in said


def test_a_network_whose_own_response_is_bent_is_not_said_to_follow_it(edits):
    many = exact_ecgs("r", 16).ecgs.x
    bent = Reads(lambda x: ((height(x) - 800.0).clamp(min=0.0) / 300.0) ** 5)
    about = target_of("r")
    sheet = measure_network(bent, many, changes=["r"], store=edits, target=about)
    assert sheet.answer.startswith("Answers to R, but with no one gain. R: 200 µV less move the")
    assert sheet.plain()["gains"][0]["gain"] is None
    assert not holds(sheet.first)


def test_a_network_whose_bent_response_is_faint_does_not_follow_it(edits):
    many = exact_ecgs("r", 16).ecgs.x
    faint = Reads(lambda x: ((height(x) - 800.0).clamp(min=0.0) / 300.0) ** 5 / 1e3)
    sheet = measure_network(faint, many, changes=["r"], store=edits, target=target_of("r"))
    assert sheet.matrix()[0]["cells"][0]["text"] == "bent"
    assert sheet.answer.startswith("Does not follow R. R: 200 µV less move the reading by 0 µV")


@pytest.mark.heavy
def test_a_network_that_may_follow_is_not_said_not_to(sheet):
    found = replace(sheet.first)  # with tables of its own
    of_r, of_pr = found.gains["change"] == "r", found.gains["change"] == "pr"
    found.gains.loc[of_pr, ["form", "p_null"]] = STRAIGHT, 0.0
    for high, begins in ((0.9, "Not shown to"), (0.05, "Does not")):
        found.gains.loc[of_r, ["form", "low", "high"]] = NO_RESPONSE, -0.05, high
        assert answer(found).startswith(f"{begins} follow R. 100 µV more R: no response shown")


def test_a_network_that_always_reads_the_same_has_its_doses_in_the_matrix(edits):
    sheet = measure_network(
        Reads(lambda x: 0 * height(x)), X, changes=["r", "t"], store=edits, target=target_of("r")
    )
    assert [row["name"] for row in sheet.matrix()] == ["R, 100 µV", "T, 100 µV"]
    assert [line[-1].rpartition(", ")[2] for line in sheet.plain()["reads"]][1].startswith("bias ")


def test_without_a_change_of_waves_nothing_is_said_of_what_is_learned(edits):
    sheet = measure_network(Reads(height), exact_ecgs("r", 8).ecgs.x, changes=["gain"], store=edits)
    said = answer(sheet.measurements[0])
    assert said == "No change of waves was measured: what the network follows is not known."


def test_doses_are_named_in_a_list_or_with_commas(edits):
    both = [
        measure_network(Reads(height), X, changes=changes, store=edits).gains["change"]
        for changes in ("r, t", ["r", "t"])
    ]
    assert [*both[0]] == [*both[1]] == ["r", "t", "r", "t"]
    assert {*doses()} == {*EDITED, *KNOWN}


def test_doses_that_the_answer_does_not_name_are_counted_in_it(edits):
    every = Reads(lambda x: height(x) + x.abs().mean((1, 2)))
    changes = ["r", "t", "j", "p", "q", "s"]
    found = measure_network(every, X, changes=changes, store=edits, target=target_of("r"))
    assert re.search(r"It also answers to [^,]+, [^,]+, [^,]+ and \d more\.$", found.answer)


@pytest.mark.heavy
def test_few_ecgs_and_many_doses_are_said_to_show_nothing(edits):
    names = [name for name, dose in doses().items() if dose.kind in GRADED]
    found = measure_network(Reads(lambda x: 0 * height(x)), X[:7], changes=names, store=edits)
    assert found.answer.startswith("7 patients can show no response among ")
    assert any("7 patients: where few of many answer" in line for line in found.plain()["limits"])


@pytest.mark.heavy
def test_words_of_a_sheet_are_those_of_a_reader(sheet):
    names = {row["name"] for row in disturbance_lines(sheet.first, "fault")}
    assert names == {f"{lead} and what follows from it are zero" for lead in ("V1", "V5")}
    flat = {"form": STRAIGHT, "p_null": 0.0, "unit": "µV", "dead_from": np.nan, "outside": 0.0}
    row = {**flat, "saturated_below": -0.2, "saturated_above": 120.0}
    said = notes(sheet.first, row)
    assert said == "Hardly answers to less; flattens beyond 120 µV more"
    assert stepped("1/min") == "10/min"


def test_numbers_of_the_matrix_have_the_places_of_the_sentences(edits):
    small = Reads(lambda x: height(x) / 1e4)  # no unit: three places
    found = measure_network(small, X, changes="r", store=edits)
    assert found.matrix()[0]["cells"][0]["text"] == "0.010"


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("reads", "the network reads V5 R-amplitude, R² 0.80"),
        ("does not read", "not that the reading is right"),
    ],
)
def test_the_sheet_says_what_the_run_found_of_its_network(sheet, verdict, words):
    gate = Reading(verdict, value=0.8, low=0.05 if verdict != "reads" else 0.7, high=0.9, ecgs=64)
    assert words in " ".join(reads(sheet.judged(gate).first))
    assert "run" not in " ".join(reads(sheet.first))


def test_an_ecg_at_which_a_dose_hardly_arrived_has_no_slope():
    measured = np.array([[-10.0, 10.0], [-0.1, 0.2], [-9.0, np.nan]])
    np.testing.assert_array_equal(arrived(measured, np.array([-10.0, 10.0])), [True, False, True])


def test_the_answer_is_of_the_explained_output_and_a_dose_is_silent_where_all_are(edits):
    class Three(torch.nn.Module):
        def forward(self, x):
            return torch.stack([height(x) / 100, x[:, 10, 390] / 50, height(x) * 1e-7], 1)

    target = Target("diagnosis", "", kind="binary", classes=("af", "lbbb", "normal"))
    found = measure_network(Three().eval(), X, changes=["r", "t"], target=target, store=edits).first
    assert answer(found) == "Of 2 doses, R moves the reading most."  # T moves that of lbbb
    said = [each["said"] for each in lines(found)]
    assert not any(each.startswith("No response was shown") for each in said)
    assert said[-1].endswith(" a step to R (output for normal).")


def test_what_moves_most_is_told_of_the_explained_output(edits):
    class Two(torch.nn.Module):
        def forward(self, x):
            return torch.stack([height(x) / 1000, height(x)], 1)

    target = Target("diagnosis", "logit", kind="binary", classes=("af", "lbbb"))
    one, other = (
        measure_network(
            Two().eval(), X, changes=["r", "noise_muscle"],
            target=replace(target, explain=name), store=edits,
        ).first
        for name in target.classes
    )  # fmt: skip
    assert moved_most(one) != moved_most(other)
    table = one.disturbances.query("output == 'af'")
    assert fixed(float(table["median"].max()), 3)[:4] in moved_most(one)


def test_a_class_that_no_dose_moves_is_not_said_to_be_unlearned(edits):
    flat = Reads(lambda x: 0 * height(x))
    target = Target("diagnosis", "logit", kind="binary", classes=("lbbb",))
    found = measure_network(flat, X, changes=["r", "t"], target=target, store=edits)
    assert found.answer.startswith("None of 2 doses moves its reading more than random changes")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (["pr", "qrs_end"], "No dose of V5 R-amplitude was asked for: none of 2 doses moves"),
        (["r", "pr"], "Nothing was shown that this network has learned"),
    ],
)
def test_a_network_is_not_said_to_have_learned_nothing_where_its_label_was_not_changed(
    changes, words, edits
):
    flat = Reads(lambda x: 0 * height(x))
    found = measure_network(flat, X, changes=changes, target=target_of("r"), store=edits)
    assert found.answer.startswith(words)
