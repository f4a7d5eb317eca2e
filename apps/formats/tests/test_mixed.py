"""Several data sets at once: each is split on its own, tested is the recorded one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ecglens.datamodules import EcgData, Split, Target, load_ecgs, may_leave, open_records, overlap
from ecglens.datamodules.readers.exact import Exact
from ecglens.ecg import LEADS, draw_exact, exact_record, measure, median_beat
from ecglens_formats.mixed import Mixed

DATA = Path(__file__).parents[3] / "tests" / "data"
LUDB: dict[str, Any] = {"path": str(DATA / "ludb")}
PTBXL: dict[str, Any] = {"path": str(DATA / "ptbxl")}
EXACT: dict[str, Any] = {"n": 20, "noise_uv": 10.0}
QRS = Target("qrs", "ms", "qrs", edges=("QRS_on", "QRS_off"), waves=("QRS",))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def ecgs(store: Path) -> EcgData:
    parts = {"ludb": LUDB, "exact": EXACT, "again": {"name": "exact", **EXACT, "seed": 1}}
    return load_ecgs("mixed", QRS, store=store, parts=parts)


def of_part(ecgs: EcgData, part: str) -> set[str]:
    return set(ecgs.prepared.table["id"].iloc[ecgs.cohort.parts[part]])


@pytest.mark.heavy
def test_each_recorded_ecg_is_in_the_part_that_it_has_alone(ecgs: EcgData, store: Path) -> None:
    alone = load_ecgs("ludb", QRS, store=store, **LUDB)
    for part in ("train", "val", "test"):
        recorded = {name for name in of_part(ecgs, part) if name.startswith("ludb/")}
        assert recorded == {f"ludb/{name}" for name in of_part(alone, part)}


def test_generated_ecgs_are_for_training_alone(ecgs: EcgData) -> None:
    counts = ecgs.facts["learned_from"]
    assert counts == {
        "ludb": sum(name.startswith("ludb/") for name in of_part(ecgs, "train")),
        "exact": 20,
        "again": 20,
    }
    assert all(name.startswith("ludb/") for name in of_part(ecgs, "val") | of_part(ecgs, "test"))
    assert not ecgs.facts["generated"]
    assert Mixed(parts={"exact": EXACT}).generated


def test_a_part_has_no_first_because_only_the_mixture_takes_fewer() -> None:
    with pytest.raises(ValueError, match=r"no split\.first in a part, got one in exact"):
        Mixed(parts={"exact": {**EXACT, "split": {"first": 10}}})


def test_makers_of_labels_are_told_by_data_set(ecgs: EcgData) -> None:
    assert ecgs.counts["labels_by"] == {"qrs": {"hand": 32, "exact": 40}}
    table = ecgs.prepared.table
    assert set(table["data_set"]) == {0, 1, 2}
    assert table["id"].is_unique
    assert table["patient"].nunique() == 72


@pytest.mark.heavy
def test_a_generated_part_may_be_tested_on_too(store: Path) -> None:
    parts = {"ludb": LUDB, "exact": {**EXACT, "train_only": False}}
    mixed = load_ecgs("mixed", QRS, store=store, parts=parts)
    alone = load_ecgs("exact", QRS, store=store, **EXACT)
    tested = {name for name in of_part(mixed, "test") if name.startswith("exact/")}
    assert tested == {f"exact/{name}" for name in of_part(alone, "test")}
    assert tested


@pytest.mark.heavy
def test_labels_are_measured_where_that_is_wanted(store: Path) -> None:
    parts = {"ludb": LUDB, "exact": {**EXACT, "measured": True}}
    mixed = load_ecgs("mixed", QRS, store=store, parts=parts)
    assert mixed.counts["labels_by"] == {"qrs": {"hand": 32, "ecglens": 20}}
    table = mixed.prepared.table.set_index("id")
    for record in open_records("exact", **EXACT):
        found = measure(median_beat(record))
        assert table.loc[f"exact/{record.id}", "qrs"] == found.qrs
        assert table.loc[f"exact/{record.id}", "p_on"] == found.segments.p_on


def test_folds_of_a_part_are_its_own(store: Path) -> None:
    folds = {"by": "folds", "folds": {"column": "fold", "val": [], "test": [3]}}
    fold = next(iter(open_records("ptbxl", PTBXL["path"]))).labels["fold"]
    folds["folds"]["test"] = [int(fold)]
    parts = {"ptbxl": {**PTBXL, "split": folds}, "exact": EXACT}
    reader = Mixed(parts=parts)
    for item in reader.read(0, len(reader)):
        own, _, _ = item.id.partition("/")  # pyright: ignore[reportAttributeAccessIssue]
        wanted = 2.0 if own == "ptbxl" and item.labels["fold"] == fold else 0.0  # pyright: ignore[reportAttributeAccessIssue]
        assert item.labels["part"] == wanted  # pyright: ignore[reportAttributeAccessIssue]


def test_diagnoses_come_from_the_codes_of_each_data_set(store: Path) -> None:
    kinds = {"sinus": 0.5, "lbbb": 0.5}
    parts = {"ptbxl": PTBXL, "exact": {**EXACT, "kinds": kinds, "train_only": False}}
    target = Target("dx", "", kind="binary", classes=("lbbb", "lvh"), explain="lbbb")
    mixed = load_ecgs("mixed", target, store=store, parts=parts)
    y = mixed.labels.of(mixed.prepared)
    table = mixed.prepared.table
    exact = (table["data_set"] == 1).to_numpy()
    np.testing.assert_array_equal(y[exact, 0], table["dx_lbbb"][exact])
    assert np.isnan(y[exact, 1]).all()  # no exact ECG of these is coded for hypertrophy
    assert not np.isnan(y[~exact]).any()
    assert mixed.labels.by(mixed.prepared, mixed.records.reader)["lbbb"] == {
        "report": int((~exact).sum()), "exact": int(exact.sum())
    }  # fmt: skip


def test_a_column_of_one_part_takes_no_diagnosis_from_the_others(
    store: Path, tmp_path: Path
) -> None:
    record = exact_record(draw_exact(0, 0), noise_uv=5.0)
    (tmp_path / "ecgs").mkdir()
    for name in ("a", "b"):
        np.savetxt(tmp_path / "ecgs" / f"{name}.csv", record.signal.T, delimiter=",",
                   header=",".join(LEADS), comments="")  # fmt: skip
    (tmp_path / "labels.csv").write_text("id,af\na,1\nb,0\n")
    columns = {
        "path": str(tmp_path / "ecgs"), "fs_hz": 500, "unit": "uV",
        "table": str(tmp_path / "labels.csv"), "id_column": "id", "columns": {"af": "af"},
    }  # fmt: skip
    parts = {"columns": columns, "exact": {**EXACT, "kinds": {"sinus": 0.5, "af": 0.5}}}
    target = Target("dx", "", kind="binary", classes=("af",), explain="af")
    mixed = load_ecgs("mixed", target, store=store, parts=parts)
    assert not np.isnan(mixed.labels.of(mixed.prepared)).any()


def test_the_key_knows_every_part(store: Path) -> None:
    def key(**parts: Any) -> Any:
        return load_ecgs("mixed", QRS, store=store, parts=parts).settings

    first = key(ludb=LUDB, exact=EXACT)
    assert first == key(ludb=LUDB, exact=EXACT)
    others = (
        key(ludb=LUDB, exact={**EXACT, "n": 21}),
        key(ludb=LUDB, exact={**EXACT, "measured": True}),
        key(ludb={**LUDB, "split": {"seed": 3}}, exact=EXACT),
        key(exact=EXACT, ludb=LUDB),
    )
    assert all(first != other for other in others)


@dataclass(frozen=True)
class Own(Exact):
    """A reader without a yaml file."""


def test_a_reader_of_ones_own_is_split_by_default() -> None:
    own = {"_target_": f"{__name__}.Own", **EXACT}
    for split in ({}, {"split": None}, {"split": {}}):
        mixed = Mixed(parts={"own": {**own, **split}, "exact": {**EXACT, "seed": 4}})
        assert mixed.origin(0, 1)["own"]["split"] == repr(Split())


def test_a_part_that_may_not_leave_keeps_the_whole() -> None:
    parts = {"exact": EXACT, "ludb": {**LUDB, "may_leave_machine": False}}
    assert not may_leave({"parts": parts, "may_leave_machine": True})
    assert may_leave({"parts": {"exact": EXACT}, "may_leave_machine": True})
    with pytest.raises(ValueError, match="to be true or false, got 'no'"):
        may_leave({"parts": {"exact": {"may_leave_machine": "no"}}, "may_leave_machine": True})


def test_an_ecg_of_a_part_is_not_another_data_set() -> None:
    mixed = Mixed(parts={"ludb": LUDB, "exact": EXACT})
    assert overlap(mixed, open_records("ludb", LUDB["path"]).reader)
    assert overlap(open_records("exact", n=5).reader, mixed)
    assert not overlap(mixed, open_records("exact", n=5, seed=9).reader)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, "settings of each data set by its name"),
        ({"exact": 3}, "settings of each data set by its name"),
        (
            {"ludb": {**LUDB, "train_only": True}, "exact": EXACT},
            "expected in data.parts ECGs to test on",
        ),
        ({"ludb": {"path": "/nowhere"}}, "does not exist"),
        ({"ludb": {**LUDB, "gain": 3}}, "gain"),
        ({"ludb": {**LUDB, "train_only": "no"}}, r"parts\.ludb\.train_only to be true or false"),
        (
            {"exact": EXACT, "more": {"name": "exact", **EXACT, "train_only": True}},
            "different ECGs, got some of exact in more again",
        ),
    ],
)
def test_a_mixture_that_cannot_be_used_is_refused(parts: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Mixed(parts=parts)
