"""Networks as they are called: whole, in evaluation mode, in passes that fit into memory."""

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from itertools import zip_longest
from numbers import Integral
from typing import Any, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn


class BlackBox(nn.Module):
    """Module around a program or a function, whose operations can be neither seen nor replaced.

    With `gradient` its outputs pass gradients on to the ECGs; otherwise they are known at single
    ECGs alone. `rows` is the number of ECGs that it takes at once, where that is fixed: others are
    cut into as many, and the last ones repeated. `file` is a hash of the program's file. It has no
    weights of its own, and is in evaluation mode.
    """

    def __init__(
        self,
        call: Callable[[Tensor], Any],
        gradient: bool = False,
        rows: int | None = None,
        file: str = "",
    ) -> None:
        super().__init__()
        # In a tuple: a module inside would be registered, and its mode and hooks changed.
        self.inside, self.gradient, self.rows, self.file = (call,), gradient, rows, file
        super().train(False)

    def train(self, mode: bool = True) -> "BlackBox":
        """Itself in evaluation mode, the only one."""
        del mode
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "BlackBox":
        # A session of another runtime cannot be copied.
        return memo.setdefault(
            id(self), BlackBox(*self.inside, self.gradient, self.rows, self.file)
        )

    def forward(self, x: Float[Tensor, "batch *shape"], *more: Tensor, **others: Tensor) -> Any:
        """Outputs of the program, usually (batch, targets), on the device of x.

        Other values of each row may follow, where it takes any number of rows.
        """
        if self.gradient:
            return self._outputs(x, *more, **others)
        with torch.no_grad():
            return self._outputs(x.detach().clone(), *more, **others)  # it may write into it

    def _outputs(self, x: Float[Tensor, "batch *shape"], *more: Tensor, **others: Tensor) -> Any:
        (call,) = self.inside
        if self.rows is None or more or others:
            return call(x, *more, **others)
        parts = []
        for part in x.split(self.rows):
            missing = self.rows - len(part)
            last = part[-1:].expand(missing, *part.shape[1:])
            parts.append(_first(call(torch.cat([part, last])), len(part)))
        return _joined(parts)


def called(net: nn.Module, x: Tensor, others: Mapping[str, Tensor]) -> Any:
    """What a network returns for signals and values beside them.

    The values are given by their names where the network has arguments of these names, else in
    their order. Raises ValueError where that order gives the value of an argument to another one.
    """
    if not others:
        return net(x)
    call: Callable[..., Any] = net.inside[0] if isinstance(net, BlackBox) else net.forward
    try:
        arguments = inspect.signature(call).parameters
    except (TypeError, ValueError):  # a program
        arguments = {}
    if {*others} <= {*arguments} or any(one.kind is one.VAR_KEYWORD for one in arguments.values()):
        return net(x, **others)
    _, *after = arguments or [""]  # the ECG is the first
    if any(name in arguments and name != place for name, place in zip_longest(others, after)):
        raise ValueError(
            f"expected values named as the arguments {', '.join(after)}, got {', '.join(others)}"
        )
    return net(x, *others.values())


def column_of(output: Any, rows: int, target: int) -> Float[Tensor, " row"]:
    """Output `target`; raises ValueError unless outputs are (rows, n_targets) and it exists."""
    is_tensor = isinstance(output, Tensor)
    if not is_tensor or output.ndim != 2 or len(output) != rows:
        alone = is_tensor and output.shape == (rows,)
        raise ValueError(
            "expected an output of shape (batch, n_targets), got "
            f"{tuple(output.shape) if is_tensor else words_of(output)} for a batch of {rows}; a "
            "single value per ECG is (batch, 1): take net = "
            f"InputSpec({'' if alone else setting_of(output)}).adapt(net)"
        )
    if output.is_complex() or output.dtype == torch.bool:
        raise ValueError(
            "expected real outputs, got complex ones; return their size or their real part"
            if output.is_complex()
            else "expected real outputs, got true or false; return the number that decides it"
        )
    given: Any = target
    place = given.item() if getattr(given, "ndim", None) == 0 else given  # as of argmax()
    whole = isinstance(place, Integral) and not isinstance(place, bool)
    if not (whole and 0 <= int(place) < output.shape[1]):
        raise ValueError(f"expected a target in 0…{output.shape[1] - 1}, got {target!r}")
    return output[:, place]


def words_of(output: Any) -> str:
    """Kind of what a network returned, with the names or the number of its parts."""
    if isinstance(output, Tensor):
        return f"a tensor of shape {tuple(output.shape)}"
    kind = type(output).__name__
    if isinstance(output, Mapping):
        return f"a {kind} with {', '.join(map(repr, output))}"
    if isinstance(output, Sequence) and not hasattr(output, "_fields"):
        return f"a {kind} of {len(output)}"
    names = _tensors_in(output)
    return f"a {kind} with {', '.join(names)}" if names else f"a {kind}"


