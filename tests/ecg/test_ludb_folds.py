import numpy as np
import pytest
from ecglens.ecg import FS_HZ, Beat, delineation, measure

from benchmarks.ludb_existence import GROUPS, refusals
from benchmarks.ludb_folds import FOLDS, refitted
from benchmarks.ludb_marks import EDGES, Marked, intervals_ms
from benchmarks.ludb_reading import INTERVALS, edge_differences, manual_intervals, readings
from benchmarks.share import share

from .conftest import LUDB

OFFSETS = {edge.upper(): getattr(delineation, edge.upper()) for edge in EDGES}


@pytest.fixture(scope="module")
def clean(ludb: dict[str, Marked], beats: dict[str, Beat]) -> list[tuple[Marked, Beat]]:
    return [(marked, beats[name]) for name, marked in ludb.items() if marked.clean]


def errors_ms(clean: list[tuple[Marked, Beat]]) -> np.ndarray:
    """Measured − manual of each record as the delineation stands now."""
    rows = [[getattr(measure(beat), name) for name in INTERVALS] for _, beat in clean]
    return np.array(rows) - np.array([manual_intervals(marked)[0] for marked, _ in clean])


def test_refitted_errors_are_those_of_a_delineation_with_the_other_folds_offsets(
    clean, monkeypatch
):
    edges = np.array([edge_differences(marked, beat, measure(beat)) for marked, beat in clean])
    found, fold = refitted(errors_ms(clean), edges)
    for number in range(FOLDS):
        others = np.array([row for row, place in zip(edges, fold, strict=True) if place != number])
        with monkeypatch.context() as patched:
            for name, moved in zip(OFFSETS, np.nanmedian(others, axis=0), strict=True):
                patched.setattr(delineation, name, OFFSETS[name] - moved)
            judged = [one for one, place in zip(clean, fold, strict=True) if place == number]
            again = errors_ms(judged)
        np.testing.assert_allclose(found[fold == number], again, atol=1e-9)


def test_edges_that_are_all_wrong_by_the_same_leave_no_error():
    wrong = np.tile([3.0, -2.0, 5.0, 1.0, 0.0, -7.0], (10, 1))
    found, fold = refitted(intervals_ms(wrong, FS_HZ), wrong)
    np.testing.assert_array_equal(found, 0.0)
    np.testing.assert_array_equal(np.bincount(fold), [2] * FOLDS)


def test_a_record_has_no_part_in_the_offsets_it_is_judged_with():
    edges = np.zeros((FOLDS, 6))
    edges[0] = 100.0  # alone in its fold
    found, _ = refitted(np.zeros((FOLDS, 3)), edges)
    np.testing.assert_array_equal(found[0], 0.0)


def test_fewer_records_than_folds_are_refused_in_one_line():
    with pytest.raises(ValueError, match="expected at least 5 clean sinus records, got 4"):
        refitted(np.zeros((4, 3)), np.zeros((4, 6)))


def test_a_share_has_the_closed_form_of_its_exact_interval():
    upper = 100 * (1 - 0.025 ** (1 / 20))
    assert share(0, 20).split() == ["0", "of", "20", "0.0", "%", "(0.0", "…", f"{upper:.1f})"]
    assert share(20, 20).split()[-3:] == [f"({100 - upper:.1f}", "…", "100.0)"]
    assert share(0, 0).strip() == "0 of    0"


def test_each_group_holds_the_records_that_its_header_words_name(ludb):
    members = {
        title: {name for name, marked in ludb.items() if belongs(marked)}
        for title, belongs, _ in GROUPS
    }
    assert {"38", "109"} <= members["atrial fibrillation or flutter"]
    for name, marked in ludb.items():
        text = (LUDB / "data" / f"{name}.hea").read_text().lower()
        assert (name in members["ventricular pacing"]) == ("ventricular pacing" in text)
        assert (name in members["AV block III"]) == ("iii degree" in text)
        assert not (marked.clean and name in members["sinus, not clean"])
        counted = sum(name in members[title] for title in ("clean sinus", "sinus, not clean"))
        unled = ("atrial fibrillation or flutter", "AV block III", "ventricular pacing")
        assert counted == (0 if any(name in members[title] for title in unled) else 1)


def test_refusals_count_what_is_missing_and_say_why():
    lines = list(refusals(list(readings([LUDB / "data" / name for name in ("1", "38")]))))
    assert any("clean sinus" in line and "PR" in line and " 0 of    1" in line for line in lines)
    lost = next(line for line in lines if line.startswith("atrial fibrillation"))
    assert "1 of    1" in lost
    assert "1 × atrial fibrillation" in lost
