"""Published or own weights, put into a network under its own names."""

import codecs
import json
import pickle
import re
import struct
import warnings
from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
import torch
from numpy._core.multiarray import _reconstruct, scalar
from torch import Tensor, nn

from ..extras import extra
from ..store import check_unpacked, parsed_json

Net = TypeVar("Net", bound=nn.Module)

# Before the names of a network: torch.compile, DataParallel, and fields of a LightningModule.
PREFIXES = ("_orig_mod.", "module.", "model.", "net.", "network.", "body.", "backbone.", "encoder.")


def load_weights(net: Net, path: str | Path) -> Net:
    """`net` itself, in evaluation mode, with the weights of a file.

    The file is a state dict or a checkpoint of torch.save (Lightning's too, from a GPU, or within
    tuples), safetensors, or HDF5 of Keras (see `read_keras`). Prefixes before the names are
    removed (`_orig_mod.`, `module.`, `model.`, …), numbers take the network's own precision. Code
    in the file is never run. Raises ValueError when the file holds no weights or others than the
    network's, OSError when it cannot be opened.
    """
    path = Path(path).expanduser()
    own = net.state_dict()
    with path.open("rb") as file:
        of_keras = file.read(len(MAGIC)) == MAGIC
    tensors = matched(read_keras(path, net) if of_keras else read_tensors(path), own)
    check_names(tensors, own, path)
    net.load_state_dict(tensors)
    return net.eval()


def matched(tensors: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors under the network's names.

    Known prefixes are removed as long as no name is the network's. Where only some names have the
    prefix, as in a LightningModule with metrics beside its network, the others are left out.
    """
    named = dict(tensors)
    while not named.keys() & own.keys():
        behind = [
            {name.removeprefix(each): v for name, v in named.items() if name.startswith(each)}
            for each in PREFIXES
        ]
        if not any(behind):
            break
        named = max(behind, key=len)
    return named


def check_names(
    tensors: Mapping[str, Tensor], own: Mapping[str, Tensor], where: str | Path
) -> None:
    """Raise ValueError that names `where` unless the tensors are the network's own by shape."""
    shapes = [
        f"{name} {tuple(tensors[name].shape)} in place of {tuple(own[name].shape)}"
        for name in own
        if name in tensors and tensors[name].shape != own[name].shape
    ]
    faults = {
        "missing": [name for name in own if name not in tensors],
        "unexpected": [name for name in tensors if name not in own],
        "of another shape": shapes,
    }
    told = [f"{len(names)} {what} (first: {names[0]})" for what, names in faults.items() if names]
    if told:
        raise ValueError(
            f"expected in {where} the {len(own)} tensors of the network, got {len(tensors)}: "
            f"{', '.join(told)}"
        )


# Modules of numpy 1 and 2 in pickles.
PLACES = ("numpy.core.multiarray", "numpy._core.multiarray")
# Entries of checkpoints that hold the weights: Lightning's, and those that training loops write.
ENTRIES = ("state_dict", "model_state_dict", "model", "net", "network", "weights", "ema")
SAFETENSORS = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
    "I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8,
    "U8": torch.uint8, "BOOL": torch.bool,
}  # fmt: skip


