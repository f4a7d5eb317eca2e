"""Figures 1 and 3 to 6 of Storås 2025: measurements, and heatmaps of chosen ECGs."""

from collections.abc import Iterator, Sequence

from matplotlib.figure import Figure

from ...eval import Finding
from ..figures.ecg import twelve_lead_figure
from ..keys import unique_key
from ..style import style
from ..text.words import INPUTS, heading, reading
from ..views.choice import Choice, map_of
from ..views.gallery import origin
from .figure_1 import measured_figure
from .heatmaps import averaged_by_target, by_target, chosen
from .part import Drawing, Part
from .printed import printed_auc
from .universes import RANDOM

INTERVALS, AMPLITUDES = ("pr", "qrs", "qt"), ("r", "j", "t")
# Figures 5 and 6: the target, and the methods of panels A and B.
PANELS = {"5": ("t", ("deeplift", "guided_gradcam")), "6": ("pr", ("smoothgrad", "guided_gradcam"))}
LETTERS = "ABCDEFGHIJKL"


def heatmap_parts(given: str, ranked: Sequence[Finding], choice: Choice) -> list[Part]:
    """Figures 1 and 3 to 6, where the maps of an ECG were kept."""
    if not all(each.curves[0].gallery.records for each in ranked):
        return []
    drawings = tuple(_drawings(given, ranked, choice))
    words = (
        "ECGs: the first of the kept ones, and of the others the one that the networks read "
        "worst, unless --records names others. Networks: the first seed. Blue raises and orange "
        "lowers the prediction (the article has red).",
    )
    return [Part(f"Figures 1 and 3 to 6, {INPUTS.get(given, given)}", (), drawings, words)]


def _drawings(given: str, ranked: Sequence[Finding], choice: Choice) -> Iterator[Drawing]:
    targets, records = by_target(ranked), chosen(ranked, choice)
    if given == "median":
        yield from _measured(ranked, records[:1])
        for number, names in (("3", INTERVALS), ("4", AMPLITUDES)):
            of_kind = [targets[name] for name in names if name in targets]
            yield from _averaged(number, of_kind, choice, records)
    for number, (target, pair) in PANELS.items():
        for record in records if target in targets else ():
            yield from _panels(f"{number}-{given}", targets[target], record, choice, pair)


def _measured(ranked: Sequence[Finding], records: Sequence[str]) -> Iterator[Drawing]:
    """Figure 1, of the first of these ECGs."""
    galleries = [each.curves[0].gallery for each in ranked]
    for record in records:
        gallery = next(each for each in galleries if record in each.records)
        caption = "Figure 1: the intervals and amplitudes, on the first ECG drawn below."
        yield Drawing("figure-1", caption, measured_figure(gallery, record), on_paper=True)


def _averaged(
    number: str, of_kind: Sequence[Finding], choice: Choice, records: Sequence[str]
) -> Iterator[Drawing]:
    """Figure 3 or 4: a figure per ECG."""
    nine = sorted(name for name in printed_auc()["pr"] if name != RANDOM)
    for record in records:
        figure = averaged_by_target(of_kind, record, choice, nine)
        if figure is not None:
            caption = (
                f"Figure {number}: V5 of ECG {record}, under each method's mean over the leads."
            )
            yield Drawing(f"figure-{number}-{_file(record)}", caption, figure, on_paper=True)


def _panels(
    name: str, finding: Finding, record: str, choice: Choice, pair: Sequence[str]
) -> Iterator[Drawing]:
    gallery = finding.curves[0].gallery
    for letter, method in zip(LETTERS, choice.methods or pair, strict=False):
        heatmap = map_of(finding.curves[0], method, record)
        if heatmap is None:
            continue
        place = gallery.records.index(record)
        title = f"{letter}  {style(method).label} · {heading(finding)[0]} · ECG {record}"
        title += f" ({reading(finding, record)})"
        start = origin(gallery.segments[place : place + 1])
        figure: Figure = twelve_lead_figure(gallery.x[place], heatmap, title, gallery.fs, start)
        caption = f"Figure {name[0]}{letter}: twelve leads under the map of {style(method).label}."
        if not (heatmap < 0).any():
            caption += " This map has no sign: it shows size alone."
        yield Drawing(f"figure-{name}-{_file(record)}-{letter}", caption, figure, on_paper=True)


def _file(record: str) -> str:
    """The name of an ECG as a part of a file's name."""
    return unique_key(record, ())
