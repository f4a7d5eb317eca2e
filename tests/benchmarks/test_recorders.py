"""Classes of recorders and sites from the table of PTB-XL."""

from pathlib import Path

import pandas as pd

from benchmarks.recorders import CLASSES, classes_of, most_read, words


def test_revisions_of_a_recorder_are_one_class_and_other_recorders_and_sites_are_none() -> None:
    database = pd.DataFrame(
        {
            "ecg_id": [9, 10, 11, 12, 13],
            "device": ["CS-12   E", "CS100    3", "AT-6 C 5.5", "AT-60    3", None],
            "site": [0.0, 1.0, 2.0, 27.0, None],
        }
    )
    rows = classes_of(database).to_dict("records")
    said = {row["ecg_id"]: [name for name in CLASSES if row[name]] for row in rows}
    own = {9: ["cs12", "site0"], 10: ["cs100", "site1"], 11: ["at6", "site2"]}
    assert said == own | {12: [], 13: []}


def test_the_class_that_is_read_most_is_that_of_the_highest_least_auroc() -> None:
    kept = Path(__file__).parents[2] / "results" / "patients" / "recorders" / "classes-cs100.csv"
    assert most_read(pd.read_csv(kept)) == "site2"
    rows = {"class": ["a", "a", "b", "b"], "auroc": [0.9, 0.5, 0.7, 0.6]}
    assert most_read(pd.DataFrame(rows)) == "b"


def test_the_run_has_the_settings_of_the_networks_that_read_age(tmp_path: Path) -> None:
    found = words(tmp_path, tmp_path / "run", tmp_path / "store", "cs12")
    assert {"data=ptbxl", f"data.path={tmp_path}", "target.explain=cs12"} <= {*found}
    assert [word for word in found if word.startswith("target=")] == ["target=diagnosis"]
