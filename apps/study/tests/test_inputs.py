"""Study material from Python."""

from typing import Any

import ecglens
import pandas as pd
import pytest
from ecglens_study import StudyStorage

METHODS = ["saliency", "input_x_gradient"]


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
