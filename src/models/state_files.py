"""Tensors by name from files: of torch.save, safetensors, and Keras HDF5."""

import codecs
import pickle
import struct
import warnings
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from numpy._core.multiarray import _reconstruct, scalar
from torch import Tensor

from ..store import check_unpacked, parsed_json

# Modules of numpy 1 and 2 in pickles.
PLACES = ("numpy.core.multiarray", "numpy._core.multiarray")
# Entries of checkpoints that hold the weights: Lightning's, and those that training loops write.
ENTRIES = ("state_dict", "model_state_dict", "model", "net", "network", "weights", "ema")
SAFETENSORS = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


# Training loops keep a loss as a number of numpy, whose parts torch does not take for harmless by
# itself; numpy 1 had another name for them.
KINDS = {type(np.dtype(kind)) for kind in ("f4", "f8", "f2", "i4", "i8", "?")}
OF_NUMPY = [
    *((each, f"{place}.{each.__name__}") for place in PLACES for each in (scalar, _reconstruct)),
    *(np.dtype, np.ndarray, codecs.encode, *KINDS),
]


def read_torch(path: Path) -> dict[str, Tensor]:
    """The first tensors by name in a file of torch.save, on the CPU; no code in it is run.

    They may lie within tuples and lists, and within the entries that checkpoints have. Raises
    ValueError for a file that needs code, is no file of torch.save, or holds no tensors by name.
    """
    with path.open("rb") as file:
        check_unpacked(file, path)
        tensors = _tensors(_loaded(file, path))
    if not tensors:
        raise ValueError(f"expected weights by name in {path}, found none")
    return tensors


def _loaded(file: IO[bytes], path: Path) -> Any:
    try:
        with warnings.catch_warnings(), torch.serialization.safe_globals(OF_NUMPY):
            # A TorchScript program warns here; it is refused below.
            warnings.simplefilter("ignore", UserWarning)
            return torch.load(file, weights_only=True, map_location="cpu")
    except pickle.UnpicklingError as problem:
        raise ValueError(
            f"expected tensors alone in {path}, got a file that runs code when it is read; where "
            "it was made, save torch.save(net.state_dict(), file) and give that file"
        ) from problem
    except (RuntimeError, EOFError, LookupError, ValueError, MemoryError) as problem:
        raise ValueError(
            f"expected weights in {path}, got what torch.load cannot read; give a state dict, a "
            "checkpoint, safetensors or Keras HDF5; a program (TorchScript, torch.export, ONNX) is "
            "opened by load_program"
        ) from problem


def _tensors(found: Any) -> dict[str, Tensor]:
    if isinstance(found, Mapping):
        tensors = {str(name): value for name, value in found.items() if isinstance(value, Tensor)}
        if tensors:
            return tensors
        inside = [found[name] for name in ENTRIES if name in found]
    else:
        inside = list(found) if isinstance(found, (tuple, list)) else []
    return next(filter(None, map(_tensors, inside)), {})


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a safetensors file: the size of a JSON header, the header, and bytes.

    Raises ValueError for a file that is cut off and for a type that torch has not.
    """
    content = path.read_bytes()
    try:
        (size,) = struct.unpack("<Q", content[:8])
        header = parsed_json(content[8 : 8 + size], "its header")
        header.pop("__metadata__", None)
        numbers = content[8 + size :]
        _check_places([each["data_offsets"] for each in header.values()], len(numbers))
        return {name: _tensor(numbers, **each) for name, each in header.items()}
    except (struct.error, ValueError, TypeError, KeyError, AttributeError, RuntimeError) as problem:
        raise ValueError(
            f"expected a whole safetensors file, got {path} with {len(content)} bytes, which "
            f"cannot be read ({problem}); copy it again"
        ) from problem


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
