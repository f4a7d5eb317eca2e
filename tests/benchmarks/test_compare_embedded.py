"""The table of recorders' own measurements and beats beside ours."""

from pathlib import Path

import numpy as np
import pytest
from ecglens.ecg import draw_exact, exact_beat
from ecglens_formats.embedded import TypicalBeat

from benchmarks.compare_embedded import HEAD, fit, main

DATA = Path(__file__).parents[2] / "apps" / "formats" / "tests" / "data"


def test_a_moved_beat_fits_where_it_was_moved_to() -> None:
    ours = exact_beat(draw_exact(seed=3, index=0)).signal
    moved = np.pad(ours.astype(float), ((0, 0), (21, 0)), mode="edge")[:, :600] + 40.0
    found = fit(TypicalBeat(moved, 500.0), ours)
    assert found.r == pytest.approx(1.0, abs=1e-6)
    assert found.rms_uv == pytest.approx(0.0, abs=0.1)
    assert found.r_ms == 542.0


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_every_real_file_is_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    main([f"{name}={DATA / name}" for name in ("philips", "aecg", "dicom")])
    head, _, *lines = (line.split(" | ") for line in capsys.readouterr().out.splitlines())
    assert len(head) == len(HEAD)
    rows = {line[0].removeprefix("| "): line[1:] for line in lines}
    assert len(rows) == 5
    assert rows["waveform_ecg.dcm"][-1].startswith("yes")
    assert rows["2020-5-18_15-48-11.xml"][0].startswith("164 / ")
    for name in ("2020-5-18_15-48-11.xml", "Example.xml", "Example.dcm", "waveform_ecg.dcm"):
        assert float(rows[name][4]) > 0.99  # their median beats are ours, but for noise


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="a format of aecg, dicom, muse, philips, got 'exact'"):
        main(["exact=."])
