"""Files of weights that lie about their content are one line, within a bound of memory."""

import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
from ecglens.models import load_weights
from torch import nn

from .bounded import HUGE, bounded


def net() -> nn.Module:
    return nn.Linear(4, 1)


def safetensors(path: Path, header: object, numbers: bytes = bytes(20), size: int = 0) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", size or len(text)) + text + numbers)
    return path


def two(weight: Any, bias: Any) -> dict[str, Any]:
    return {
        "weight": {"dtype": "F32", "shape": [1, 4], "data_offsets": weight},
        "bias": {"dtype": "F32", "shape": [1], "data_offsets": bias},
    }


def one(shape: list[Any], *offsets: int, kind: str = "F32") -> dict[str, Any]:
    return {"weight": {"dtype": kind, "shape": shape, "data_offsets": offsets}}


HEADERS: dict[str, tuple[object, int]] = {
    "overlapping": (two([0, 16], [12, 16]), 0),
    "the same bytes": ({f"w{k}": one([5], 0, 20)["weight"] for k in range(1000)}, 0),
    "with a hole": (two([0, 16], [18, 20]), 0),
    "overlong": (one([5], 0, HUGE), 0),
    "of another size": (one([HUGE], 0, 20), 0),
    "empty and huge": (one([HUGE, HUGE], 0, 0), 0),
    "from behind": (one([5], -20, 0), 0),
    "backwards": (one([5], 20, 0), 0),
    "a negative shape": (one([-5, -1], 0, 20), 0),
    "no numbers": (one(["a"], 0, 20), 0),
    "of an unknown type": (one([5], 0, 20, kind="F7"), 0),
    "a longer header": (two([0, 16], [16, 20]), HUGE),
    "a header of lists": ([1, 2], 0),
    "a nested header": (b"[" * 100_000, 0),
    "a tensor twice": (b'{"a": {}, "a": {}}', 0),
}


def test_a_true_file_of_safetensors_is_read(tmp_path: Path) -> None:
    file = safetensors(tmp_path / "a.safetensors", two([4, 20], [0, 4]))
    assert load_weights(net(), file).weight.shape == (1, 4)


@pytest.mark.parametrize("kind", HEADERS)
def test_a_header_of_safetensors_that_lies_is_one_line(kind: str, tmp_path: Path) -> None:
    header, size = HEADERS[kind]
    file = safetensors(tmp_path / "a.safetensors", header, size=size)
    with bounded(), pytest.raises(ValueError, match="expected a whole safetensors file") as told:
        load_weights(net(), file)
    assert "\n" not in str(told.value)


def test_a_checkpoint_that_unpacks_to_more_than_it_has_is_one_line(tmp_path: Path) -> None:
    sound = io.BytesIO()
    torch.save({"weight": torch.zeros(2**24)}, sound)
    with (
        zipfile.ZipFile(sound) as given,
        zipfile.ZipFile(tmp_path / "a.pt", "w", zipfile.ZIP_DEFLATED) as bomb,
    ):
        for name in given.namelist():
            bomb.writestr(name, given.read(name))
    with bounded(), pytest.raises(ValueError, match=r"at most its own .* it was made to fill"):
        load_weights(net(), tmp_path / "a.pt")


def test_a_checkpoint_whose_tensor_claims_more_than_its_numbers_is_one_line(tmp_path: Path) -> None:
    claims = torch.zeros(1).expand(HUGE)  # one number, read again and again
    torch.save({"weight": claims, "bias": torch.zeros(1)}, tmp_path / "a.pt")
    with bounded(), pytest.raises(ValueError, match="1 of another shape"):
        load_weights(net(), tmp_path / "a.pt")


def keras(path: Path) -> tuple[h5py.File, h5py.Group]:
    file = h5py.File(path, "w")
    file.attrs["layer_names"] = [b"dense"]
    group = file.create_group("dense")
    group.attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]
    group["dense/bias:0"] = np.zeros(1, np.float32)
    return file, group


@pytest.mark.parametrize("kind", ["claimed", "chunk", "external", "link", "virtual", "missing"])
def test_weights_of_keras_that_are_elsewhere_or_claimed_are_one_line(
    kind: str, tmp_path: Path
) -> None:
    (tmp_path / "secret.bin").write_bytes(bytes(16))
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["numbers"] = np.zeros((4, 1), np.float32)
    file, group = keras(tmp_path / "a.h5")
    name, shape = "dense/kernel:0", (4, 1)
    if kind == "claimed":
        group.create_dataset(name, (HUGE, 1), np.float32, chunks=(2**10, 1), compression="gzip")
    elif kind == "chunk":
        group.create_dataset(name, shape, np.float32, chunks=(2**28, 1), maxshape=(None, 1))
    elif kind == "external":
        group.create_dataset(name, shape, np.float32, external=[(tmp_path / "secret.bin", 0, 16)])
    elif kind == "link":
        group[name] = h5py.ExternalLink(tmp_path / "other.h5", "numbers")
    elif kind == "virtual":
        layout = h5py.VirtualLayout(shape, np.float32)
        layout[:] = h5py.VirtualSource(tmp_path / "other.h5", "numbers", shape)
        group.create_virtual_dataset(name, layout)
    file.close()
    with bounded(), pytest.raises(ValueError, match=r"expected .*a\.h5"):
        load_weights(net(), tmp_path / "a.h5")
