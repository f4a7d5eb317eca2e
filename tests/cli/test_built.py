"""What settings name is checked before it is called: a finding may be somebody else's."""

import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest
from ecglens.eval import Evaluation
from ecglens.explain import Method, Saliency
from torch import nn

# Hydra still uses the mappings of `typing`.
pytestmark = pytest.mark.filterwarnings("ignore:.*PEP 585")


class _Trap:
    """A pickle of it makes a file when it is read."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> Any:
        return Path.touch, (self.file,)


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    """File that is there once code has run."""
    return tmp_path / "ran"


@pytest.fixture
def trap(tmp_path: Path, ran: Path) -> dict[str, str]:
    """Settings that run code if they are followed."""
    (tmp_path / "trap.pkl").write_bytes(pickle.dumps(_Trap(ran)))
    return {"_target_": "pandas.read_pickle", "filepath_or_buffer": str(tmp_path / "trap.pkl")}


@pytest.mark.parametrize("kind", [nn.Module, Method, Evaluation])
def test_another_callable_than_the_kind_that_is_needed_is_not_called(trap, ran, kind) -> None:
    from ecglens.jobs.settings import built

    with pytest.raises(ValueError, match=rf"expected in x\._target_ .*{kind.__name__}.*not called"):
        built(trap, "x", kind)
    assert not ran.exists()


def test_settings_within_settings_are_data_and_call_nothing(trap, ran) -> None:
    from ecglens.jobs.settings import built

    inner = {"_target_": "torch.nn.Identity", "body": trap, "_recursive_": True}
    assert isinstance(built(inner, "x", nn.Module), nn.Module)
    assert not ran.exists()


def test_a_class_of_the_kind_and_a_function_that_declares_it_are_called() -> None:
    from ecglens.jobs.settings import built

    assert built({"_target_": "ecglens.explain.Saliency"}, "x", Method) == Saliency()
    assert isinstance(built({"_target_": "tests.cli.own_networks.five"}, "x", nn.Module), nn.Module)


@pytest.mark.parametrize("part", ["model", "method", "network"])
def test_the_run_of_somebody_else_runs_no_code(sweep, tmp_path, trap, ran, part) -> None:
    from ecglens_sheets import opened_run
    from ecglens_study.inputs import found_in

    foreign = shutil.copytree(sweep / "0" / "findings" / "default", tmp_path / "findings" / "one")
    kept = json.loads((foreign / "finding.json").read_text("utf-8"))
    settings = kept["about"]["fits"][0]["settings"]
    own = {"weights": None, "input": None} if part == "network" else {"name": "small"}
    settings[part] = {"saliency": trap} if part == "method" else trap | own
    (foreign / "finding.json").write_text(json.dumps(kept), "utf-8")
    for open_it in (lambda: found_in([tmp_path], [], 1), lambda: opened_run(tmp_path)):
        with pytest.raises(ValueError, match=r"pandas\.read_pickle"):
            open_it()
    assert not ran.exists()
