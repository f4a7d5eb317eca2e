"""Doses of time on recordings: waves of each beat are moved or stretched by a map of time."""

from collections.abc import Callable, Mapping

from ecglens.ecg import FS_HZ, Segments

from .dose import Dose
from .time_map import Part

MS = 1e3 / FS_HZ
FOOT = 5.0  # samples before the onset of P that are carried with it
# Samples before QRS onset in which a change of PR takes place if P ends later.
PQ = 8.0
AFTER_T = 4.0  # samples behind the end of T that are carried with it

OF_PR = ("qrs", "qt", "r", "j", "t")
DOSES = (
    Dose(
        "pr",
        "ms",
        (-40.0, -20.0, -10.0, 10.0, 20.0, 40.0),
        "P and its foot are carried, T–P and PQ are stretched",
        "pr",
        OF_PR,
        "time",
        ("P", "QRS"),
    ),
)


def parts(marks: Segments, name: str, by: float) -> list[Part]:
    """Parts of a beat and how far each moves for this dose (`by` in ms)."""
    return PARTS[name](marks, by / MS)


def _pr(marks: Segments, k: float) -> list[Part]:
    return [
        Part(marks.p_on - FOOT, min(marks.p_off, marks.qrs_on - PQ), -k),
        *_from_qrs(marks),
    ]


def _from_qrs(marks: Segments) -> list[Part]:
    """From the onset of QRS to the end of T, which stay."""
    end = marks.qrs_off if marks.t_off != marks.t_off else marks.t_off + AFTER_T
    return [Part(marks.qrs_on, end, 0.0)]


PARTS: Mapping[str, Callable[[Segments, float], list[Part]]] = {"pr": _pr}
