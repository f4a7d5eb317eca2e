"""What the page shows, what it changes, and what it refuses."""

import base64
import re
import sys
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from ecglens.cli.commands import main
from ecglens.datamodules import Target, open_records
from ecglens.ecg import LEADS, R_INDEX, V5, median_beat
from ecglens.models import WithEach
from ecglens.report.text import number
from ecglens_open import site
from ecglens_open import viewer as viewers
from ecglens_open.viewer import Viewer
from ecglens_sheets import Supported
from ecglens_study.web.guard import ALWAYS
from torch import nn

from tests.report.conftest import build

from .conftest import KEY, Page

DATA = Path(__file__).parents[3] / "tests" / "data" / "ludb"
RECORD = [DATA / "data" / "1.hea", DATA / "data" / "1.dat"]


def sent(*paths: Path) -> list[tuple[str, tuple[str, bytes]]]:
    """Files as a form sends them."""
    return [("file", (path.name, path.read_bytes())) for path in paths]


def error_of(answer) -> str:
    """The line for a file that was refused."""
    (line,) = re.findall(r'role="alert" data-error>([^<]*)<', answer.text)
    return line


def test_the_page_has_reading_limits_measurement_and_map(page, viewer, known):
    found, ecg = page.get(""), viewer.shown("run-0")
    x = torch.from_numpy(ecg.sheet.x[None])
    read, label = known.outputs(x)[0], ecg.sheet.measured
    assert f">PR {number(read)} ms<" in found.text
    assert f">{number(label)} ms<" in found.text
    # Bias −0.3 and RMSE 7.2 of 24 ECGs: −0.3 ± 1.96 · 7.35.
    assert f"95 % limits: {number(read - 14.1)} to {number(read + 14.7)} ms" in found.text
    assert ">Heatmap<" in found.text
    assert "With “Sign”, blue raises the prediction" in found.text
    assert ecg.paper is not None
    assert len(base64.b64decode(ecg.paper["map"])) == 12 * 600
    assert re.findall(r'(?:src|href)="(?!static/|#)', found.text) == []
    assert {name: found.headers[name] for name in ALWAYS} == ALWAYS


def test_without_a_supported_method_it_says_why_there_is_no_map(known):
    none = replace(known, supported=Supported("", "No method passed."), method=None)
    own = Viewer(none)
    assert "No heatmap. No method passed." in Page(own).get("").text
    paper = own.shown("run-0").paper
    assert paper is not None
    assert paper["map"] == ""


class AgedR(nn.Module):
    """A tenth of the height of R in V5, and the age of the ECG."""

    def forward(self, x: torch.Tensor, age: torch.Tensor) -> torch.Tensor:
        return 0.1 * x[:, V5, [R_INDEX]] + age[:, None]


def test_a_network_of_values_beside_the_ecg_says_why_it_has_no_slider(known, ecgs):
    x = torch.from_numpy(ecgs.prepared.x(np.arange(len(ecgs.prepared))))
    net = WithEach(AgedR().eval(), x, {"age": torch.full((len(x),), 60.0)}).eval()
    own = Viewer(replace(known, net=net, supported=Supported("", "None."), method=None))
    ecg = own.shown("run-0")
    assert (ecg.sliders, "values beside the ECG" in ecg.unchangeable) == ([], True)
    assert (
        "Nothing can be changed: the network reads values beside the ECG" in Page(own).get("").text
    )


def test_a_slider_moves_reading_measurement_and_intervals(page, viewer):
    was = {each["name"]: each["ends"] for each in viewer.shown("run-0").paper["intervals"]}
    higher = page.get("change", params={"ecg": "run-0", "r": 100}).json()
    assert (higher["moved"], higher["done"]) == ("+10.0 ms", {"r": "+100 µV"})
    longer = page.get("change", params={"ecg": "run-0", "pr": 20}).json()
    assert (longer["moved"], longer["done"]) == ("0.0 ms", {"pr": "+20 ms"})
    label = viewer.shown("run-0").sheet.measured
    assert longer["numbers"]["measured"] == f"{number(label + 20)} ms"
    now = {each["name"]: each["ends"] for each in longer["intervals"]}
    assert np.subtract(now["PR"], was["PR"]).tolist() == pytest.approx([-0.5, 0.0], abs=0.05)  # mm
    assert now["QT"] == pytest.approx(was["QT"], abs=0.05)
    both = page.get("change", params={"ecg": "run-0", "pr": 20, "r": 100}).json()
    assert (both["moved"], both["done"]) == ("+10.0 ms", {"pr": "+20 ms", "r": "+100 µV"})
    drawn = [np.frombuffer(base64.b64decode(each["signal"]), "<i2") for each in (longer, both)]
    assert np.subtract(*drawn[::-1]).reshape(12, 600)[V5, R_INDEX] == pytest.approx(100, abs=1)


