"""Test a network, explain it, score every method, and leave a report."""

from .job import Job


def evaluate(job: Job, may_fit: bool) -> None:
    """Run one job to its report; the last line printed is the report's path."""
