from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest
import yaml
from ecglens.eval import DEFAULT, POINTS, STORAS2025, Perturbation, Protocol
from ecglens.registry import config_folder

FOLDER = config_folder() / "evaluation"
PERTURBATION = "ecglens.eval.Perturbation"
FILES = [path for path in sorted(FOLDER.glob("*.yaml")) if PERTURBATION in path.read_text("utf-8")]
KNOWN = {"default": DEFAULT, "points": POINTS, "storas2025": STORAS2025}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_configuration_is_the_protocol_it_is_named_after(path: Path):
    for name, settings in yaml.safe_load(path.read_text("utf-8")).items():
        assert settings.pop("_target_") == PERTURBATION
        protocol = Perturbation(**settings).protocol
        assert protocol.name == name
        if name in KNOWN:
            assert protocol == KNOWN[name]
            assert settings.keys() == {field.name for field in fields(Protocol)}


def test_every_protocol_has_a_configuration_and_no_two_have_one_name():
    names = [name for path in FILES for name in yaml.safe_load(path.read_text("utf-8"))]
    assert len({*names}) == len(names)
    assert {*KNOWN} < {*names}


def test_the_panel_has_noise_on_points_in_four_sizes():
    panel = yaml.safe_load((FOLDER / "noise_panel.yaml").read_text("utf-8"))["defaults"]
    assert panel == ["noise_2", "noise_5", "noise_10", "points", "_self_"]
    for name, noise in {"noise_2": 0.02, "noise_5": 0.05, "noise_10": 0.1}.items():
        (settings,) = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8")).values()
        settings.pop("_target_")
        assert Perturbation(**settings).protocol == replace(POINTS, name=name, noise=noise)


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
        ({"fill": "zero"}, "draws=1 for fill=zero, which is the same in every draw, got 5"),
        ({"unit": "segment", "segment_ms": 0.5}, "at least one sample .2 ms., got 0.5"),
        ({"oracle": 1}, "at least 2 ECGs, or on 0 for none, got 1"),
    ]
    for settings, words in wrong:
        with pytest.raises(ValueError, match=words):
            Protocol(**(asdict(POINTS) | settings))
