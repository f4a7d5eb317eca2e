"""`python train.py`: fit a network once, then explain and score it."""

from omegaconf import DictConfig

from .front_door import enter


def task(config: DictConfig) -> None:
    """Fit (unless it is there already), test, explain, score, report."""
    from ..jobs import Job, run

    run(Job.from_hydra(config), may_fit=True)


def main() -> None:
    """Run train.py and `ecglens train`."""
    enter(task, "train")
