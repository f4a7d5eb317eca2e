"""Networks from what a user has: modules, functions, TorchScript, torch.export and ONNX."""

import warnings
import zipfile
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..engine import BlackBox, called
from ..extras import extra
from ..store import sha256_of

# Types of ONNX that a network can read.
NUMBERS = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}


def load_program(path: str | Path) -> nn.Module:
    """Network from a file of torch.jit.save, torch.export.save or ONNX, on the CPU.

    TorchScript and torch.export pass gradients on; ONNX is run by onnxruntime and does not. In all
    of them layers can be neither seen nor replaced: methods that need this are left out. A program
    is code: open those alone that you trust. Raises ValueError for another file, ImportError
    without onnxruntime for ONNX, OSError for a file that cannot be opened.
    """
    path = Path(path).expanduser()
    file = sha256_of(path)  # a missing file is told as such, by its path
    names = zipfile.ZipFile(path).namelist() if zipfile.is_zipfile(path) else []
    inside = {name.partition("/")[2] for name in names}
    if path.suffix == ".onnx":
        network = _onnx(path)
    elif "constants.pkl" in inside and any(name.startswith("code/") for name in inside):
        network = _script(path)
    elif "archive_format" in inside:
        network = exported_network(torch.export.load(path))
    else:
        raise ValueError(
            f"expected a program of torch.jit.save, torch.export.save or ONNX, got {path}; weights "
            "without a program are read by load_weights, into a network"
        )
    network.file = file
    return network


def exported_network(program: "torch.export.ExportedProgram") -> BlackBox:
    """Network around a program of torch.export, of any batch size."""
    given = program.graph_signature.user_inputs
    placeholders = [node for node in program.graph.nodes if node.op == "placeholder"]
    shapes = [node.meta["val"].shape for node in placeholders if node.name in given]
    rows = shapes[0][0] if shapes else None
    return BlackBox(program.module(), gradient=True, rows=rows if isinstance(rows, int) else None)


def _script(path: Path) -> BlackBox:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of TorchScript as a whole
        script = torch.jit.load(path, map_location="cpu")
    # A frozen program has no mode any more.
    if getattr(script, "training", False):
        raise ValueError(
            f"expected a program in evaluation mode, got {path} in training mode; call eval() "
            "before it is saved"
        )
    return BlackBox(script, gradient=True)


def _onnx(path: Path) -> BlackBox:
    with extra("onnx"):
        import onnxruntime

    session: Any = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    inputs = session.get_inputs()
    if len(inputs) != 1 or inputs[0].type not in NUMBERS:
        raise ValueError(
            f"expected ONNX with one input of numbers, got {path} with "
            f"{', '.join(f'{each.name} {each.type}' for each in inputs)}"
        )
    name, dtype, first = inputs[0].name, NUMBERS[inputs[0].type], inputs[0].shape[0]

    def run(x: np.ndarray) -> Any:
        found = session.run(None, {name: x.astype(dtype)})
        return found[0] if len(found) == 1 else found

    return BlackBox(on_arrays(run), rows=first if isinstance(first, int) else None)


def on_arrays(predict: Callable[..., Any]) -> Callable[..., Any]:
    """Function of tensors from one of float32 arrays; its outputs are float32 tensors."""

    @wraps(predict, assigned=(), updated=())  # keeps its arguments' names
    def call(x: Tensor, *more: Tensor, **others: Tensor) -> Any:
        given = (each.detach().cpu().numpy() for each in (x, *more))
        named = {name: each.detach().cpu().numpy() for name, each in others.items()}
        return _tensors(predict(*given, **named), x.device)

    return call


def _tensors(found: Any, device: torch.device) -> Any:
    if isinstance(found, (tuple, list)) and any(isinstance(each, np.ndarray) for each in found):
        return tuple(_tensors(each, device) for each in found)
    return torch.as_tensor(np.asarray(found), dtype=torch.float32, device=device)


def as_network(
    net: Any,
    x: Float[Tensor, "batch lead time"] | None = None,
    others: Mapping[str, Tensor] = MappingProxyType({}),
) -> nn.Module:
    """Network that methods can work on, with the weights of `net`.

    A module of torch is itself; one that is compiled, or spread over devices, is the module inside.
    A function is a black box: it gets float32 arrays of numpy and has no gradients, unless it turns
    out on the ECGs `x`, and on `others` that it reads beside them, that it wants tensors, and
    passes gradients on. Raises ValueError for what is no network.
    """
    while isinstance(net, nn.Module) and isinstance(inside := _inside(net), nn.Module):
        net = inside
    if isinstance(net, nn.Module):
        return net
    if isinstance(net, torch.export.ExportedProgram):
        return exported_network(net)
    if not callable(net) or isinstance(net, type):
        raise ValueError(
            "expected a torch.nn.Module, or a function, from ECGs in µV to "
            f"(batch, targets), got {getattr(net, '__name__', type(net).__name__)}"
        )
    return BlackBox(on_arrays(net)) if x is None else _of_function(net, x, others)


def _inside(net: nn.Module) -> Any:
    """Module that torch.compile or a parallel strategy was given."""
    parallel = isinstance(net, (nn.DataParallel, nn.parallel.DistributedDataParallel))
    return net.module if parallel else getattr(net, "_orig_mod", None)


def _of_function(
    function: Callable[..., Any], x: Float[Tensor, "batch lead time"], others: Mapping[str, Tensor]
) -> BlackBox:
    few = {name: each[:2].clone() for name, each in others.items()}
    with torch.enable_grad():
        given = x[:2].detach().clone().requires_grad_()
        tried = _tried(BlackBox(function, gradient=True), given, few)
    if isinstance(tried, Tensor):
        return BlackBox(function, gradient=tried.requires_grad)
    of_arrays = BlackBox(on_arrays(function))
    if _tried(of_arrays, x[:2], few) is not None:
        return of_arrays
    return BlackBox(function)


def _tried(box: BlackBox, x: Tensor, others: Mapping[str, Tensor]) -> Any:
    """Output of a function; None where it does not take this."""
    try:
        return called(box, x, others)
    except Exception:  # noqa: BLE001 - a function that is not known fails as it likes
        return None