def setting_of(output: Any) -> str:
    """Settings of an InputSpec that pick one number per ECG from what a network returned."""
    if isinstance(output, Mapping):
        first = next((key for key, each in output.items() if isinstance(each, Tensor)), None)
        return "output=…" if first is None else f"output={first!r}{_after(output[first])}"
    if isinstance(output, Sequence) and not hasattr(output, "_fields"):
        return f"output=0{_after(output[0]) if len(output) else ''}"
    names = _tensors_in(output)
    if names:
        return f"output={names[0]!r}{_after(getattr(output, names[0]))}"
    return _after(output).removeprefix(", ") or "output=…"


def _after(output: Any) -> str:
    several = isinstance(output, Tensor) and output.ndim > 2
    return ", over_time='mean', column=0" if several else ""


def _tensors_in(output: Any) -> list[str]:
    """Names of the tensors that an object has, as a named tuple, a dataclass or a distribution."""
    names: Iterable[str] = getattr(output, "_fields", None) or getattr(output, "__dict__", ())
    if is_dataclass(output):
        names = (each.name for each in fields(output))
    elif isinstance(output, torch.distributions.Distribution):
        names = ("mean", *vars(output))
    public = (name for name in names if not name.startswith("_"))
    return [name for name in public if isinstance(getattr(output, name, None), Tensor)]


def has_gradient(net: nn.Module) -> bool:
    """True if no part of a network is a black box without gradients."""
    return all(each.gradient for each in net.modules() if isinstance(each, BlackBox))


def _first(outputs: Any, rows: int) -> Any:
    """The first rows of a tensor, or of each in a tuple."""
    if isinstance(outputs, (tuple, list)):
        return tuple(_first(each, rows) for each in outputs)
    return outputs[:rows]


def _joined(parts: list[Any]) -> Any:
    if isinstance(parts[0], tuple):
        return tuple(_joined(list(each)) for each in zip(*parts, strict=True))
    return torch.cat(parts)


@contextmanager
def evaluating(net: nn.Module) -> Iterator[None]:
    """Evaluation mode inside; afterwards each module is back in the mode it had."""
    training = [module for _, module in with_modes(net) if module.training]
    if training:
        net.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True


def with_modes(net: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Modules of a network by name, but for those whose mode is fixed and what is inside them."""
    fixed: set[nn.Module] = set()
    for name, module in net.named_modules():
        # Frozen (TorchScript) or exported: no mode, or one that decides nothing and cannot be set.
        if not hasattr(module, "training") or "eval" in vars(module):
            fixed |= {*module.modules()}
        if module not in fixed:
            yield name, module


Made = TypeVar("Made")

# What torch says where it raises no class of its own: on a CPU, and by the libraries of a GPU.
WORDS = (
    "you tried to allocate", "could not create a primitive", "ALLOC_FAILED", "out of memory",
)  # fmt: skip
# A GPU is full with ten times the rows of a CPU; until then a pass takes as long.
ON_GPU = 10
# Smallest share of the usual rows: a thousandth of a batch that fits nearly any network.
LEAST = 1024
# Every pass of this process has 1 / _PARTS[0] of its usual rows.
_PARTS = [1]


def fitting(rows: int, device: torch.device | None = None) -> int:
    """Rows of a pass that usually has `rows`: more on a GPU, fewer after memory has run out."""
    on_gpu = device is not None and device.type == "cuda"
    return max(1, rows * (ON_GPU if on_gpu else 1) // _PARTS[0])


def ran_out(problem: BaseException) -> bool:
    """True if an error says that memory ran out, on a CPU or a GPU."""
    known = isinstance(problem, MemoryError | torch.OutOfMemoryError)
    words = isinstance(problem, RuntimeError) and any(word in str(problem) for word in WORDS)
    return known or words


def in_memory(do: Callable[[], Made]) -> Made:
    """Result of `do`, called again with half the rows in each pass where memory runs out.

    `do` takes the number of rows from `fitting` and gives the same result each time. The process
    keeps to the smaller number, and says so once. Errors of other kinds are raised, and memory that
    is not enough for one row.
    """
    while True:
        try:
            return do()
        except Exception as problem:
            if not ran_out(problem) or _PARTS[0] >= LEAST:
                raise
        # Outside the handler, whose traceback holds the tensors of the pass.
        if _PARTS[0] == 1:
            print("memory ran out: ECGs now pass the network in smaller batches", file=sys.stderr)
        _PARTS[0] *= 2
        if torch.cuda.is_initialized():
            torch.cuda.empty_cache()


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for each operation: numbers are those of a worker, whatever the cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
