"""Whether ECGs may leave this machine: as their source says, and no if it says nothing."""

from collections.abc import Mapping
from typing import Any

MAY_LEAVE = "may_leave_machine"


def may_leave(source: Mapping[str, Any]) -> bool:
    """Whether the ECGs of a source may leave this machine.

    `source` is the settings of the source, or the facts about its ECGs (`EcgData.counts`). Raises
    ValueError for a value that is neither true nor false.
    """
    said = source.get(MAY_LEAVE, False)
    if not isinstance(said, bool):
        raise ValueError(f"expected data.{MAY_LEAVE} to be true or false, got {said!r}")
    return said


def all_may_leave(source: Mapping[str, Any]) -> bool:
    """Whether these ECGs and those of a second source (its key `external`) may leave."""
    external = source.get("external")
    return may_leave(source) and (not external or may_leave(external))
