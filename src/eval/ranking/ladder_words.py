"""The null ladder in sentences."""

from ..rungs import LADDER_LEVELS
from .ladder import Ladder

# What is compared at each level, as it stands in a sentence.
COMPARED = (
    "random numbers, |x| and |dx/dt|",
    "random numbers where the target lives",
    "its own maps of other patients",
)
NO_LEVEL = "no level"


def level_name(level: int) -> str:
    """The name of a level; 0 is none."""
    return LADDER_LEVELS[level - 1].name if level else NO_LEVEL


def reached(ladder: Ladder) -> str:
    """Methods at each level, highest first, and the level that none was shown to reach."""
    highest = ladder.reached
    parts = []
    for level in sorted({*highest.values()}, reverse=True):
        names = ", ".join(name for name, at in highest.items() if at == level)
        parts.append(f"{level_name(level)}: {names}")
    text = f"Level reached – {'; '.join(parts)}."
    top = max(ladder.tested, default=0)
    if top and max(highest.values(), default=0) < top:
        text += f" {not_reached(ladder, top)}"
    return text


def not_reached(ladder: Ladder, level: int, sure: str = "") -> str:
    """That no method was shown to reach a level, with what it was compared with."""
    where = f" {sure}" if sure else ""
    text = f"No method was shown to reach “{level_name(level)}”{where}: "
    if above := ladder.above(level):
        be = "is" if len(above) == 1 else "are"
        return (
            f"{text}{', '.join(above)} {be} above {COMPARED[level - 1]}, but missed a level before."
        )
    return f"{text}none is significantly above {COMPARED[level - 1]}."
