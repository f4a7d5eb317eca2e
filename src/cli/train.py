"""`python train.py`: fit a network once, then explain and score it."""

from omegaconf import DictConfig

from .front_door import enter


def task(config: DictConfig, may_fit: bool = True) -> None:
    """Fit (unless it is there already or may not), test, explain, score, report."""
    from ..jobs import Job, run

    run(Job.from_hydra(config), may_fit)


def main() -> None:
    """Run train.py and `ecglens train`."""
    enter(task, "train")
