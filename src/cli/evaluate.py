"""`python evaluate.py`: explain and score a network that is there already."""

from omegaconf import DictConfig

from .front_door import enter


def task(config: DictConfig) -> None:
    """Test, explain, score, report; nothing is fitted."""
    from ..jobs import Job, run

    run(Job.from_hydra(config), may_fit=False)


def main() -> None:
    """Run evaluate.py and `ecglens evaluate`."""
    enter(task, "evaluate")
