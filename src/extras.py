"""Packages that only some tasks need: optional dependencies, imported when one of these begins."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Context in which a missing package is reported together with the extra that holds it.

    `name` is one of the optional dependencies in pyproject.toml. Raises ImportError.
    """
    try:
        yield
    except ModuleNotFoundError as problem:
        if (problem.name or "").startswith("ecglens"):
            raise
        raise ImportError(
            f"expected the package {problem.name}, which is not installed; "
            f"pip install '.[{name}]' in a copy of the source"
        ) from problem
