"""Design of a study with and without the map: ECGs, periods, and the judgements as a table.

A reader judges each ECG twice, once with the map and once without, in two periods. The ECGs are cut
into two sets. In the first period a reader has the map on one set and not on the other; in the
second period the sets change roles. So arm, period, reader and ECG are orthogonal, and every reader
has both arms in both periods.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from ecglens.report.text import number, percent
from jaxtyping import Bool
from scipy.special import expit

from .choose import choose, errors, usable
from .items import check, prediction_text, target_title
from .settings import JUDGE, Item, Settings, StudyInput, Turn, stream

RIGHT, WRONG = "right", "wrong"
WITH, WITHOUT = "with", "without"
CONFIDENCES = range(50, 101)  # per cent: 50 is a guess, 100 is certain
# The page offers these; four steps between guess and certain are what people tell apart [ours].
OFFERED = (50, 60, 70, 80, 90, 100)
GROUPS = 4  # right and wrong readings in each of two sets
IN_BLOCK = 2  # ECGs of each arm in a block, so that no arm comes late in a period
COLUMNS = (
    "study", "target", "ecg", "reading", "expert", "map", "period", "order", "answer",
    "confidence", "seconds", "at", "second", "comment",
)  # fmt: skip


def wrong(study_input: StudyInput, limit: float) -> Bool[np.ndarray, " ecg"]:
    """Mask of readings beyond the limit; of a class, those on the other side of one half."""
    if study_input.target.kind == "binary":
        return (expit(study_input.prediction) >= 0.5) != (study_input.y >= 0.5)
    return np.abs(errors(study_input)) > limit


def readings(
    study_inputs: Sequence[StudyInput], settings: Settings, ecgs: int, sampling: str
) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """Items of a study of task judge, practice first, and notes for the organiser.

    Half of the `ecgs` have a wrong reading: each half is chosen by `sampling` from all of its kind.
    Practice is on other ECGs. Raises ValueError for more than one target or method, a number of
    ECGs that is no multiple of four, and too few wrong or right readings.
    """
    check(study_inputs, settings)
    study_input, method = _single(study_inputs, settings, ecgs)
    beyond = wrong(study_input, settings.limit)
    known = usable(study_input, "representative")  # with a label and a prediction
    _check_enough(study_input, known, beyond, settings.limit, ecgs // 2)
    chosen: list[int] = []
    for kind in (beyond, ~beyond):
        places = np.flatnonzero(known & kind)
        found = choose(_only(study_input, places), ecgs // 2, sampling, settings.seed)
        chosen += places[list(found)].tolist()
    chosen.sort(key=study_input.ecgs.__getitem__)
    rest = sorted({*np.flatnonzero(known).tolist()} - {*chosen}, key=study_input.ecgs.__getitem__)
    practice = stream("practice", settings.seed).permutation(rest)[: settings.practice].tolist()
    made = [
        Item(
            number=place,
            target=study_input.target.name,
            view=settings.views[0],
            ecg=study_input.ecgs[ecg],
            methods=(method,),
            title=target_title(study_input.target),
            prediction=reading_text(study_input, ecg),
            phase="practice" if place < len(practice) else "vote",
            reading=WRONG if beyond[ecg] else RIGHT,
        )
        for place, ecg in enumerate([*practice, *chosen])
    ]
    return tuple(made), tuple(_notes(study_input, known, beyond, settings, len(practice)))


def _single(
    study_inputs: Sequence[StudyInput], settings: Settings, ecgs: int
) -> tuple[StudyInput, str]:
    """Study input and method of a study; ValueError unless there is one of each."""
    if len(study_inputs) > 1:
        names = ", ".join(each.target.name for each in study_inputs)
        raise ValueError(f"expected one target with task {JUDGE}, got {names}; make a study each")
    (study_input,) = study_inputs
    if len(study_input.heatmaps) > 1:
        names = ", ".join(study_input.heatmaps)
        raise ValueError(
            f"expected one method with task {JUDGE}, the one whose map readers would get; got "
            f"{names}; name it with --methods"
        )
    if study_input.target.kind == "binary" and settings.limit:
        raise ValueError(
            f"expected no --limit with {study_input.target.name!r}, a class: its reading is wrong "
            f"on the other side of one half; got {settings.limit:g}"
        )
    if study_input.target.kind != "binary" and not settings.limit:
        raise ValueError(
            f"expected --limit above 0 {study_input.target.unit}: up to this error a reading of "
            f"{study_input.target.name!r} is right"
        )
    if ecgs < GROUPS or ecgs % GROUPS:
        raise ValueError(f"expected --ecgs as a multiple of {GROUPS} with task {JUDGE}, got {ecgs}")
    return study_input, next(iter(study_input.heatmaps))


def _check_enough(
    study_input: StudyInput,
    known: Bool[np.ndarray, " ecg"],
    beyond: Bool[np.ndarray, " ecg"],
    limit: float,
    needed: int,
) -> None:
    """Raise ValueError unless `needed` readings are wrong and as many are right."""
    for kind, mask in ((WRONG, beyond), (RIGHT, ~beyond)):
        there = int((known & mask).sum())
        if there >= needed:
            continue
        advice = "fewer --ecgs"
        sizes = np.sort(np.abs(errors(study_input))[known])
        if study_input.target.kind != "binary" and len(sizes) >= needed:
            bound = sizes[-needed] if kind == WRONG else sizes[needed - 1]
            word = "below" if kind == WRONG else "of at least"
            # In all digits: a rounded limit can be refused again.
            advice += f", or a --limit {word} {bound} {study_input.target.unit}"
        within = f" (limit {number(limit)} {study_input.target.unit})" if limit else ""
        raise ValueError(
            f"expected at least {needed} {kind} readings{within}, half of --ecgs, got {there} of "
            f"{int(known.sum())}; give {advice}"
        )


def _only(study_input: StudyInput, places: np.ndarray) -> StudyInput:
    """Study input of the ECGs at these places."""
    kept = {name: getattr(study_input, name)[places] for name in ("x", "segments", "y")}
    maps = {
        name: {each: one[places] for each, one in getattr(study_input, name).items()}
        for name in ("heatmaps", "controls")
    }
    return replace(
        study_input,
        ecgs=tuple(study_input.ecgs[place] for place in places),
        prediction=study_input.prediction[places],
        **kept,
        **maps,
    )


def reading_text(study_input: StudyInput, place: int) -> str:
    """Network's reading, such as "172 ms"; of a class "yes (probability 80 %)"."""
    target, output = study_input.target, float(study_input.prediction[place])
    said = prediction_text(target, output)
    return f"{'yes' if output >= 0 else 'no'} ({said})" if target.kind == "binary" else said


