"""Evaluations on several cores: the same numbers, whatever happens to the processes."""

import multiprocessing
import os
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from ecglens.datamodules import Batch
from ecglens.eval import Evaluation, Finding, Networks, Perturbation, Subject, precompute
from ecglens.eval.evaluations.sanity import Weights
from ecglens.eval.heatmaps import attributions
from ecglens.eval.precompute import run_forked
from ecglens.explain import Context, Method, find_all
from ecglens.store import Store
from ecglens_metrics import Axioms, Effects
from ecglens_metrics.degradation import Degradation
from torch import Tensor, nn

from .networks import Smooth, exact_ecgs

QUICK = Perturbation(
    "quick", steps=2, draws=1, until=1, cutoffs=(1, 2), ladder=1, oracle=2, segment_ms=100
)
HERE = os.getpid()


def subject(folder: Path, workers: int, ecgs: int = 20) -> Subject:
    """Two chunks of ECGs by a method and three controls: enough for two processes."""
    x, y, segments, names = exact_ecgs(ecgs)
    part = slice(100, 400)
    few = Batch(x[..., part], y, segments[:, part], names)
    return Subject(
        few, find_all(["saliency"]), store=Store(folder), progress=False, workers=workers
    )


def networks() -> Networks:
    return Networks([Smooth().eval()])


@pytest.fixture
def computed_here(monkeypatch) -> list[int]:
    """Sizes of the batches that this process explains itself."""
    found, own = [], attributions.attribute

    def attribute(method: Method, net: nn.Module, x: Tensor, *rest: Any) -> Tensor:
        found.append(len(x))
        return own(method, net, x, *rest)

    monkeypatch.setattr(attributions, "attribute", attribute)
    return found


def same(one: Finding, other: Finding) -> None:
    for mine, theirs in zip(one.curves, other.curves, strict=True):
        for name, curves in {**mine.predictions, **mine.references}.items():
            np.testing.assert_array_equal(curves, {**theirs.predictions, **theirs.references}[name])
    for measure, by_method in one.scores.items():
        for name, values in by_method.items():
            np.testing.assert_array_equal(values, other.scores[measure][name])


@pytest.mark.heavy
def test_two_processes_give_the_same_numbers_as_one(tmp_path, computed_here):
    alone = QUICK(networks(), subject(tmp_path / "alone", 1))
    assert computed_here
    same(alone, QUICK(networks(), subject(tmp_path / "together", 2)))


@pytest.mark.heavy
@pytest.mark.parametrize(
    "evaluation",
    [QUICK, Weights(stages=1, copies=1), Degradation(steps=2), Effects(donors=1), Axioms(copies=1)],
    ids=lambda each: each.name,
)
def test_several_processes_leave_nothing_to_this_one(
    evaluation: Evaluation, tmp_path, computed_here
):
    evaluation(networks(), subject(tmp_path, 2))
    assert not computed_here


@dataclass(frozen=True)
class Fatal(Method):
    """Kills every other process than the first that explains by it."""

    def heatmap(self, net: nn.Module, x: Tensor, target: int, context: Context) -> Tensor:
        if os.getpid() != HERE:
            os.kill(os.getpid(), signal.SIGKILL)
        return x.clone()


@dataclass(frozen=True)
class Wrong(Method):
    """Has an error, which is one of this network where it is a ValueError.

    Another is raised, as of a method of ours: of others' methods every error is a refusal.
    """

    checks_outputs: ClassVar[bool] = True
    error: str

    def heatmap(self, net: nn.Module, x: Tensor, target: int, context: Context) -> Tensor:
        raise (ValueError if self.error == "refused" else OSError)(self.error)


@pytest.mark.heavy
def test_processes_that_are_killed_cost_time_alone(tmp_path, computed_here):
    methods = {**find_all(["saliency"]), "fatal": Fatal()}
    each = [replace(subject(tmp_path / str(n), n), methods=methods) for n in (1, 2)]
    alone = QUICK(networks(), each[0])
    computed_here.clear()
    same(alone, QUICK(networks(), each[1]))
    assert computed_here


def test_an_error_of_a_method_is_raised_once_and_a_refusal_is_noted(tmp_path, capfd):
    methods = {**find_all(["saliency"]), "wrong": Wrong("refused")}
    finding = QUICK(networks(), replace(subject(tmp_path, 2), methods=methods))
    assert finding.curves[0].left_out == {"wrong": "refused"}
    with pytest.raises(OSError, match="broken"):
        QUICK(networks(), replace(subject(tmp_path, 2), methods={"wrong": Wrong("broken")}))
    assert capfd.readouterr().err == ""


def test_a_few_maps_are_made_without_other_processes(tmp_path, monkeypatch):
    monkeypatch.setattr(precompute, "run_forked", None)
    Degradation(steps=2)(networks(), replace(subject(tmp_path, 2, ecgs=4), methods={}))


def test_processes_share_the_tasks_and_end_with_them(tmp_path):
    def do(task: int) -> None:
        (tmp_path / f"{task}-{os.getpid()}-{torch.get_num_threads()}").touch()
        time.sleep(0.001)

    counted: list[int] = []
    run_forked(do, 1200, 2, counted.append)  # more than wait in the pipe
    names = [path.name.split("-") for path in tmp_path.iterdir()]
    assert sorted(int(task) for task, _, _ in names) == [*range(1200)]
    assert {threads for _, _, threads in names} == {"1"}
    assert len({process for _, process, _ in names} - {str(HERE)}) == 2
    assert sum(counted) == 1200
    assert not multiprocessing.active_children()


def test_ctrl_c_ends_the_processes(tmp_path):
    def do(task: int) -> None:
        (tmp_path / str(os.getpid())).touch()
        time.sleep(0.001 if task < 2 else 60)

    def interrupt(count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_forked(do, 20, 2, interrupt)
    assert not multiprocessing.active_children()


def _wait_forked(folder: Path) -> None:
    def do(task: int) -> None:
        (folder / str(os.getpid())).touch()
        time.sleep(60)

    run_forked(do, 2, 2, lambda count: None)


@pytest.mark.heavy
def test_processes_end_when_the_first_one_is_killed(tmp_path):
    """Even by kill −9, in the middle of a long task."""
    # Forked, it could wait for a lock of a thread of pytest, which is not forked.
    parent = multiprocessing.get_context("spawn").Process(target=_wait_forked, args=(tmp_path,))
    parent.start()
    while len(found := list(tmp_path.iterdir())) < 2:
        time.sleep(0.01)
    parent.kill()
    parent.join()
    while any(_runs(int(path.name)) for path in found):
        time.sleep(0.01)


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"  # dead, and nobody has asked
