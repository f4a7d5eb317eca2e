"""The page of claims, a figure of each, and their tables."""

from collections.abc import Sequence
from pathlib import Path

from ecglens.report import GREY, INK, RULE, environment, write_file, write_table
from ecglens.report.figures import inline_svg, quiet, vector
from ecglens.report.text import counted
from ecglens.store import write_text
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .laboratory import Decision, Found, digest, table_of, values_of
from .rules import CONTROLS, FAILS, HOLDS, OPEN, claims

SIGNS = {HOLDS: "●", FAILS: "✕", OPEN: "◐"}
COLOURS = {HOLDS: "#00684c", FAILS: "#a03c00", OPEN: GREY}
PART = 0.75  # inches of a part


def write_page(decisions: Sequence[Decision], folder: Path) -> Path:
    """Write claims.html, tables, hashes and figures of these claims alone; the path of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    table, values = table_of(decisions), values_of(decisions)
    page = environment("ecglens_benchmark").get_template("claims.html")
    figures = {each.claim.name: claim_figure(each) for each in decisions}
    text = page.render(
        decisions=decisions,
        summary=summary(decisions),
        signs=SIGNS,
        figures={name: inline_svg(each, name) for name, each in figures.items()},
        wrong=[each.claim.label for each in decisions if each.wrong],
        digest=digest(table),
    )
    for name in {*claims()} - {*figures}:
        (folder / f"{name}.svg").unlink(missing_ok=True)
    for name, each in figures.items():
        write_file(folder / f"{name}.svg", vector(each, "svg"))
    write_table(table, folder / "claims.csv")
    write_table(values, folder / "values.csv")
    sums = [f"{digest(each)}  {name}.csv" for name, each in (("claims", table), ("values", values))]
    write_text(folder / "SHA256SUMS", "\n".join(sums) + "\n")
    return write_text(folder / "claims.html", text)


def summary(decisions: Sequence[Decision]) -> str:
    """How many claims hold, do not, and are not decidable here, without the controls."""
    own = [each.answer for each in decisions if each.claim.name not in CONTROLS]
    hold, fail, undecided = [own.count(answer) for answer in (HOLDS, FAILS, OPEN)]
    if not own:
        return "Controls alone: no claim was asked."
    total = counted(len(own), "claim")
    return f"Of {total}: {hold} held, {fail} did not, {undecided} not decidable here."


def claim_figure(decision: Decision) -> Figure:
    """Effects of the parts with their intervals and limits; a dot is a network."""
    height = 0.35 + PART * len(decision.parts)
    figure = Figure(figsize=(7.0, height), dpi=150, layout="constrained")
    every = figure.subplots(len(decision.parts), squeeze=False)[:, 0]
    for axes, found in zip(every, decision.parts.values(), strict=True):
        _draw(axes, found)
    return figure


def _draw(axes: Axes, found: Found) -> None:
    """One part: the claimed side of the limit is shaded."""
    part, colour = found.part, COLOURS[found.answer] if found.part.decides else GREY
    words = f"{SIGNS[found.answer]} {found.answer}" + ("" if part.decides else " (reported)")
    quiet(axes, "")
    axes.set_title(f"{words}: {part.effect}", loc="left", fontsize=8, color=colour)
    own = [*found.values.values()]
    ends = [0.0, part.limit, *own]
    room = 0.08 * ((max(ends) - min(ends)) or 1.0)
    left, right = min(ends) - room, max(ends) + room
    claimed = (part.limit, right) if part.claimed == "at least" else (left, part.limit)
    axes.axvspan(*claimed, color=RULE, alpha=0.35, linewidth=0)
    axes.axvline(part.limit, color=INK, linewidth=0.8, linestyle="--")
    axes.axvline(0.0, color=RULE, linewidth=0.8)
    axes.plot(own, [0.0] * len(own), "o", markersize=3, color=GREY, alpha=0.6)
    axes.plot([found.low, found.high], [1.0, 1.0], color=colour, linewidth=2.0)
    axes.plot(found.effect, 1.0, "D", markersize=5, color=colour)
    axes.set(xlim=(left, right), ylim=(-0.8, 1.8), yticks=[])
    axes.spines["left"].set_visible(False)
    axes.tick_params(labelsize=6.5)
