"""The flow of ECGs: counts that add up, reasons in groups, labels by their own definition."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Excluded, Group, Prepared, grouped, open_records, prepare
from ecglens.store import Store
from ecglens_prepare import Flow, flow_of, median_spectrum

from tests.datamodules.sources import faulty_records


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("flow")
    return prepare(faulty_records(8, folder / "log"), Store(folder / "store"), workers=1, block=3)


@pytest.fixture(scope="module")
def flow(prepared: Prepared) -> Flow:
    return flow_of("faulty", "median", prepared)


def test_every_ecg_is_usable_or_named_and_every_label_known_or_missing(flow: Flow) -> None:
    assert (flow.ecgs, flow.usable, len(flow.excluded), flow.patients) == (8, 6, 2, 6)
    assert set(flow.table["n"] + flow.table["missing"]) == {6}


def test_a_label_that_few_ecgs_bring_is_missing_in_all_others(flow: Flow) -> None:
    """ECG 3 brings st, ECG 5 brings it as NaN; both lie in the second block of three."""
    (st,) = [label for label in flow.labels if label.name == "st"]
    assert (list(st.values), st.given) == ([12.5], 1)
    assert {group.reason: set(group.names) for group in st.missing} == {
        "did not come with the record": {f"exact-0-{number}" for number in (0, 4, 6, 7)},
        "not in the labels that came with the record": {"exact-0-5"},
    }


def test_the_table_is_pandas_own_description(flow: Flow, prepared: Prepared) -> None:
    for row in flow.table.to_dict("records"):
        known = prepared.table[row["label"]].dropna()
        assert row["n"] == len(known)
        assert row["mean"] == pytest.approx(known.mean())
        assert row["sd"] == pytest.approx(known.std(), nan_ok=True)
        for share, name in ((0.0, "min"), (0.05, "5 %"), (0.5, "50 %"), (1.0, "max")):
            assert row[name] == pytest.approx(known.quantile(share))


def test_reasons_that_differ_in_names_and_numbers_are_one_kind() -> None:
    groups = grouped(
        [
            Excluded("a/7", "expected a readable 7.hea, got 3 of 12 leads"),
            Excluded("8", "flat"),
            Excluded("a/9", "expected a readable 9.hea, got 5 of 12 leads"),
            Excluded("9", "[Errno 2] No such file: '/data of mine/9.dat'"),
            Excluded("10", "flat"),
            Excluded("11", "flat"),
        ]
    )
    assert groups == (
        Group("flat", ("8", "10", "11")),
        Group("expected a readable ….hea, got … of 12 leads", ("a/7", "a/9")),
        Group("[Errno 2] No such file: '/data of mine/9.dat'", ("9",)),
    )


def test_a_reason_with_braces_and_dots_is_kept_as_it_is() -> None:
    (group,) = grouped([Excluded("x", "expected {a}, got … and {0} \\g<1>")])
    assert group.reason == "expected {a}, got … and {0} \\g<1>"


def test_the_ids_of_rows_are_those_of_the_table(prepared: Prepared) -> None:
    rows = np.array([5, 0, 3, 3])
    assert prepared.ids(rows) == list(prepared.table["id"].iloc[rows])


def test_rows_are_spread_from_the_first_to_the_last(prepared: Prepared) -> None:
    assert list(prepared.spread(3)) == [0, 2, 5]
    assert list(prepared.spread(100)) == list(range(6))


def test_a_sine_of_one_microvolt_has_the_amplitude_one(tmp_path: Path) -> None:
    prepared = prepare(open_records("exact", n=3), Store(tmp_path), workers=1)
    time = np.arange(600) / 500.0
    sine = np.broadcast_to(np.sin(2 * np.pi * 50.0 * time), (3, 12, 600)).astype(np.float32)
    np.save(prepared.blocks[0] / "x.npy", sine + 20.0)
    frequency, amplitude = median_spectrum(Prepared(prepared.blocks))
    assert amplitude.shape == (12, len(frequency))
    assert frequency[amplitude[0].argmax()] == pytest.approx(50.0)
    assert amplitude.max() == pytest.approx(1.0, abs=1e-4)
    assert (amplitude[:, np.abs(frequency - 50.0) > 2.0] < 1e-4).all()


def test_nothing_usable_has_a_flow_as_well(tmp_path: Path) -> None:
    source = faulty_records(3, tmp_path / "log")
    prepared = prepare(source, Store(tmp_path / "store"), workers=1, block=1)
    flow = flow_of("faulty", "median", Prepared(prepared.blocks[1:]))
    assert (flow.ecgs, flow.usable, flow.patients, flow.labels) == (2, 0, 0, ())
    assert isinstance(flow.table, pd.DataFrame)


def test_a_merged_reason_ends_before_details_after_a_colon() -> None:
    long = "P wave without clear edges: {} ms long, too long for one"
    two = grouped([Excluded("a", long.format(204)), Excluded("b", long.format(231))])
    assert two == (Group("P wave without clear edges", ("a", "b")),)
    (one,) = grouped([Excluded("a", long.format(204))])
    assert one.reason == long.format(204)
