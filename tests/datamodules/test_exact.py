"""The reader of exact ECGs: kinds as labels, and shortcuts that follow a label."""

from itertools import pairwise
from math import isnan, nan
from typing import Any

import numpy as np
import pytest
from ecglens.datamodules import Records, open_records, prepare
from ecglens.ecg import KINDS, Record
from ecglens.store import Store

MIXED = {"sinus": 0.4, "af": 0.2, "avb3": 0.2, "ami_st": 0.1, "ami_q": 0.1}


def column(records: list[Record], name: str) -> np.ndarray:
    return np.array([record.labels[name] for record in records])


def test_each_diagnosis_is_a_column_and_two_kinds_may_share_one() -> None:
    records = list(open_records("exact", n=200, kinds=MIXED))
    names = {"dx_normal", "dx_af", "dx_avb3", "dx_ami"}
    for record in records:
        assert {name for name in record.labels if name.startswith("dx_")} == names
        assert sum(record.labels[name] for name in names) == 1.0
        no_p = record.labels["dx_af"] + record.labels["dx_avb3"] == 1.0
        assert isnan(record.labels["pr"]) == no_p
    shares = [column(records, name).mean() for name in sorted(names)]
    np.testing.assert_allclose(shares, [0.2, 0.2, 0.2, 0.4], atol=0.12)


def test_a_kind_without_a_share_is_as_one_that_is_not_named() -> None:
    plain = open_records("exact", n=3)
    shares = dict.fromkeys(KINDS, 0.0) | {"sinus": 1.0}
    named = open_records("exact", n=3, kinds=shares)
    assert named.reader.origin(0, 3) == plain.reader.origin(0, 3)
    assert [record.labels for record in named] == [record.labels for record in plain]


def test_what_is_switched_on_leaves_the_heart_as_it_was() -> None:
    plain = list(open_records("exact", n=5))
    settings: dict[str, Any] = {"noise_uv": 10.0, "wander_uv": 50.0, "mains_uv": 30.0}
    settings |= {"shortcut": "mains", "shortcut_strength": 0.5}
    for before, after in zip(plain, open_records("exact", n=5, **settings), strict=True):
        extra = {"shortcut", "shortcut_follows"}
        assert {k: v for k, v in after.labels.items() if k not in extra} == before.labels
        assert before.marks == after.marks
        assert not np.array_equal(before.signal, after.signal)


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["mains", "edge", "spike", "lead", "offset", "calibration"])
def test_a_shortcut_is_there_where_its_label_is_above_the_median(name: str) -> None:
    records = list(open_records("exact", n=200, shortcut=name, shortcut_label="qrs"))
    present, qrs = column(records, "shortcut"), column(records, "qrs")
    # QRS is drawn from 80 to 130 ms; its median is known to a tenth of an SD.
    assert qrs[present == 1].min() >= 103
    assert qrs[present == 0].max() <= 107
    assert 0.4 < present.mean() < 0.6
    assert column(records, "shortcut_follows").all()
    clean = list(open_records("exact", n=200))
    for bare, record in zip(clean, records, strict=True):
        same = np.array_equal(bare.signal, record.signal)
        assert same == (record.labels["shortcut"] == 0.0)
        assert bare.beat is not None
        assert record.beat is not None
        assert np.array_equal(bare.beat, record.beat) == same


def test_a_shortcut_can_follow_a_rare_diagnosis() -> None:
    settings = {"kinds": {"sinus": 0.8, "af": 0.2}, "shortcut_label": "dx_af"}
    records = list(open_records("exact", n=100, shortcut="lead", **settings))
    np.testing.assert_array_equal(column(records, "shortcut"), column(records, "dx_af"))


def test_pr_is_tied_to_qt_in_the_asked_share() -> None:
    records = list(open_records("exact", n=400, shortcut="tied", shortcut_strength=0.5))
    tied = column(records, "shortcut") == 1
    pr, qt = column(records, "pr"), column(records, "qt")
    assert np.corrcoef(pr[tied], qt[tied])[0, 1] > 0.99
    assert abs(np.corrcoef(pr[~tied], qt[~tied])[0, 1]) < 4 / np.sqrt((~tied).sum())
    assert abs(tied.mean() - 0.5) < 4 * 0.5 / np.sqrt(400)
    np.testing.assert_array_equal(column(list(open_records("exact", n=400)), "qt"), qt)


def test_without_a_pr_nothing_is_tied() -> None:
    records = list(open_records("exact", n=20, kinds={"af": 1.0}, shortcut="tied"))
    assert not column(records, "shortcut").any()


def test_prepared_data_holds_diagnoses_and_shortcuts_as_columns(tmp_path) -> None:
    source = open_records("exact", n=20, kinds=MIXED, shortcut="spike", shortcut_label="dx_af")
    table = prepare(source, Store(tmp_path), workers=1).table
    assert {"dx_af", "dx_ami", "dx_normal", "shortcut", "shortcut_follows"} <= set(table)
    no_p = (table["dx_af"] + table["dx_avb3"]) == 1
    assert table.loc[no_p, ["pr", "p_on", "p_off"]].isna().all(axis=None)
    assert table.loc[~no_p, ["pr", "p_on", "p_off"]].notna().all(axis=None)


SETTINGS: list[dict[str, Any]] = [
    {"kinds": {"af": 1.0}},
    {"morphology": "varied"},
    {"rr_scatter": 0.1},
    {"noise_uv": 1.0},
    {"wander_uv": 1.0},
    {"mains_uv": 1.0},
    {"mains_hz": 60.0},
    {"dropped": 0.1},
    {"shortcut": "lead"},
    {"shortcut_label": "pr"},
    {"shortcut_strength": 0.5},
    {"seed": 1},
    {},
]


def test_every_setting_but_the_number_of_ecgs_is_part_of_their_origin() -> None:
    origins = [dict(open_records("exact", **one).reader.origin(0, 2)) for one in SETTINGS]
    for one, other in pairwise(sorted(map(str, origins))):
        assert one != other
    assert open_records("exact", n=7).reader.origin(0, 2) == origins[-1]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"kinds": {"flutter": 1.0}}, f"data.kinds to be shares of {', '.join(KINDS)}, got"),
        ({"kinds": {}}, "data.kinds to be shares of"),
        ({"kinds": {"sinus": 1.5, "af": -0.5}}, "data.kinds to be shares of"),
        ({"kinds": {"sinus": 0.5}}, "data.kinds to add up to 1, got 0.5"),
        ({"kinds": {"sinus": nan}}, "data.kinds to add up to 1, got nan"),
        ({"morphology": "odd"}, "a morphology of plain, varied, got 'odd'"),
        ({"shortcut": "halo"}, "data.shortcut of none, mains"),
        ({"shortcut_label": "dx_af"}, "data.shortcut_label of pr, qrs, .*, got 'dx_af'"),
        ({"dropped": 2.0}, "data.dropped as a share from 0 to 1"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_at_the_door(
    settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        open_records("exact", **settings)


def test_records_are_the_same_whichever_others_are_read() -> None:
    settings: dict[str, Any] = {"kinds": MIXED, "morphology": "varied", "dropped": 0.3}
    source: Records = open_records("exact", n=12, shortcut="edge", **settings)
    whole = list(source)
    alone = next(iter(source.reader.read(7, 8)))
    assert isinstance(alone, Record)
    np.testing.assert_array_equal(alone.signal, whole[7].signal)
    assert str(alone.labels) == str(whole[7].labels)
