"""The yaml files of this room: each of them builds what it names."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from ecglens.datamodules import Target, open_records, split_of
from ecglens.datamodules.labels.diagnoses import CODE15, CPSC, DIAGNOSES, SCP
from ecglens.datamodules.preparation.blocks import SAMPLES

CONFIGS = Path(__file__).parents[2] / "configs"


def read(group: str) -> dict[str, dict]:
    files = sorted((CONFIGS / group).glob("*.yaml"))
    return {path.stem: yaml.safe_load(path.read_text()) for path in files}


@pytest.mark.parametrize("name", read("target"))
def test_each_target_names_places_that_exist(name: str) -> None:
    settings = read("target")[name]
    settings |= {key: tuple(value) for key, value in settings.items() if isinstance(value, list)}
    if name in ("column", "computed"):  # any: its name and its unit are the user's
        settings |= {"name": name, "unit": "ms"} | ({"column": "lvef"} if name == "column" else {})
    target = Target(**settings)
    assert target.name == name
    assert target.unit in ("ms", "µV", "1/min", "logit")
    assert (target.unit == "logit") == bool(target.classes)
    assert (target.lead == "V5") == (target.unit == "µV")


def test_the_seven_targets_of_the_study_are_there() -> None:
    assert set(read("target")) >= {"pr", "qrs", "qt", "r", "j", "t", "rate"}


@pytest.mark.parametrize("name", ["deepfake", "exact"])
def test_each_generated_source_opens_with_its_settings(name: str) -> None:
    settings = read("data")[name]
    split_of(settings.pop("split"))
    assert settings.pop("may_leave_machine") is True
    records = open_records(**settings)
    assert records.name == name
    assert len(records.reader) == settings["n"]


def test_inputs_have_the_length_of_their_yaml() -> None:
    given = {settings["name"]: settings["samples"] for settings in read("input").values()}
    assert given == SAMPLES


def test_the_classes_of_each_study_are_diagnoses_that_can_be_told() -> None:
    classes = {name: given.get("classes", []) for name, given in read("target").items()}
    assert {name: len(each) for name, each in classes.items() if each} == {
        "cpsc": 9,
        "diagnosis": 9,
        "ribeiro": 6,
    }
    assert {name for each in classes.values() for name in each} <= set(DIAGNOSES)
    for name, coding in (("cpsc", CPSC), ("ribeiro", CODE15), ("diagnosis", SCP)):
        assert set(classes[name]) <= set(coding.rules)


@pytest.mark.parametrize(("column", "unit"), [("qt_tangent", "ms"), ("age", "years")])
def test_a_column_with_a_unit_of_ours_takes_no_other(column: str, unit: str) -> None:
    assert Target("some", "", column).unit == unit
    with pytest.raises(ValueError, match=f"expected no unit or {unit}, of labels and outputs"):
        Target("some", "s", column)
    assert Target("some", "s", column, table="t.csv").unit == "s"  # as the table has it


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"explain": "lvh"}, "explain of af, lbbb, got lvh"),
        ({"kind": "regression"}, "for classes kind=binary and each of them once, got kind=regr"),
        ({"classes": ("af", "af")}, "got kind=binary and af, af"),
        ({"column": "lvh"}, r"a column or classes, got 'lvh' and \['af', 'lbbb'\]"),
        ({"classes": ()}, r"a column or classes, got '' and \[\]"),
        ({"unit": "ms"}, "expected no unit or logit"),
    ],
)
def test_classes_that_contradict_each_other_are_refused(
    settings: dict[str, Any], said: str
) -> None:
    given = {"name": "some", "unit": "", "kind": "binary", "classes": ("af", "lbbb")}
    with pytest.raises(ValueError, match=said):
        Target(**given | settings)


def test_a_place_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"edges of P_on, .*got p_on"):
        Target("pr", "ms", "pr", edges=("p_on",))
    with pytest.raises(ValueError, match="waves of P, PQ, QRS, ST, T, got U"):
        Target("u", "µV", "u", waves=("U",))
    with pytest.raises(ValueError, match=r"a lead of I, .*got V7"):
        Target("r", "µV", "r", lead="V7")


def test_a_target_without_its_unit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected unit among .* of a target, got name, column$"):
        Target.from_plain({"name": "pr", "column": "pr"})


def test_a_measured_label_has_its_own_unit() -> None:
    """Labels are in µV whatever the target says: an error of 0.4 mV would be told as 400."""
    assert Target("r", "", "r").unit == "µV"
    with pytest.raises(ValueError, match=r"expected no unit or µV, .*, got 'mV'"):
        Target("r", "mV", "r")
    assert Target("r", "mV", "r", table="own.csv").unit == "mV"  # a label of the user
