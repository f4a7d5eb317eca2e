"""Which reader reads a file of a recorder that a user names, and which ECGs of it."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from ecglens import registry
from ecglens.datamodules import open_records
from ecglens.trust import foreign
from ecglens_formats import dicom
from ecglens_sheets import files, open_files
from ecglens_sheets.files import reader_of

from apps.sheets.tests.test_files import ids_of

from .recorders import DATA

# MUSE has no file of its own here (tests write it).
FILES = {
    "dicom/Example.dcm": ("dicom", "Example.dcm"),
    "aecg/Example.xml": ("aecg", "Example.xml"),
    "philips/129DYPRG.XML": ("philips", "129DYPRG.XML"),
    "philips/2020-5-18_15-48-11.xml": ("philips", "2020-5-18_15-48-11.xml"),
}


@pytest.mark.parametrize(("file", "expected"), FILES.items())
def test_a_file_is_read_by_the_reader_of_its_format_and_nothing_beside_it(file, expected):
    assert ids_of(open_files([DATA / file], "", {})) == [expected]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b'<?xml version="1.0"?><!-- <AnnotatedECG> --><RestingECG/>', "muse"),
        ('<?xml version="1.0" encoding="utf-16"?><restingecgdata/>'.encode("utf-16"), "philips"),
        (b'<!DOCTYPE x SYSTEM "a.dtd"><hl7:AnnotatedECG xmlns:hl7="urn:hl7-org:v3"/>', "aecg"),
        (b"<html/>", ""),
        (b"no XML", ""),
    ],
)
def test_xml_is_told_by_its_first_element(content, name, tmp_path):
    file = tmp_path / "one.xml"
    file.write_bytes(content)
    assert reader_of(file) == name


def test_dicom_without_an_ending_is_told_by_its_mark(tmp_path):
    file = tmp_path / "IM0001"
    file.write_bytes((DATA / "dicom" / "Example.dcm").read_bytes())
    assert ids_of(open_files([file], "", {})) == [("dicom", "IM0001")]


def test_a_folder_holds_ecgs_of_several_formats_and_other_files_are_passed_over(tmp_path):
    (tmp_path / "ward").mkdir()
    for file in ("dicom/Example.dcm", "aecg/Example.xml"):
        (tmp_path / "ward" / Path(file).name).write_bytes((DATA / file).read_bytes())
    (tmp_path / "labels.csv").write_text("id,age\n1,60\n")
    (tmp_path / "README.md").write_text("ECGs of a ward\n")
    found = ids_of(open_files([tmp_path], "", {}))
    assert found == [("dicom", "ward/Example.dcm"), ("aecg", "ward/Example.xml")]


@pytest.mark.parametrize(
    ("reader", "settings", "words"),
    [
        ("", {"fs_hz": 500}, "--set with a setting of the reader, got fs_hz"),
        ("dicm", {}, "expected a data source .dicom, "),
        ("", {"missing_lead": 3}, "missing_lead"),
    ],
)
def test_wrong_use_is_one_line(reader, settings, words):
    with pytest.raises(ValueError, match=words):
        open_files([DATA / "dicom" / "Example.dcm"], reader, settings)


def test_messages_name_the_formats(tmp_path):
    (tmp_path / "README").write_text("no ECG")
    with pytest.raises(
        ValueError, match=r"\(.hea\), WFDB archives \(.wfdb\), DICOM \(.dcm\), XML of aECG"
    ):
        open_files([tmp_path / "README"], "", {})


@pytest.fixture
def without_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the package is not installed."""
    offered, names = registry.offered, registry.names
    for place in (registry, files):
        monkeypatch.setattr(place, "offered", lambda of: {} if of == "files" else offered(of))
        monkeypatch.setattr(
            place, "names", lambda of: tuple(each for each in names(of) if each != "dicom")
        )


@pytest.mark.usefixtures("without_package")
def test_without_the_package_a_line_says_what_to_install(tmp_path, capsys):
    install = "comes with the package ecglens-formats, which is not installed; pip install ./apps"
    with pytest.raises(ValueError, match=f"got Example.dcm; .dcm {install}"):
        open_files([DATA / "dicom" / "Example.dcm"], "", {})
    with pytest.raises(ValueError, match=f"found none; .xml {install}"):
        open_files([DATA / "aecg"], "", {})
    with pytest.raises(ValueError, match=f"^dicom {install}"):
        open_records("dicom", tmp_path)


def test_the_package_loads_no_library_before_a_file_is_read():
    code = "import sys, ecglens_formats.kinds; print('pydicom' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_former_path_in_settings_is_trusted_and_read_with_a_warning():
    path = "ecglens.datamodules.readers.dicom.Dicom"
    assert foreign({"data": {"_target_": path}}) == []
    with pytest.warns(DeprecationWarning, match=r"is now ecglens_formats\.dicom\.Dicom"):
        records = open_records("ward", DATA / "dicom", _target_=path)
    assert len(list(records)) == 2
    with pytest.warns(DeprecationWarning, match="until version 0.3"):
        assert import_module("ecglens.datamodules.readers.dicom").Dicom is dicom.Dicom


def test_without_the_package_a_former_path_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ecglens_formats", None)
    monkeypatch.delitem(sys.modules, "ecglens_formats.aecg", raising=False)
    with pytest.raises(ImportError, match=r"pip install \./apps/formats"):
        _ = import_module("ecglens.datamodules.readers.aecg").Aecg
