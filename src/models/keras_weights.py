"""Weights of Keras, from its HDF5 files, under the names of a network of torch."""

import re
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..extras import extra

MAGIC = b"\x89HDF\r\n\x1a\n"  # the first bytes of HDF5
KINDS = {
    "convolutions": nn.Conv1d,
    "BatchNorms": nn.BatchNorm1d,
    "dense layers": nn.Linear,
}
NAMES = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def read_keras(path: Path, net: nn.Module) -> dict[str, Tensor]:
    """Weights of `model.save` or `model.save_weights`, as (name in `net`, tensor).

    Layers of a kind are those of `net` in the order of their definition: Keras numbers them as
    they are made (conv1d, conv1d_1, …). Kernels are (time, in, out) there and (out, in, time) in
    torch. Raises ValueError for another number of layers, for kinds of layers that are not known
    here, and for the format of Keras 3.
    """
    with extra("formats"):
        import h5py

    with h5py.File(path, "r") as file:
        group: Any = file.get("model_weights", file)
        if "layer_names" not in group.attrs:
            raise ValueError(
                f"expected HDF5 of Keras 2 in {path}, with layer_names, found none; save the model "
                "by model.save('file.h5') or model.save_weights('file.h5') of tf.keras 2"
            )
        try:
            found = {_text(name): _layer(group[name]) for name in group.attrs["layer_names"]}
            _check_sizes([each for layer in found.values() for each in layer.values()], path)
            layers = {
                name: {key: np.asarray(found[name][key]) for key in found[name]} for name in found
            }
        except (KeyError, TypeError, AttributeError, RuntimeError) as problem:
            raise ValueError(
                f"expected the layers of Keras 2 in {path}, got a damaged file ({problem})"
            ) from problem
    own = {name: value for name, value in net.state_dict().items() if "num_batches" in name}
    for kind, module in KINDS.items():
        theirs = [layers[name] for name in _in_order(layers, kind)]
        ours = [name for name, each in net.named_modules() if isinstance(each, module)]
        if len(ours) != len(theirs):
            raise ValueError(
                f"expected {len(ours)} {kind} in {path}, as the network has, got {len(theirs)}"
            )
        for name, layer in zip(ours, theirs, strict=True):
            own |= {f"{name}.{NAMES[key]}": _tensor(value) for key, value in layer.items()}
    return own


def _layer(group: Any) -> dict[str, Any]:
    """Datasets of a layer by the last part of their names, as in conv1d/kernel:0; not read yet."""
    names = [_text(name) for name in group.attrs["weight_names"]]
    return {name.split("/")[-1].split(":")[0]: group[name] for name in names}


def _check_sizes(found: Sequence[Any], path: Path) -> None:
    """Raise ValueError unless all numbers lie in the file itself, which Keras does not compress.

    Links and external or virtual datasets of HDF5 lead to any file; a chunk may unpack to any size.
    """
    outside = [each for each in found if each.file.filename != str(path)]
    if outside or any(each.external or each.is_virtual for each in found):
        raise ValueError(f"expected weights in {path} itself, got some of another file")
    size, own = sum(each.nbytes for each in found), path.stat().st_size
    chunks = [prod(each.chunks or ()) * each.dtype.itemsize for each in found]
    if max([size, *chunks]) > own:
        raise ValueError(
            f"expected in {path} at most its own {own} bytes, got {size} unpacked: it was made to "
            "fill the memory, or compressed; save it again"
        )


def _in_order(layers: dict[str, dict[str, np.ndarray]], kind: str) -> Sequence[str]:
    """Names of the layers of a kind as they were made, where Keras numbered them."""
    names = [name for name, layer in layers.items() if layer and _kind(name, layer) == kind]
    numbered = [re.fullmatch(r"(.*?)(?:_(\d+))?", name) for name in names]
    stems = {each[1] for each in numbered if each}
    if len(stems) > 1:  # named by hand: the order of the file
        return names
    return [names[k] for k in np.argsort([int(each[2] or 0) for each in numbered if each])]


def _kind(name: str, layer: dict[str, np.ndarray]) -> str:
    if "moving_mean" in layer:
        return "BatchNorms"
    kinds = {3: "convolutions", 2: "dense layers"}
    if not {*layer} <= {"kernel", "bias"} or layer["kernel"].ndim not in kinds:
        raise ValueError(
            "expected convolutions over time, BatchNorms and dense layers, got the layer "
            f"{name} with {', '.join(layer)}"
        )
    return kinds[layer["kernel"].ndim]


def _tensor(value: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(value.T))


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)
