"""`python evaluate.py`: explain and score a network that is there already."""

from functools import partial

from .front_door import enter
from .train import task


def main() -> None:
    """Run evaluate.py and `ecglens evaluate`."""
    enter(partial(task, may_fit=False), "evaluate")
