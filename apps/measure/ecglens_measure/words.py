"""Names of doses, and amounts with their units, as a reader of ECGs says them."""

# Where the name alone does not say what grows.
SAID = {
    "pr_scaled": "PR (P stretched too)",
    "qrs_end": "QRS (its end alone)",
    "t_shift": "QT (T later)",
    "t_stretch": "QT (T longer)",
    "jt": "QT (ST and T longer)",
    "t_end": "QT (end of T alone)",
    "t_peak": "T peak time",
    "q_width": "width of Q",
    "r_width": "width of R",
    "s_width": "width of S",
    "q": "depth of Q",
    "s": "depth of S",
    "rate": "heart rate",
    "irregular": "irregular RR",
    "premature": "premature beat",
    "t_v5": "T in V5",
    "t_anterior": "anterior T",
    "t_lateral": "lateral T",
    "t_inferior": "inferior T",
    "noise_muscle": "muscle noise",
    "noise_mains": "mains noise",
    "ends": "flat ends",
    "ends_level": "raised ends",
    "outside_waves": "lines between waves",
    "spike": "pacing spike",
    "calibration": "calibration pulse",
}
# Steps in which gains are told: sizes that a reader of ECGs thinks in.
STEPS = {"ms": 10.0, "µV": 100.0, "%": 10.0, "°": 10.0, "1/min": 10.0}
WAVES = {"p", "pr", "pq", "q", "qrs", "r", "s", "st", "j", "jt", "qt", "t", "rr"}
CAPITALS = {*WAVES, *(f"v{number}" for number in range(1, 7))}
PLACES = {"µV": 0, "logit": 2, "": 3}  # of readings; others have one


def printed(name: str) -> str:
    """Name of a dose for a reader, with its waves and leads in capitals, such as "T in V5"."""
    words = SAID.get(name, name.replace("_", " ")).split(" ")
    return " ".join(each.upper() if each.lower() in CAPITALS else each for each in words)


def upper_first(text: str) -> str:
    """Text with a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]


def step_of(unit: str) -> float:
    """Step in which a gain per this unit is told."""
    return STEPS.get(unit, 1.0)


def stepped(unit: str) -> str:
    """The step of a unit in words, such as "10 ms", "10°" and "10/min"."""
    return joined(f"{step_of(unit):g}", unit)


def joined(number: str, unit: str) -> str:
    """Number and unit as they are printed: "10 ms", "10°", "10/min"."""
    if unit == "1/min":
        return f"{number}/min"
    return f"{number}{'' if unit == '°' else ' '}{unit}".strip()


def amount(value: float, unit: str, places: int | None = None) -> str:
    """Number with its unit, at the precision of a measurement (0.1 ms, 1 µV) unless told."""
    from ecglens.report.text import fixed

    digits = places if places is not None else PLACES.get(unit, 1)
    return joined(fixed(value, digits), unit)


def between(low: float, high: float, unit: str) -> str:
    """Interval in brackets, without its unit."""
    from ecglens.report.text import fixed

    return f"({' to '.join(fixed(each, PLACES.get(unit, 1)) for each in (low, high))})"
