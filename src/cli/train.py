"""`python train.py` and `python evaluate.py`: explain and score a network, which train fits."""

from functools import partial

from omegaconf import DictConfig

from .front_door import enter


def task(config: DictConfig, may_fit: bool) -> None:
    """Fit (unless it is there already or may not), test, explain, score, report."""
    from ..jobs import Job, run

    run(Job.from_hydra(config), may_fit)


def main(command: str = "train") -> None:
    """Run `ecglens train`, or `ecglens evaluate`, which fits nothing."""
    enter(partial(task, may_fit=command == "train"), command)
