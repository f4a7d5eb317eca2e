"""The table of our readers beside the libraries of the formats."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ecglens.ecg import LEADS, Record

from benchmarks.compare_samples import HEAD, difference, main

DATA = Path(__file__).parents[1] / "data"
RECORDERS = Path(__file__).parents[2] / "apps" / "formats" / "tests" / "data"
FILES = {"ludb": 32, "ptbxl": 2, "cinc": 3, "dicom": 2, "aecg": 1}


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_every_sample_is_read_as_the_library_of_its_format_reads_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main([f"{name}={(RECORDERS if name in ('dicom', 'aecg') else DATA) / name}" for name in FILES])
    head, _, *lines = (
        line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()
    )
    assert tuple(head) == HEAD
    for line, (name, files) in zip(lines, FILES.items(), strict=True):
        assert line[0] == name
        assert [int(line[2]), int(line[3])] == [files, files]
        assert line[4].endswith("12")
        assert float(line[6]) < 1.0


def test_another_gain_or_order_is_seen() -> None:
    signal = np.random.default_rng(0).normal(size=(12, 100)).astype(np.float32)
    record = Record(signal)
    theirs = {str(lead): trace for lead, trace in zip(LEADS, signal, strict=True)}
    assert difference(record, theirs).uv == 0.0
    assert difference(replace(record, signal=1.01 * signal), theirs).uv > 0.01
    assert difference(replace(record, signal=signal[::-1].copy()), theirs).uv > 1.0
    assert difference(record, {"V1": signal[6]}).leads == 1


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a format of cinc, ludb, .*, got 'philips'"):
        main(["philips=."])
