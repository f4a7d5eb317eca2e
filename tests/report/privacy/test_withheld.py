"""Reasons and settings without names: what is ours stays, what came from files goes."""

import pytest
from ecglens.report import Pseudonyms, plain_settings
from ecglens.report.privacy import plain_reason


@pytest.mark.parametrize(
    ("reason", "name", "said"),
    [
        ("ventricular pacing", "7", "ventricular pacing"),
        ("fewer than 3 beats", "7", "fewer than 3 beats"),
        (
            "expected each lead once in jones.hea, got I",
            "smith.hea",
            "expected each lead once in … got …",
        ),
        (
            "expected in ward/Smith, John.xml a waveform Rhythm, got ['Smith']",
            "ward/Smith, John.xml",
            "expected in … a waveform Rhythm, got …",
        ),
        ("Smith lies twice in SMITH_1957.dat", "a/Smith.xml", "… lies twice in …"),
        ("expected leads V1 and V6, got Smith; John", "7", "expected leads V1 and V6, got …"),
        (
            "[Errno 2] No such file or directory: '/data/Smith'",
            "7",
            "[Errno 2] No such file or directory: …",
        ),
        ("recorded on 2021-03-04 at 08:15 or 20210304", "7", "recorded on … at … or …"),
        ("38: expected a rate, got none", "ward/38", "…: expected a rate, got …"),
        (r"no row in C:\ward\lvef.csv", "7", "no row in …"),
        # What was measured names nobody: a short number with a unit.
        (
            "too short: expected at least 4 s, got 3.25 s",
            "7",
            "too short: expected at least 4 s, got 3.25 s",
        ),
        ("too short: 9.998 s, 10 s are needed", "7", "too short: 9.998 s, 10 s are needed"),
        (
            "expected a rate of 100 Hz, got 62.5 Hz; resample it",
            "7",
            "expected a rate of 100 Hz, got 62.5 Hz",
        ),
        ("expected a name, got 9.98 s Jones", "7", "expected a name, got …"),
        ("seen on 24.12 in room 4.311", "7", "seen on … in room …"),
    ],
)
def test_a_reason_keeps_its_kind_and_loses_its_names(reason: str, name: str, said: str) -> None:
    assert plain_reason(reason, name) == said


MUSE = {"name": "muse", "path": "/data/smith", "split": {"by": "hash"}, "n": 3, "leads": ["Smith"]}
SETTINGS = {
    "seed": 0,
    "store": "store",
    "target": {"name": "rate", "unit": "1/min", "table": "outcomes.csv"},
    "data": MUSE,
    "network": {"_target_": "my.load", "weights": "../smith.pt"},
}


def test_a_source_that_does_not_say_keeps_every_text() -> None:
    names = Pseudonyms()
    said = plain_settings(SETTINGS, names)
    assert "smith" not in str(said).lower()
    assert "outcomes" not in str(said)
    assert said["data"]["path"] == f"withheld {names.of('setting', '/data/smith')}"
    assert (said["data"]["name"], said["data"]["split"], said["data"]["n"]) == (
        "muse",
        {"by": "hash"},
        3,
    )
    assert said["target"]["unit"] == "1/min"
    assert said["network"]["_target_"] == "my.load"
    assert (said["seed"], said["store"] == "store") == (0, False)


def test_the_class_of_a_reader_is_said_and_no_path_in_its_place() -> None:
    own = MUSE | {"_target_": "my_package.Reader", "labels": {"_target_": "my_package.labels.Qt"}}
    said = plain_settings(SETTINGS | {"data": own}, Pseudonyms())["data"]
    assert (said["_target_"], said["labels"]["_target_"]) == (
        own["_target_"],
        "my_package.labels.Qt",
    )
    for other in ("/data/smith", "Smith, John", "ward 7", "3.smith"):
        said = plain_settings(SETTINGS | {"data": MUSE | {"_target_": other}}, Pseudonyms())["data"]
        assert said["_target_"].startswith("withheld ")


def test_a_file_in_the_working_folder_is_a_path_though_it_has_no_slash() -> None:
    own = {"_target_": "my.load", "file": "ward7.h5", "weights": "smith_mrn123", "gain": "1e-3"}
    said = plain_settings(SETTINGS | {"network": own}, Pseudonyms())["network"]
    assert said["file"].startswith("withheld ")
    assert said["weights"].startswith("withheld ")
    assert (said["_target_"], said["gain"]) == ("my.load", "1e-3")


def test_settings_of_ecgs_that_may_leave_are_as_they_were() -> None:
    open_data = SETTINGS | {"data": MUSE | {"may_leave_machine": True, "external": None}}
    assert plain_settings(open_data, Pseudonyms()) == open_data


def test_of_two_sources_each_keeps_its_own_texts_and_both_their_paths() -> None:
    ludb = {"name": "ludb", "path": "/data/ludb", "beats": "own", "may_leave_machine": True}
    for first, second in ((MUSE, ludb), (ludb, MUSE)):
        said = plain_settings(SETTINGS | {"data": {**first, "external": second}}, Pseudonyms())
        assert "smith" not in str(said).lower()
        assert "/data" not in str(said)
        of_ludb = said["data"] if first is ludb else said["data"]["external"]
        assert of_ludb["beats"] == "own"


def test_neither_true_nor_false_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected data\.may_leave_machine to be true or false"):
        plain_settings({"data": {"may_leave_machine": "no"}}, Pseudonyms())