def test_a_change_that_an_ecg_cannot_have_is_refused_with_the_reason(viewer):
    key = viewer.read({path.name: path.read_bytes() for path in RECORD})
    assert viewer.changed(key, {"pr": -40.0})["refused"].startswith("pr: ")


@pytest.mark.parametrize("query", ["pr=41", "pr=0", "pr=nan", "pr=much", "spike=1"])
def test_a_size_that_no_slider_has_is_refused(page, query):
    assert page.get(f"change?ecg=run-0&{query}").status_code == 422


def test_a_file_is_read_as_explain_reads_it_and_is_gone_afterwards(
    page, known, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    packed = tmp_path / "1.wfdb"
    with zipfile.ZipFile(packed, "w") as archive:
        for each in RECORD:
            archive.write(each, each.name)
    of_archive = page.post("file", files=sent(packed))
    packed.unlink()
    found = page.post("file", files=sent(*RECORD))
    record = next(each for each in open_records("ludb", DATA) if each.id == "1")
    read = known.outputs(torch.from_numpy(median_beat(record).signal[None]))[0]
    assert f">PR {number(read)} ms<" in found.text
    assert f">PR {number(read)} ms<" in of_archive.text
    assert "<h1>the file</h1>" in found.text  # its name may be that of a patient
    assert [*tmp_path.iterdir()] == []


def test_the_age_of_a_file_is_on_the_page_beside_the_reading(known):
    about = replace(known.finding.about, target=Target("age", "years", "age"))
    own = Viewer(replace(known, finding=replace(known.finding, about=about), training=None))
    key = own.read({path.name: path.read_bytes() for path in RECORD})
    numbers = own.shown(key).numbers
    assert (numbers["measured"], numbers["by"]) == ("51.0 years", "that came with the file")


def test_columns_are_read_with_their_rate_and_unit(page, viewer, known):
    x = np.tile(viewer.shown("run-0").sheet.x, 8).T / 1000.0
    text = "\n".join([",".join(LEADS), *(",".join(map(str, row)) for row in x)])
    files = [("file", ("a.csv", text.encode()))]
    assert "with --set fs_hz" in error_of(page.post("file", files=files))
    told = Viewer(known, settings={"fs_hz": 500, "unit": "mV"})
    assert "<h1>the file</h1>" in Page(told).post("file", files=files).text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("photo.jpg", b"\xff\xd8\xff", "expected WFDB (.hea)"),
        ("a.dcm", b"no image", "a.dcm"),
        ("1.hea", RECORD[0].read_bytes(), "1.dat"),
        ("1.hea", b"1 12 nonsense", "1"),
        ("1.hea", RECORD[0].read_bytes().replace(b"1.dat", b"/etc/passwd"), "expected files below"),
        ("../../a.hea", b"", "none; choose one"),
    ],
)
def test_a_file_that_is_no_ecg_has_one_line(page, name, content, said):
    answer = page.post("file", files=[("file", (name, content))])
    assert answer.status_code == 422
    assert said in (line := error_of(answer)), line
    assert "ecglens-open-" not in line  # no folder of this machine
    assert "\n" not in line


def test_a_file_in_a_wrong_unit_has_one_line(known, ecgs):
    rows = np.tile(ecgs.prepared.x(np.arange(1))[0].T * 100, (9, 1))  # in 10 nV
    text = "\n".join([",".join(LEADS), *(",".join(map("{:.0f}".format, row)) for row in rows)])
    own = Page(Viewer(known, settings={"fs_hz": 500, "unit": "uV"}))
    refused = own.post("file", files=[("file", ("a.csv", text.encode()))])
    assert refused.status_code == 422
    assert "expected samples within ±32767 µV, got" in error_of(refused)
    assert own.get("").status_code == 200


