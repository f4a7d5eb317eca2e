"""The tables of docs/benchmarks.md from docs/benchmarks.json: python -m benchmarks.page."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .row import Results, Row

DOCS = Path(__file__).parents[1] / "docs"
NAME = "benchmarks"
TITLES = {
    "curves": "What is perturbed",
    "passes": "Pass",
    "methods": "Method",
    "chain": "Step",
    "memory": "Task",
    "scaling": "Task",
}
RATIO = "Times ours"


def write(results: Results, path: Path) -> None:
    """Exchange every table of the page for that of these results."""
    exchange(path, tables(results))


def exchange(path: Path, tables: Mapping[str, str]) -> None:
    """Exchange the text between the markers of each name."""
    text = path.read_text(encoding="utf-8")
    for name, table in tables.items():
        begin, end = markers(name)
        text, count = re.subn(
            f"{re.escape(begin)}.*?{re.escape(end)}", f"{begin}\n{table}\n{end}", text, flags=re.S
        )
        if count != 1:
            raise ValueError(f"expected one {begin} … {end} in {path.name}, got {count}")
    path.write_text(text, encoding="utf-8")


def markers(name: str) -> tuple[str, str]:
    """The comments between which a table stands; readers of the page do not see them."""
    return f"<!-- {name} -->", f"<!-- end of {name} -->"


def tables(results: Results) -> dict[str, str]:
    """The facts and each part as a table in Markdown."""
    facts = "\n".join(lines(["", ""], [[key, value] for key, value in results.facts.items()]))
    return {"facts": facts} | {
        part: "\n".join(_part(results, part)) for part in TITLES if results.part(part)
    }


def _part(results: Results, part: str) -> Iterator[str]:
    rows = results.part(part)
    columns = {
        TITLES[part]: [row.task for row in rows],
        "Input": [row.input for row in rows],
        "Way": [row.way for row in rows],
        "CPU-ms, one thread": [number(row.cpu_ms) for row in rows],
        RATIO: [_ratio(results, row) for row in rows],
        "ms, all cores": [number(row.wall_ms) for row in rows],
        "ms, GPU": [number(row.gpu_ms) for row in rows],
        "MB": [number(row.memory_mb) for row in rows],
        "Note": [row.note for row in rows],
    }
    # A column that says nothing, or the same everywhere, is left out.
    told = {
        title: cells
        for title, cells in columns.items()
        if any(cells) and not (title == "Way" and len(set(cells)) == 1)
    }
    if "Way" not in told:
        told.pop(RATIO, None)
    yield from lines(list(told), list(zip(*told.values(), strict=True)))


def lines(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table in Markdown."""
    yield f"| {' | '.join(titles)} |"
    yield f"|{'---|' * len(titles)}"
    for row in rows:
        yield f"| {' | '.join(cell or '–' for cell in row)} |"


def number(value: float | None) -> str:
    """Three digits: two runs do not agree on more."""
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _ratio(results: Results, row: Row) -> str:
    ratio = results.times_ours(row)
    return "" if ratio is None else f"{ratio:.0f}" if ratio >= 100 else f"{ratio:.2g}"


if __name__ == "__main__":
    write(Results.load(DOCS / f"{NAME}.json"), DOCS / f"{NAME}.md")
