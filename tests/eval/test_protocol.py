from dataclasses import asdict, fields
from pathlib import Path

import pytest
import yaml
from ecglens.eval import HOUSE, STORAS2025, Protocol
from ecglens.explain import config_folder

FOLDER = config_folder() / "evaluation"
FILES = sorted(FOLDER.glob("*.yaml"))
KNOWN = {"house": HOUSE, "storas2025": STORAS2025}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_configuration_is_the_protocol_it_is_named_after(path: Path):
    ((name, settings),) = yaml.safe_load(path.read_text("utf-8")).items()
    assert settings.pop("_target_") == "ecglens.eval.Protocol"
    protocol = Protocol(**settings)
    assert protocol.name == name
    assert protocol == KNOWN[name]
    assert settings.keys() == {field.name for field in fields(Protocol)}


def test_every_protocol_has_a_configuration():
    assert {next(iter(yaml.safe_load(path.read_text("utf-8")))) for path in FILES} == {*KNOWN}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_setting_has_its_reason_beside_it(path: Path):
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("  ") and "_target_" not in line and "name:" not in line:
            assert " # " in line, line


def test_settings_that_contradict_each_other_are_refused():
    wrong = [
        ({"steps": 20}, "got 10, 15, 25, 20"),
        ({"until": 30}, "got 10, 30, 25, 25"),
        ({"draws": 0}, "at least 1 draw and noise above 0, got 0 and 0.2"),
        ({"noise": 0.0}, "noise above 0, got 5 and 0.0"),
    ]
    for settings, words in wrong:
        with pytest.raises(ValueError, match=words):
            Protocol(**(asdict(HOUSE) | settings))