def test_a_file_that_is_too_large_has_one_line(page):
    answer = page.post("file", files=[("file", ("a.npy", bytes(site.MOST_BYTES)))])
    assert (answer.status_code, answer.text) == (413, site.LINES[413])


def test_too_many_files_have_one_line(page):
    answer = page.post("file", files=[("file", ("a.dcm", b"x"))] * (site.MOST_FILES + 1))
    assert (answer.status_code, answer.text) == (400, site.LINES[400])


def test_only_who_has_the_key_and_comes_from_the_page_is_answered(page):
    wrong = page.get("http://127.0.0.1:8000/another-key/")
    assert (wrong.status_code, wrong.text) == (404, site.OTHERWISE)
    assert page.get("nothing").status_code == 404
    assert page.get("", params={"ecg": "run-999"}).status_code == 404
    assert page.get(f"http://rebound.example/{KEY}/").status_code == 421
    answer = page.post("file", files=sent(*RECORD), headers={"origin": "http://elsewhere.example"})
    assert (answer.status_code, answer.text) == (403, site.OTHERWISE)


def test_the_oldest_ecg_is_forgotten(known, monkeypatch):
    monkeypatch.setattr(viewers, "MOST_KEPT", 1)
    own = Viewer(known)
    key = own.read({path.name: path.read_bytes() for path in RECORD})
    assert own.shown(key)
    assert own.shown("run-0")
    with pytest.raises(KeyError):
        own.shown(key)


def test_a_class_has_its_probability_and_its_auroc(known_of_strips):
    target = Target("af", "", "af", kind="binary")
    finding = build(test=24, target=target, fit={"auroc": 0.93})
    own = Viewer(replace(known_of_strips, finding=finding))
    key = own.read({path.name: path.read_bytes() for path in RECORD})
    numbers = own.shown(key).numbers
    assert "probability above 99" in numbers["reading"]  # a tenth of R in µV, as a logit
    assert numbers["limits"].startswith("AUROC 0.930 on 24 test ECGs")
    assert (numbers["measured"], numbers["verdict"]) == ("–", "–")
    assert own.changed(key, {"r": -100.0})["moved"].endswith(" logit")


def test_a_network_of_strips_shows_the_median_beat_and_the_strip(known_of_strips):
    own = Viewer(known_of_strips)
    found = Page(own).post("file", files=sent(*RECORD))
    key = re.findall(r'src="(strip.png\?ecg=[^"]*)"', found.text)[0]
    assert Page(own).get(key).content.startswith(b"\x89PNG")
    changed = own.changed(key.split("=")[1], {"r": 100.0})
    assert changed["refused"] == ""
    assert len(base64.b64decode(changed["signal"])) == 2 * 12 * 600


class ReadsMean(torch.nn.Module):
    """Mean of all leads, so that a map colours every lead of a strip."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean((1, 2))[:, None]


def test_the_map_of_a_strip_has_its_sign_on_demand(known_of_strips):
    own = Viewer(replace(known_of_strips, net=ReadsMean().eval()))
    key = own.read({path.name: path.read_bytes() for path in RECORD})
    absolute, signed = (
        Page(own).get(f"strip.png?ecg={key}{asked}").content for asked in ("", "&signed=yes")
    )
    assert signed.startswith(b"\x89PNG")
    assert absolute != signed


def test_a_folder_without_a_run_is_one_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["ecglens", "open", str(tmp_path)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "expected the folder of a finished run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--reader", "nosuch"), "expected a data source (aecg,"),
        (("--reader", "dicom", "--set", "rate=500"), "a setting of the reader, got rate"),
    ],
)
def test_a_wrong_reader_is_said_before_the_page_begins(words, line, monkeypatch, capsys, tmp_path):
    (tmp_path / "findings" / "default").mkdir(parents=True)
    (tmp_path / "findings" / "default" / "finding.json").touch()
    monkeypatch.setattr(sys, "argv", ["ecglens", "open", str(tmp_path), *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert line in capsys.readouterr().err
