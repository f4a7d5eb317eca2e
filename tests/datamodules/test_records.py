"""Opening a source by its name, and what is said when it cannot be."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ecglens.datamodules import open_records, open_source
from ecglens.ecg import Record

from .sources import Measured


def test_a_source_of_another_name_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(ValueError, match=r"\(ptbxl, .*, deepfake, .*, got 'ptb'") as refusal:
        open_records("ptb")
    assert "\n" not in str(refusal.value)


def test_a_setting_that_a_source_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(ValueError, match="in data n, seed, got 'path'"):
        open_records("deepfake", "/data")
    with pytest.raises(ValueError, match=r"noise_uv, rr_scatter, .*, got 'nose_uv'"):
        open_records("exact", nose_uv=1.0)


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("deepfake", {"n": "ten"}, "data.n to be an int, got 'ten'"),
        ("deepfake", {"n": 40.0}, "data.n to be an int, got 40.0"),
        ("deepfake", {"n": True}, "data.n to be an int, got True"),
        ("exact", {"noise_uv": "much"}, "data.noise_uv to be a float, got 'much'"),
        ("exact", {"noise_uv": -1.0}, "data.noise_uv of at least 0 µV, got -1"),
        ("exact", {"noise_uv": float("nan")}, "data.noise_uv of at least 0 µV, got nan"),
        ("exact", {"rr_scatter": 0.5}, "data.rr_scatter from 0 to below 0.5, got 0.5"),
    ],
)
def test_a_setting_of_another_type_or_size_is_refused_at_the_door(
    name: str, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        open_records(name, **settings)


def test_a_source_on_disk_asks_for_its_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"the setting path, got none; give it as data\.path"):
        open_records("ludb")
    with pytest.raises(ValueError, match="the folder of LUDB with its file RECORDS"):
        open_records("ludb", tmp_path)


def test_a_reader_of_another_package_is_opened_by_its_import_path() -> None:
    records = open_records("mine", _target_=f"{Measured.__module__}.Measured", n=1)
    assert (records.name, records.reader) == ("mine", Measured(1))
    assert len([*records]) == 1


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("Measured", "the import path of a class, got 'Measured'; give package.module.Class"),
        ("no_such_package.Reader", "got 'no_such_package.Reader': there is no module no_such"),
        ("pathlib.Path", "got 'pathlib.Path' without version, generated, __len__, read, origin"),
        ("ecglens.ecg.Record", "got 'ecglens.ecg.Record' without version"),
    ],
)
def test_what_is_no_reader_is_refused_in_one_line(path: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"^expected in data\._target_ ") as refusal:
        open_records("mine", _target_=path)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_source_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected in data\.name the name of the data set"):
        open_source({"n": 3})


@pytest.mark.parametrize("name", ["deepfake", "exact"])
def test_no_ecgs_are_not_a_source(name: str) -> None:
    with pytest.raises(ValueError, match="at least 1 ECG, got 0"):
        open_records(name, n=0)


def test_exact_ecgs_come_with_their_truth_and_depend_on_their_index_alone() -> None:
    few, many = list(open_records("exact", n=2)), list(open_records("exact", n=5))
    assert all(isinstance(record, Record) for record in many)
    assert np.array_equal(few[1].signal, many[1].signal)
    assert few[1].labels == many[1].labels
    assert few[0].labels != few[1].labels
    golden = {
        "pr": 132,
        "qrs": 80,
        "qt": 402,
        "r": 862,
        "j": -9,
        "t": 200,
        "rate": 69.75451175624968,
    }
    assert few[0].labels == golden  # another draw needs another version of the reader
    marks = few[0].marks
    assert marks is not None
    assert few[0].labels["qrs"] == 2 * (marks.qrs_off - marks.qrs_on)


def test_noise_is_on_the_strip_alone() -> None:
    clean = next(iter(open_records("exact", n=1)))
    noisy = next(iter(open_records("exact", n=1, noise_uv=20.0)))
    assert 15 < np.std(noisy.signal - clean.signal) < 40
    assert clean.beat is not None
    assert noisy.beat is not None
    assert np.array_equal(clean.beat, noisy.beat)
