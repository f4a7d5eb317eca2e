"""The folder of yaml files is the registry; every file in it is tried."""

import dataclasses
from typing import Any, cast

import hydra
import pytest
import yaml
from ecglens import explain
from ecglens.explain import Method, controls, find, find_all, methods
from ecglens.registry import config_folder
from hydra.core.global_hydra import GlobalHydra

FILES = sorted((config_folder() / "method").glob("*.yaml"))
SINGLE = [path for path in FILES if "defaults" not in yaml.safe_load(path.read_text("utf-8"))]
GROUPS = [path.stem for path in FILES if path not in SINGLE]


@pytest.fixture
def compose():
    GlobalHydra.instance().clear()
    with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
        yield lambda *overrides: hydra.compose(overrides=list(overrides)).method
    GlobalHydra.instance().clear()


@pytest.mark.parametrize("path", SINGLE, ids=lambda path: path.stem)
def test_a_file_holds_one_method_under_its_own_name_with_all_its_settings(path):
    config = yaml.safe_load(path.read_text("utf-8"))
    assert list(config) == [path.stem]
    method = find(path.stem)
    assert isinstance(method, Method)
    assert config[path.stem] == {
        "_target_": f"ecglens.explain.{type(method).__name__}",
        **dataclasses.asdict(cast(Any, method)),
    }
    # The yaml and the class name the same house settings.
    assert method == type(method)()


@pytest.mark.parametrize("path", SINGLE, ids=lambda path: path.stem)
def test_every_setting_has_its_reason_beside_it(path):
    settings = [line for line in path.read_text("utf-8").splitlines() if line.startswith("  ")]
    assert all("#" in line for line in settings if "_target_" not in line)


def test_the_names_are_those_of_the_folder():
    assert set(methods() + controls()) == {path.stem for path in SINGLE}
    assert controls() == ("random", "abs_x", "abs_dx")
    assert methods() == (
        "saliency",
        "smoothgrad",
        "smoothgrad_squared",
        "vargrad",
        "input_x_gradient",
        "deconvolution",
        "guided_backprop",
        "deeplift",
        "deeplift_shap",
        "lrp_epsilon",
        "lrp_composite",
        "integrated_gradients",
        "expected_gradients",
        "gradient_shap",
        "gradcam",
        "guided_gradcam",
        "occlusion",
        "feature_ablation",
        "shapley_sampling",
        "kernel_shap",
        "lime",
    )


def test_the_group_of_all_methods_is_complete():
    assert tuple(find_all("all")) == methods()
    assert tuple(find_all("controls")) == controls()


def test_the_default_methods_take_any_input_and_follow_the_weights():
    chosen = find_all("default")
    assert len(chosen) == 8
    assert chosen == {name: find(name) for name in chosen}
    assert not any(method.facts.needs_background for method in chosen.values())
    blind = {"deconvolution", "guided_backprop", "guided_gradcam", "lrp_composite"}
    assert not blind & set(chosen)


def test_a_method_is_frozen_and_has_a_version():
    for name in methods() + controls():
        assert type(find(name)).version >= 1
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(find(name), "version", 2)  # noqa: B010


def test_storas2025_has_the_switches_of_the_published_code():
    changed = {
        name: method for name, method in find_all("storas2025").items() if method != find(name)
    }
    assert changed == {
        "smoothgrad": explain.SmoothGrad(copies=25, noise=0.02, signed=False),
        "deeplift": explain.DeepLift(multiply_by_inputs=False),
        "integrated_gradients": explain.IntegratedGradients(steps=50, multiply_by_inputs=False),
        "gradient_shap": explain.GradientShap(samples=50, noise=0.02, multiply_by_inputs=False),
        "guided_gradcam": explain.GuidedGradCam(layer=None, relu_cam=True, corrected=False),
    }


def test_names_may_be_given_one_by_one():
    assert find_all("saliency") == {"saliency": explain.Saliency()}
    assert list(find_all(["deeplift", "saliency"])) == ["deeplift", "saliency"]
    assert find("smoothgrad", copies=5) == explain.SmoothGrad(copies=5)


def test_a_wrong_name_is_answered_with_the_nearest_first():
    with pytest.raises(ValueError, match=r"expected a method \(saliency, .*\), got 'salience'"):
        find("salience")
    with pytest.raises(ValueError, match=r"expected a method \(saliency, .*\), got 5"):
        find_all([cast(Any, 5)])
    with pytest.raises(ValueError, match=r"group of methods \(.*\), got 5"):
        find_all(cast(Any, 5))
    with pytest.raises(ValueError, match=r"group of methods \(storas2025, .*\), got 'storas2024'"):
        find_all("storas2024")
    with pytest.raises(
        ValueError, match=r"expected a setting of SmoothGrad \(copies, noise, signed\), got 'copy'"
    ):
        find("smoothgrad", copy=3)


@pytest.mark.heavy
@pytest.mark.parametrize("group", [*GROUPS, *methods(), *controls()])
def test_hydra_builds_what_find_all_builds(group, compose):
    config = compose(f"+method={group}")
    assert {name: hydra.utils.instantiate(one) for name, one in config.items()} == find_all(group)


def test_hydra_takes_a_list_of_methods(compose):
    assert dict(compose("+method=[saliency,smoothgrad]")) == {
        "saliency": {"_target_": "ecglens.explain.Saliency"},
        "smoothgrad": {
            "_target_": "ecglens.explain.SmoothGrad",
            "copies": 25,
            "noise": 0.02,
            "signed": True,
        },
    }
    config = compose("+method=[saliency,smoothgrad]", "method.smoothgrad.copies=5")
    assert config.smoothgrad.copies == 5


@pytest.mark.parametrize(
    ("name", "setting", "least", "below"),
    [
        ("smoothgrad", "copies", 1, 0),
        ("smoothgrad", "noise", 0.0, -1e-9),
        ("smoothgrad", "noise", 0.0, float("nan")),
        ("smoothgrad_squared", "copies", 1, 0),
        ("vargrad", "copies", 2, 1),
        ("gradient_shap", "samples", 1, 0),
        ("gradient_shap", "noise", 0.0, -1e-9),
        ("occlusion", "width_ms", 1.0, 0.0),
        ("occlusion", "overlap", 1, 0),
        ("shapley_sampling", "pairs", 1, 0),
        ("kernel_shap", "pairs", 1, 0),
        ("lime", "samples", 1, 0),
        ("lime", "ridge", 0.0, -1e-9),
        ("integrated_gradients", "steps", 1, 0),
        ("expected_gradients", "samples", 1, 0),
        ("lrp_epsilon", "epsilon", 0.0, -1e-9),
        ("lrp_composite", "epsilon", 0.0, -1e-9),
        ("lrp_composite", "gamma", 0.0, -1e-9),
    ],
)
def test_a_setting_out_of_bounds_is_refused_in_one_line(name, setting, least, below):
    find(name, **{setting: least})
    with pytest.raises(
        ValueError, match=f"^expected {setting} of at least {least:g}, got {below}$"
    ):
        find(name, **{setting: below})


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("integrated_gradients", {"multiply_by_inputs": "false"}),
        ("smoothgrad", {"copies": "5"}),
        ("captum.attr.IntegratedGradients", {"baseline": "mean"}),
        ("captum.attr.ShapleyValueSampling", {"features": "waves"}),
    ],
)
def test_a_setting_of_another_type_is_refused(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"expected .*{next(iter(settings))} to be"):
        find(name, **settings)
