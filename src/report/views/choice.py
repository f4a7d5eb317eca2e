"""Methods and ECGs of a user's choice, of those whose maps a run has kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...eval import Finding


@dataclass(frozen=True)
class Choice:
    """Methods, ECGs and lead to be drawn; where there are none, a figure has its own."""

    methods: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    lead: str = ""

    def __bool__(self) -> bool:
        """Whether anything is chosen."""
        return self != Choice()


def check_choice(findings: Sequence[Finding], choice: Choice) -> None:
    """Raise ValueError for an ECG that no gallery has, and for a method without maps."""
    galleries = [each.curves[0].gallery for each in findings]
    known = {name for gallery in galleries for name in gallery.heatmaps}
    if unknown := [name for name in choice.methods if name not in known]:
        raise ValueError(
            f"expected methods of this run ({', '.join(sorted(known))}), got {', '.join(unknown)}"
        )
    every = dict.fromkeys(name for gallery in galleries for name in gallery.records)
    if missing := [name for name in choice.records if name not in every]:
        raise ValueError(
            f"expected ECGs of the galleries ({', '.join(every) or 'none was kept'}), got "
            f"{', '.join(missing)}; gallery=16 keeps the maps of more"
        )
