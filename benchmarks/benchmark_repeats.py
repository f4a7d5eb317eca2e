"""Does the benchmark give the same numbers twice?

python -m benchmarks.benchmark_repeats FIRST SECOND

FIRST and SECOND are two runs from empty stores: folders of cards (FOLDER/METHOD/card.json) or files
as benchmark_rows writes them. A row for each method that both have goes to
results/benchmark/repeats.csv, in place of an older one: the starts of the SHA-256 of its scores of
every ECG and its verdicts, and of all its numbers, which have the checks of honesty too.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

TO = Path(__file__).parents[1] / "results" / "benchmark" / "repeats.csv"
SHOWN = 12  # hexadecimal digits: 48 bits


def results_in(path: Path) -> dict[str, Mapping[str, Any]]:
    """Results by name of the method, from a folder of cards or a file of rows."""
    if path.is_dir():
        files = sorted(path.glob("*/card.json"))
        found = [json.loads(each.read_text(encoding="utf-8")) for each in files]
    else:
        found = json.loads(path.read_text(encoding="utf-8"))["results"]
    return {each["method"]["name"]: each for each in found}


def scored(result: Mapping[str, Any]) -> str:
    """Hash of networks, the method's scores of every ECG, and verdicts."""
    own = result["method"]["name"]
    rows = {each["name"]: each["rows"].get(own) for each in result["scores"]}
    verdicts = [(each["part"], each["verdict"]) for each in result["outcomes"]]
    text = json.dumps([result["networks"], rows, verdicts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def compared(first: Mapping[str, Any], second: Mapping[str, Any]) -> pd.DataFrame:
    """A row per method of both: hashes, and whether they are the same."""
    rows = []
    for name in [name for name in first if name in second]:
        runs = (first[name], second[name])
        scores, numbers = [scored(each) for each in runs], [each["numbers"] for each in runs]
        rows.append(
            {
                "method": name,
                **{f"scores_{run}": each[:SHOWN] for run, each in enumerate(scores, 1)},
                **{f"numbers_{run}": each[:SHOWN] for run, each in enumerate(numbers, 1)},
                "same_scores": len({*scores}) == 1,
                "same_numbers": len({*numbers}) == 1,
            }
        )
    return pd.DataFrame(rows)


def main() -> None:
    """Compare, and write what is new."""
    table = compared(*(results_in(Path(each)) for each in sys.argv[1:3]))
    if TO.exists():
        older = pd.read_csv(TO)
        table = pd.concat([older[~older["method"].isin(table["method"])], table])
    table.to_csv(TO, index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
