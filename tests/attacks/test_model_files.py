"""A model file is read as it was exported or refused in one line; it runs nothing."""

import io
import json
import pickle
import random
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import torch
from ecglens.models import InputSpec, InUnits, ModelFile, SmallResNet
from ecglens_export import load_network

from .bounded import HUGE, bounded
from .conftest import refused
from .crafted import Payload, program
from .test_weights import one

pytestmark = pytest.mark.filterwarnings("ignore:.*PEP 585")
ECG = Path(__file__).parents[1] / "data" / "ludb" / "data" / "1.hea"
WEIGHTS, MODEL, MANIFEST = "weights.safetensors", "model.json", "manifest.json"
Members = dict[str, bytes]


def sound(**changed: Any) -> ModelFile:
    net = InUnits(SmallResNet(), y_mean=160.0, y_sd=20.0)
    parts: dict[str, Any] = {
        "network": {"_target_": "ecglens.models.SmallResNet"},
        "tensors": net.state_dict(),
        "in_units": True,
        "spec": {},
        "target": "pr",
        "input": "median",
        "key": "",
        "licence": "yours to write",
        "texts": {"answer.json": {"said": "none yet"}},
    }
    return ModelFile(**parts | changed)


def members_of(file: Path) -> Members:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, members: Members, kind: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def signed(members: Members) -> Members:
    """The same with checksums that fit."""
    manifest = json.loads(members[MANIFEST])
    others = {name: content for name, content in members.items() if name != MANIFEST}
    hashes = {name: sha256(content).hexdigest() for name, content in others.items()}
    return {MANIFEST: json.dumps({**manifest, "sha256": hashes}).encode(), **others}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return sound().write(tmp_path / "model.ecglens")


def one_line(file: Path, *words: str) -> None:
    with pytest.raises(ValueError, match="expected") as told:
        ModelFile.read(file)
    assert "\n" not in str(told.value)
    assert all(word in str(told.value) for word in words), told.value


def test_a_flipped_bit_is_named_or_changes_nothing(file: Path) -> None:
    whole, known = file.read_bytes(), ModelFile.read(file)
    draw = random.Random(0)
    told = []
    for _ in range(200):
        content = bytearray(whole)
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        file.write_bytes(content)
        try:
            found = ModelFile.read(file)
        except ValueError as problem:
            told.append(str(problem))
            continue
        # A note of the archive itself, such as a date.
        assert found.settings(file) == known.settings(file)
        assert all(torch.equal(found.tensors[name], each) for name, each in known.tensors.items())
    assert len(told) > 190  # nearly all of the file is weights
    assert not any("\n" in each for each in told)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_one_line(share: float, file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: int(share * len(whole))])
    one_line(file, "copy it again")


@pytest.mark.parametrize("name", [WEIGHTS, MODEL, "answer.json"])
def test_a_changed_member_is_named(name: str, file: Path) -> None:
    members = members_of(file)
    packed(file, {**members, name: members[name][:-1] + b" "})
    one_line(file, name, "as it was exported")


CHANGES: dict[str, tuple[Callable[[Members], Members], str]] = {
    "a newer version": (
        lambda m: {**m, MANIFEST: m[MANIFEST].replace(b'"version": 1', b'"version": 2')},
        "version 2",
    ),
    "another format": (lambda m: {**m, MANIFEST: b"{}"}, "another archive"),
    "no manifest": (lambda m: {name: m[name] for name in m if name != MANIFEST}, "another archive"),
    "a member more": (lambda m: {**m, "../../more.json": b"{}"}, "its manifest lists"),
    "no weights": (lambda m: signed({n: m[n] for n in m if n != WEIGHTS}), "other parts"),
    "no class": (lambda m: signed({**m, MODEL: b'{"network": {}}'}), "other parts"),
    "a nested text": (lambda m: signed({**m, "answer.json": b"[" * 100_000}), "nested too deeply"),
    "a list as text": (lambda m: signed({**m, "answer.json": b"[]"}), "something else"),
    "a pickle": (lambda m: signed({**m, WEIGHTS: pickle.dumps(Payload(Path("x")))}), "safetensors"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_other_members_are_one_line(change: str, file: Path) -> None:
    make, word = CHANGES[change]
    one_line(packed(file, make(members_of(file))), word)


def test_overlong_weights_with_fitting_checksums_are_one_line(file: Path, tmp_path: Path) -> None:
    header = json.dumps(one([HUGE], 0, HUGE)).encode()
    content = len(header).to_bytes(8, "little") + header + bytes(20)
    packed(file, signed({**members_of(file), WEIGHTS: content}))
    with bounded():
        one_line(file, "whole safetensors file")


def test_a_file_that_unpacks_to_more_than_it_has_is_one_line(file: Path) -> None:
    packed(file, signed({**members_of(file), WEIGHTS: bytes(2**24)}), zipfile.ZIP_DEFLATED)
    with bounded():
        one_line(file, "unpacked")


def test_a_member_twice_is_one_line(file: Path) -> None:
    content = io.BytesIO(file.read_bytes())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(content, "a") as archive:
        archive.writestr(MODEL, b"{}")
    file.write_bytes(content.getvalue())
    one_line(file, "its manifest lists")


def test_a_class_of_theirs_is_not_imported(theirs, ran, ecglens) -> None:
    (theirs / "surprise.py").write_text(f"open({str(ran)!r}, 'w').close()\nclass Thing: ...\n")
    file = sound(network={"_target_": "surprise.Thing"}).write(theirs / "model.ecglens")
    with pytest.raises(ValueError, match=r"surprise\.Thing.*trust=True"):
        load_network(file)
    refused(ecglens("explain", ECG, "--network", file), "surprise.Thing(", "--trust")
    assert not ran.exists()


def test_a_program_behind_the_class_is_not_opened(theirs, ran, ecglens) -> None:
    path = program(theirs / "net.pt2", ran)
    network = {"_target_": "ecglens.models.load_program", "path": str(path)}
    file = sound(network=network).write(theirs / "model.ecglens")
    with pytest.raises(ValueError, match="load_program"):
        load_network(file)
    refused(ecglens("explain", ECG, "--network", file), "load_program(", "--trust")
    assert not ran.exists()


def test_weights_of_another_network_and_wrong_arguments_are_one_line(tmp_path: Path) -> None:
    other = sound(tensors=torch.nn.Linear(2, 2).state_dict()).write(tmp_path / "a.ecglens")
    with pytest.raises(ValueError, match="missing"):
        load_network(other)
    wrong = {"_target_": "ecglens.models.SmallResNet", "weights": "/etc/passwd"}
    file = sound(network=wrong).write(tmp_path / "b.ecglens")
    with pytest.raises(ValueError, match="arguments that"):
        load_network(file)


def test_a_spec_of_wrong_settings_is_one_line(tmp_path: Path) -> None:
    file = sound(spec={"leads": ["I"], "colour": "red"}).write(tmp_path / "model.ecglens")
    with pytest.raises(ValueError, match="colour"):
        InputSpec.load(file)
