"""Public names load on first use, and a study is made from Python."""

import importlib
import sys
from typing import Any

import ecglens
import ecglens_study
import pandas as pd
import pytest
from ecglens_study import StudyStorage


def test_every_public_name_loads():
    listed = {*ecglens_study.__all__}
    assert {*dir(ecglens_study)} >= listed
    for name in listed:
        found = getattr(ecglens_study, name)
        assert type(found).__name__ != "module", name
    assert ecglens.create_study is ecglens_study.create_study


def test_the_former_place_forwards_and_names_the_new_one():
    study = importlib.import_module("ecglens.study")
    with pytest.warns(DeprecationWarning, match=r"ecglens\.study\.analyse is now ecglens_study"):
        assert study.analyse is ecglens_study.analyse
    with pytest.warns(DeprecationWarning, match=r"ecglens_study\.create_from_inputs"):
        assert study.create_study is ecglens_study.create_from_inputs
    with pytest.raises(AttributeError, match="such"):
        _ = study.no_such_name


def test_the_former_place_without_the_package_says_what_to_install(monkeypatch):
    study = importlib.import_module("ecglens.study")
    monkeypatch.setitem(sys.modules, "ecglens_study", None)  # as where it is not installed
    with pytest.raises(ImportError, match=r"pip install \./apps/study"):
        _ = study.analyse


METHODS = ["saliency", "input_x_gradient"]


@pytest.mark.heavy
def test_a_study_is_made_from_a_network_and_its_ecgs(net, ecgs, tmp_path):
    folder = tmp_path / "study"
    created = ecglens.create_study(
        folder, net, ecgs, METHODS, n=3, experts=["Ada", "Ben"], views=("full",), practice=0,
        catch=0, guess=False,
    )  # fmt: skip
    assert created.decisions == 6  # three ECGs, shown twice
    assert {*created.links} == {"Ada", "Ben"}
    storage = StudyStorage(folder)
    assert storage.settings.name == "study"
    key = pd.read_csv(tmp_path / "study-key" / "pseudonyms.csv")
    assert len(key) == len(ecgs.cohort.parts["test"])
    with pytest.raises(ValueError, match="study"):
        ecglens.create_study(folder, net, ecgs, METHODS, n=3)


def test_wrong_settings_leave_no_folder(net, ecgs, tmp_path):
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"task": "vote"}, "expected task"),
        ({"experts": []}, "expert"),
    )
    for settings, expected in wrong:
        with pytest.raises(ValueError, match=expected):
            ecglens.create_study(tmp_path / "study", net, ecgs, METHODS, n=3, **settings)
    assert not list(tmp_path.iterdir())


def test_a_study_that_is_refused_leaves_no_key(net, ecgs, tmp_path):
    with pytest.raises(ValueError, match="ECGs"):
        ecglens.create_study(tmp_path / "study", net, ecgs, METHODS, n=1000)
    assert not list(tmp_path.iterdir())
