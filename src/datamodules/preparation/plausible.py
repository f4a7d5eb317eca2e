"""Labels that came with a record and that no heart can have: a wrong unit, or a program's error."""

from collections.abc import Mapping
from dataclasses import replace
from math import isnan, nan

from ...ecg import Record

# Smallest and largest value, in ms, 1/min and µV. They are wide, so that no rare disease is lost:
# seconds in place of ms, 0, −1 and 29999 for "none found", and overflows are far outside.
PLAUSIBLE: Mapping[str, tuple[float, float]] = {
    "pr": (20.0, 1000.0),  # the atria alone take longer; AV blocks of first degree reach 1 s
    "qrs": (20.0, 500.0),  # of a newborn 50; of extreme hyperkalaemia 300 to 400
    "qt": (100.0, 1500.0),  # the refractory period of a ventricle; inherited long QT reaches 900
    "rate": (10.0, 600.0),  # an agonal rhythm; flutter of a newborn, each wave conducted
    **dict.fromkeys(("r", "j", "t"), (-2e4, 2e4)),  # on the skin no wave has more than 10 mV
}
UNITS = {"rate": "/min", **dict.fromkeys(("pr", "qrs", "qt"), "ms")}


def plausible(record: Record) -> tuple[Record, dict[str, str]]:
    """Record whose implausible labels are NaN, with the reason for each."""
    reasons = {
        name: f"expected a label {name} of {low:g} to {high:g} {UNITS.get(name, 'µV')}, "
        f"got {record.labels[name]:g}"
        for name, (low, high) in PLAUSIBLE.items()
        if not isnan(value := record.labels.get(name, nan)) and not low <= value <= high
    }
    labels = {**record.labels, **dict.fromkeys(reasons, nan)}
    return (replace(record, labels=labels) if reasons else record), reasons