def _notes(
    study_input: StudyInput,
    known: Bool[np.ndarray, " ecg"],
    beyond: Bool[np.ndarray, " ecg"],
    settings: Settings,
    practice: int,
) -> Iterator[str]:
    yield (
        f"{study_input.target.name}: half of the ECGs have a wrong reading; of all {known.sum()} "
        f"scored ECGs {percent(beyond[known].mean())} have one"
    )
    if practice < settings.practice:
        yield f"practice items: {practice} instead of {settings.practice}, no other ECGs are left"


def sets(items: Sequence[Item], seed: int) -> tuple[list[Item], list[Item]]:
    """Two sets of the ECGs, each with half of the right and half of the wrong readings."""
    draw = stream("sets", seed)
    found: tuple[list[Item], list[Item]] = ([], [])
    for kind in (RIGHT, WRONG):
        own = [item for item in items if item.phase == "vote" and item.reading == kind]
        for place, index in enumerate(draw.permutation(len(own))):
            found[place % 2].append(own[index])
    return found


def periods(items: Sequence[Item], settings: Settings, expert: int) -> tuple[Turn, ...]:
    """Turns of one reader, who has the map on one set in period 1 and on the other in period 2.

    Of every two readers in order of invitation one begins with the first set, drawn by the seed.
    Within a period, blocks of two ECGs with the map and two without are in random order.
    """
    halves = sets(items, settings.seed)
    first = int(stream("order", settings.seed, (expert - 1) // 2).integers(2)) ^ (expert % 2)
    draw = stream("turns", settings.seed, expert)
    # The first practice item has the map, so that every reader meets one.
    met = [
        (item, 1, place % 2 == 0)
        for place, item in enumerate(item for item in items if item.phase == "practice")
    ]
    for period in (1, 2):
        arms = [
            [(one[place], period, shown) for place in draw.permutation(len(one))]
            for one, shown in ((halves[first], period == 1), (halves[1 - first], period == 2))
        ]
        for start in range(0, max(map(len, arms)), IN_BLOCK):
            block = [each for arm in arms for each in arm[start : start + IN_BLOCK]]
            met += [block[place] for place in draw.permutation(len(block))]
    return tuple(
        Turn(order, item.number, period, item.methods if shown else ())
        for order, (item, period, shown) in enumerate(met, 1)
    )
