"""`python evaluate.py`: explain and score a network that is there already."""

from omegaconf import DictConfig

from .front_door import enter
from .job import Job


def task(config: DictConfig) -> None:
    """Test, explain, score, report; nothing is fitted."""
    from .pipeline import run

    run(Job.from_hydra(config), may_fit=False)


def main() -> None:
    """The front door of evaluate.py and `ecglens evaluate`."""
    enter(task, "evaluate")
