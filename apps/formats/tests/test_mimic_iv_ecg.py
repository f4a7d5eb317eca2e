"""MIMIC-IV-ECG on fictitious records: machine intervals, sentinels, order of edges, tables."""

from pathlib import Path

import numpy as np
import pytest
from ecglens.datamodules import open_records
from ecglens.ecg import LEADS

from tests.datamodules.wfdb_records import edit, waves, write_record

# The files of MIMIC-IV-ECG have the augmented leads in this order.
ORDER = ("I", "II", "III", "aVR", "aVF", "aVL", *LEADS[6:])
COLUMNS = "subject_id,study_id,report_0,rr_interval,p_onset,p_end,qrs_onset,qrs_end,t_end"
PLACES = {
    "40000001": "files/p1000/p10000032/s40000001/40000001",
    "40000002": "files/p1000/p10000032/s40000002/40000002",
    "40000003": "files/p1001/p10010048/s40000003/40000003",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three records of two patients; the machine measured two of them."""
    for place in PLACES.values():
        write_record((tmp_path / place).parent, Path(place).name, leads=ORDER, gain=200.0)
    rows = [f"{Path(p).parts[2][1:]},{study},{p}\n" for study, p in PLACES.items()]
    (tmp_path / "record_list.csv").write_text("subject_id,study_id,path\n" + "".join(rows))
    (tmp_path / "machine_measurements.csv").write_text(
        f"{COLUMNS}\n"
        '10000032,40000001,"Sinus rhythm, normal",800,40,150,200,290,600\n'
        "10010048,40000003,Atrial fibrillation,65535,29999,29999,200,290,29999\n"
    )
    return tmp_path


def intervals_of(folder: Path, study: str = "40000001") -> list[float]:
    labels = {record.id: record.labels for record in open_records("mimic_iv_ecg", folder)}[study]
    return [labels[name] for name in ("pr", "qrs", "qt", "rate")]


def test_leads_are_in_standard_order_and_in_microvolts(folder: Path) -> None:
    first = next(iter(open_records("mimic_iv_ecg", folder)))
    written = dict(zip(ORDER, 1000 * waves().T, strict=True))
    for lead, signal in zip(LEADS, first.signal, strict=True):
        assert np.abs(signal - written[lead]).max() <= 2.5  # half a step of 5 µV


def test_ids_are_studies_and_patients_are_subjects(folder: Path) -> None:
    expected = [("40000001", "10000032"), ("40000002", "10000032"), ("40000003", "10010048")]
    assert [(r.id, r.patient) for r in open_records("mimic_iv_ecg", folder)] == expected
    (folder / "record_list.csv").unlink()
    assert [(r.id, r.patient) for r in open_records("mimic_iv_ecg", folder)] == expected


def test_intervals_are_the_distances_of_the_machine_s_edges(folder: Path) -> None:
    assert intervals_of(folder) == [160, 90, 400, 75]


def test_an_edge_that_was_not_found_is_no_number(folder: Path) -> None:
    pr, qrs, qt, rate = intervals_of(folder, "40000003")
    assert qrs == 90
    assert np.isnan([pr, qt, rate]).all()


def test_an_ecg_that_the_machine_did_not_measure_has_no_numbers_of_ours(folder: Path) -> None:
    assert np.isnan(intervals_of(folder, "40000002")).all()


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ("40,150,200,290,600", [160, 90, 400]),
        ("40,,200,290,600", [160, 90, 400]),  # PR needs no end of P
        ("40,210,200,290,600", [np.nan, 90, 400]),  # P ends within QRS
        ("210,,200,290,600", [np.nan, 90, 400]),
        ("40,150,200,200,600", [160, np.nan, np.nan]),
        ("40,150,200,620,600", [160, 420, np.nan]),
        ("-1,150,200,290,600", [np.nan, 90, 400]),
        ("40,150,,290,600", [np.nan, np.nan, np.nan]),
        ("40,150,none,290,600", [np.nan, np.nan, np.nan]),
    ],
)
def test_edges_in_the_wrong_order_give_no_interval(
    folder: Path, edges: str, expected: list[float]
) -> None:
    edit(folder / "machine_measurements.csv", "40,150,200,290,600", edges)
    np.testing.assert_array_equal(intervals_of(folder)[:3], expected)


@pytest.mark.parametrize(("rr", "rate"), [("0", np.nan), ("", np.nan), ("1000", 60.0)])
def test_the_rate_follows_from_the_rr_interval(folder: Path, rr: str, rate: float) -> None:
    edit(folder / "machine_measurements.csv", ",800,40", f",{rr},40")
    np.testing.assert_array_equal(intervals_of(folder)[3], rate)


def test_signals_are_read_without_the_measurements(folder: Path) -> None:
    (folder / "machine_measurements.csv").unlink()
    assert [record.labels for record in open_records("mimic_iv_ecg", folder)] == [{}, {}, {}]


def test_the_origin_follows_the_measurements_of_its_ecgs_and_no_others(folder: Path) -> None:
    def origins() -> list[dict[str, str]]:
        reader = open_records("mimic_iv_ecg", folder).reader
        return [dict(reader.origin(n, n + 1)) for n in range(3)]

    before = origins()
    edit(folder / "machine_measurements.csv", "200,290,600", "200,292,600")
    after = origins()
    assert before[0] != after[0]
    assert before[1:] == after[1:]


def test_a_place_outside_the_folder_is_refused_and_a_missing_record_named(folder: Path) -> None:
    write_record(folder.parent / "outside", "1")
    with (folder / "record_list.csv").open("a") as table:
        table.write("1,1,../outside/1\n2,2,files/gone\n")
    records = open_records("mimic_iv_ecg", folder)
    assert len(list(records)) == 3
    reasons = dict(records.excluded)
    assert "expected files below" in reasons["1"]
    assert "gone.hea" in reasons["gone"]
