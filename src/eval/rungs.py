"""The rungs of the null ladder and the levels that they stand for (docs/ladder.md)."""

from dataclasses import dataclass

# Rungs beside the controls, as they are called in tables.
TARGET_PRIOR, MEAN_OF_OTHERS, ANOTHER_PATIENT = "target_prior", "mean_of_others", "another_patient"


@dataclass(frozen=True)
class Level:
    """Level of a method that is above all of these rungs and reached the level before."""

    name: str
    rungs: tuple[str, ...]


LADDER_LEVELS = (
    Level("sensitive places", ("random", "abs_x", "abs_dx")),
    Level("more than where the target lives", (TARGET_PRIOR,)),
    Level("about this ECG", (MEAN_OF_OTHERS, ANOTHER_PATIENT)),
)


def prior_key(grain: str) -> str:
    """Name among Curves.references of the target prior of this resolution."""
    return f"{TARGET_PRIOR} {grain}"


def template_key(rung: str, method: str) -> str:
    """Name among Curves.references of a method's maps of other patients."""
    return f"{rung} {method}"