# Training loops keep a loss as a number of numpy, whose parts torch does not take for harmless by
# itself; numpy 1 had another name for them.
NUMPY_KINDS = {type(np.dtype(kind)) for kind in ("f4", "f8", "f2", "i4", "i8", "?")}
OF_NUMPY = [
    *((each, f"{place}.{each.__name__}") for place in PLACES for each in (scalar, _reconstruct)),
    *(np.dtype, np.ndarray, codecs.encode, *NUMPY_KINDS),
]


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Tensors by name in a file of safetensors or torch.save, on the CPU; no code in it is run.

    Those of torch.save may lie within tuples and lists, and within the entries that checkpoints
    have; the first are taken. Raises ValueError for a file that needs code, is in neither format,
    or holds no tensors by name.
    """
    if path.suffix == ".safetensors":
        return tensors_of(path.read_bytes(), str(path))
    with path.open("rb") as file:
        check_unpacked(file, path)
        tensors = _tensors(_loaded(file, path))
    if not tensors:
        raise ValueError(f"expected weights by name in {path}, found none")
    return tensors


# What torch.load raises for a file that is cut off or damaged, or that runs code.
DAMAGED = (
    *(RuntimeError, EOFError, LookupError, ValueError, MemoryError, struct.error),
    *(AssertionError, TypeError, AttributeError, pickle.UnpicklingError),
)
PICKLED = b"\x80P"  # first bytes of a pickle with the number of its protocol, and of a zip archive
NEWER = (b"\x80\x04", b"\x80\x05")  # first bytes of pickles of protocols 4 and 5


def _loaded(file: IO[bytes], path: Path) -> Any:
    try:
        with warnings.catch_warnings(), torch.serialization.safe_globals(OF_NUMPY):
            # A TorchScript program warns here; it is refused below.
            warnings.simplefilter("ignore", UserWarning)
            return torch.load(file, weights_only=True, map_location="cpu")
    except DAMAGED as problem:
        # A pickle that is cut off was read to its end; that of a network asks for a class. Text is
        # no pickle, though its first letter may be read as the same request. torch.load stops at
        # the first byte of protocols 4 and 5, in which pickle.dump writes and torch.save does not.
        was_cut_off = not file.read(1)
        file.seek(0)
        head = file.read(2)
        asks = "GLOBAL" in str(problem) and not was_cut_off and head[:1] in PICKLED
        if asks or head in NEWER:
            raise ValueError(
                f"expected tensors alone in {path}, got a file that runs code when it is read; "
                "where it was made, save torch.save(net.state_dict(), file) and give that file"
            ) from problem
        raise ValueError(
            f"expected weights in {path}, got what torch.load(weights_only=True) cannot read; give "
            "a whole state dict or checkpoint of torch.save in its default pickle protocol, "
            "safetensors or Keras HDF5; a program (TorchScript, torch.export, ONNX) is opened by "
            "load_program"
        ) from problem


def _tensors(found: Any) -> dict[str, Tensor]:
    if isinstance(found, Mapping):
        # A checkpoint may have a tensor beside its weights, as its loss.
        inside = [found[name] for name in ENTRIES if isinstance(found.get(name), Mapping)]
        own = {str(name): value for name, value in found.items() if isinstance(value, Tensor)}
    else:
        inside = list(found) if isinstance(found, (tuple, list)) else []
        own = {}
    return next(filter(None, map(_tensors, inside)), own)


def tensors_of(content: bytes, where: str) -> dict[str, Tensor]:
    """All tensors in bytes of safetensors: the size of a JSON header, the header, and numbers.

    Raises ValueError that names `where` for what is cut off and for a type that torch has not.
    """
    try:
        (size,) = struct.unpack("<Q", content[:8])
        header = parsed_json(content[8 : 8 + size], "its header")
        header.pop("__metadata__", None)
        numbers = content[8 + size :]
        _check_places([each["data_offsets"] for each in header.values()], len(numbers))
        return {name: _tensor(numbers, **each) for name, each in header.items()}
    except (struct.error, ValueError, TypeError, KeyError, AttributeError, RuntimeError) as problem:
        raise ValueError(
            f"expected a whole safetensors file, got {where} with {len(content)} bytes, which "
            f"cannot be read ({problem}); copy it again"
        ) from problem


def safetensors(tensors: Mapping[str, Tensor]) -> bytes:
    """The tensors as the content of a safetensors file; ValueError for a type that it has not."""
    kinds = {kind: name for name, kind in SAFETENSORS.items()}
    header, parts, end = {}, [], 0
    for name, tensor in tensors.items():
        if tensor.dtype not in kinds:
            raise ValueError(f"expected weights of {', '.join(SAFETENSORS)}, got {tensor.dtype}")
        flat = tensor.detach().cpu().contiguous().reshape(-1)
        parts.append(flat.view(torch.uint8).numpy().tobytes())
        places = [end, end + len(parts[-1])]
        header[name] = {
            "dtype": kinds[tensor.dtype], "shape": [*tensor.shape], "data_offsets": places
        }  # fmt: skip
        end = places[1]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # numbers begin at a multiple of 8, as the format wants
    return b"".join([struct.pack("<Q", len(text)), text, *parts])


def _check_places(places: list[list[int]], size: int) -> None:
    """Raise ValueError unless tensors lie one behind the other, as the format wants.

    Tensors on the same bytes would each be copied: a small file could fill the memory.
    """
    ends = [0, *(end for _, end in sorted(places))]
    if [start for start, _ in sorted(places)] != ends[:-1] or ends[-1] != size:
        raise ValueError(f"its tensors do not lie one behind the other in {size} bytes")


def _tensor(content: bytes, dtype: str, shape: list[int], data_offsets: list[int]) -> Tensor:
    (start, end), kind = data_offsets, SAFETENSORS[dtype]
    if min(shape, default=0) < 0 or prod(shape) * kind.itemsize != end - start:
        raise ValueError(f"a tensor of {shape} {dtype} in {end - start} bytes")
    if end == start:
        return torch.empty(shape, dtype=kind)
    # A copy, because bytes may not be written to.
    return torch.frombuffer(bytearray(content[start:end]), dtype=kind).reshape(shape)


MAGIC = b"\x89HDF\r\n\x1a\n"  # the first bytes of HDF5
LAYER_KINDS = {"convolutions": nn.Conv1d, "BatchNorms": nn.BatchNorm1d, "dense layers": nn.Linear}
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
    for kind, module in LAYER_KINDS.items():
        theirs = [layers[name] for name in _in_order(layers, kind)]
        ours = [name for name, each in net.named_modules() if isinstance(each, module)]
        if len(ours) != len(theirs):
            raise ValueError(
                f"expected {len(ours)} {kind} in {path}, as the network has, got {len(theirs)}"
            )
        for name, layer in zip(ours, theirs, strict=True):
            for key, value in layer.items():
                own[f"{name}.{NAMES[key]}"] = torch.from_numpy(np.ascontiguousarray(value.T))
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


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)
