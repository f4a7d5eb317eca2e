"""What claims say, and what came out of them, as tables of docs/claims_lab.md."""

from pathlib import Path

from ecglens_benchmark.claims import claims

from .findings_cells import Row, grouped, number, read


def sources() -> list[list[str]]:
    """Claim, source, and what of it was read, in the words of the rules."""
    rows = [["Name", "Claim", "Source", "Read of it"]]
    for name, each in claims().items():
        rows.append([f"`{name}`", each.said, each.said_by, each.read])
    return rows


def decisions(folder: Path) -> list[list[str]]:
    """A row for each part: answer of the claim, effect with its interval, limit, answer."""
    rows = [["Claim", "Answer", "Effect", "Claimed", "Found [95 %]", "Networks", "Part"]]
    for (name, answer), own in grouped(read(folder / "claims.csv"), "claim", "answer"):
        about = claims()[name]
        for place, row in enumerate(own):
            first = [about.label, f"**{answer}**"] if place == 0 else ["", ""]
            effect = about.parts[row["part"]].effect.replace("|", r"\|")  # no cell ends there
            claimed = f"{row['claimed']} {row['limit']:g}"
            answered = row["part_answer"] if row["decides"] else f"({row['part_answer']})"
            rows.append([*first, effect, claimed, _found(row), f"{row['networks']}", answered])
    return rows


def _found(row: Row) -> str:
    effect, low, high = (number(row[name], 2) for name in ("effect", "low", "high"))
    return f"{effect} [{low}, {high}]"
