"""study.html: votes, agreement and scores on one self-contained page."""

from .write import write_study

__all__ = ["write_study"]
