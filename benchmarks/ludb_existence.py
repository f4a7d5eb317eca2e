"""Whether what does not exist in a record of LUDB is NaN, and what exists is not.

What exists follows from the comments of a record's header alone, and was written down before it was
counted. A record may belong to several groups:

- *clean sinus*: the comment "Rhythm: …" names sinus, and no comment names pacing, a pacemaker,
  extrasystoles, a third-degree AV block or a complete bundle branch block;
- *sinus, not clean*: as named but with extrasystoles, complete bundle branch block or a
  wandering pacemaker, conducted and not paced: all three intervals exist;
- *atrial fibrillation or flutter*: "Rhythm: …" names one of them: no PR; QRS and QT exist when
  it is not paced;
- *AV block III*: a comment "III degree": no PR (in LUDB all five are paced as well);
- *ventricular pacing*: a comment "ventricular pacing": none of the three is the heart's own.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from benchmarks.ludb_marks import Marked
from benchmarks.ludb_reading import INTERVALS, Reading
from benchmarks.share import share

# Title, which records by their header, and which intervals do (True) or do not exist in them.
GROUPS: tuple[tuple[str, Callable[[Marked], bool], dict[str, bool]], ...] = (
    ("clean sinus", lambda m: m.clean, dict.fromkeys(INTERVALS, True)),
    (
        "sinus, not clean",
        lambda m: m.sinus and not (m.clean or m.paced or m.av_block_iii),
        dict.fromkeys(INTERVALS, True),
    ),
    ("atrial fibrillation or flutter", lambda m: m.fibrillating, {"pr": False}),
    (
        "the same, not paced",
        lambda m: m.fibrillating and not m.paced,
        {"pr": False, "qrs": True, "qt": True},
    ),
    ("AV block III", lambda m: m.av_block_iii, {"pr": False}),
    ("ventricular pacing", lambda m: m.paced, dict.fromkeys(INTERVALS, False)),
)


def refusals(of: Sequence[Reading]) -> Iterator[str]:
    """A line per group and interval: how often it is NaN, and why."""
    for title, belongs, exists in GROUPS:
        group = [one for one in of if belongs(one.marked)]
        for name, there in exists.items():
            nan = [one for one in group if one.missing(name)]
            odd = [one.name for one in group if bool(one.missing(name)) == there]
            why = Counter(one.missing(name).partition(":")[0] for one in nan)
            what = "wrongly NaN" if there else "NaN, as it must be"
            notes = [f"{number} × {reason}" for reason, number in why.most_common()]
            notes += [f"{'NaN' if there else 'measured'}: {', '.join(odd)}"] if odd else []
            counts = share(len(nan), len(group))
            yield f"{title:<31} {name.upper():<4} {what:<18} {counts}  {'; '.join(notes)}".rstrip()
