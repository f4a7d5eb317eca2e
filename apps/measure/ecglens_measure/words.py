"""Names of doses, and amounts with their units, as a reader of ECGs says them."""

from ecglens.report.text import fixed

# Steps in which gains are told: sizes that a reader of ECGs thinks in.
STEPS = {"ms": 10.0, "µV": 100.0, "%": 10.0, "°": 10.0, "1/min": 10.0}
WAVES = {"p", "pr", "pq", "q", "qrs", "r", "s", "st", "j", "jt", "qt", "t", "rr"}
CAPITALS = {*WAVES, *(f"v{number}" for number in range(1, 7))}
PLACES = {"µV": 0, "logit": 2, "": 3}  # of readings; others have one


def printed(name: str) -> str:
    """Name of a dose with its waves and leads in capitals, such as "PR" and "T V5"."""
    words = name.replace("_", " ").split(" ")
    return " ".join(each.upper() if each.lower() in CAPITALS else each for each in words)


def step_of(unit: str) -> float:
    """Step in which a gain per this unit is told."""
    return STEPS.get(unit, 1.0)


def stepped(unit: str) -> str:
    """The step of a unit in words, such as "10 ms" and "10°"."""
    return f"{step_of(unit):g} {unit}".replace(" °", "°")


def amount(value: float, unit: str, places: int | None = None) -> str:
    """Number with its unit, at the precision of a measurement (0.1 ms, 1 µV) unless told."""
    digits = places if places is not None else PLACES.get(unit, 1)
    return f"{fixed(value, digits)} {unit}".strip()


def between(low: float, high: float, unit: str) -> str:
    """Interval in brackets, without its unit."""
    ends = (amount(each, unit).removesuffix(unit).strip() for each in (low, high))
    return f"({' to '.join(ends)})"
