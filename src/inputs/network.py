"""A network, methods and maps that a user brings, checked before anything is computed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from itertools import combinations
from traceback import walk_tb
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..datamodules import Target
from ..engine import column_of, of_any_signal, sample_ids, words_of
from ..explain import GivenMaps, Method, check_network, controls, find_all, is_method
from ..models import WithEach, as_network, checked_others
from ..store import fingerprint
from .ecgs import numbers

# Errors of a network, or a function, on ECGs that it does not take.
COMPLAINTS = (RuntimeError, ValueError, TypeError, LookupError, AttributeError, AssertionError)


def own_network(net: Any, x: Float[Tensor, "batch lead time"], others: Any = None) -> nn.Module:
    """Network from a module, a program or a function (models.as_network) that takes these ECGs.

    With `others` it reads them beside each ECG (models.WithEach). Errors as there and in
    outputs_of.
    """
    if others is None:
        net = as_network(net, x)
    else:
        given = checked_others(others, len(x))
        net = WithEach(as_network(net, x, given), x, given)
    outputs_of(net, x)
    return net


def outputs_of(net: nn.Module, x: Float[Tensor, "batch lead time"]) -> Tensor:
    """Outputs for the first two ECGs, which are linted later.

    Raises ValueError unless the network is in evaluation mode, the weights are float32, it takes
    these ECGs, and the output is (batch, targets).
    """
    check_network(net)
    weight = next(net.parameters(), x)
    try:
        with torch.no_grad(), of_any_signal(net):  # x may be zeros of this shape
            output = net(x[:2].clone().to(weight.device))
    except COMPLAINTS as complaint:
        *_, (last, _) = walk_tb(complaint.__traceback__)
        source = str(last.f_globals.get("__name__", ""))  # exec() gives code none
        if isinstance(complaint, ValueError) and source.startswith("ecglens."):
            raise  # of a spec or of values beside the ECG: nothing that the network says
        wants = (
            f"give a network for {x.shape[1]} leads, {x.shape[2]} samples and any number of ECGs, "
            "or declare what it takes by an InputSpec (docs/own_network.md)"
        )
        if isinstance(complaint, TypeError):  # of arguments that are missing, most often
            wants += "; values that it reads beside each ECG are given by with_each={'age': …}"
        raise ValueError(
            f"expected a network that takes x of shape {tuple(x.shape)}, got its complaint "
            f"“{' '.join(str(complaint).split())}”; {wants}"
        ) from complaint
    if isinstance(output, np.ndarray):
        raise ValueError(
            f"expected a network that returns real numbers as a tensor, got {words_of(output)}; a "
            "function from arrays to arrays is given as it is, without a tensor in between"
        )
    column_of(output, len(x[:2]), 0)
    return output


def check_differ(nets: Sequence[nn.Module], permuted: nn.Module | None) -> None:
    """Raise ValueError for the same weights twice, which would be compared with themselves."""
    every = [net.state_dict() for net in (*nets, *filter(None, [permuted]))]
    for one, other in combinations(every, 2):
        if one and one.keys() == other.keys() and all(map(_equal, one.values(), other.values())):
            raise ValueError("expected networks that differ, got the same weights twice")


def _equal(one: Any, other: Any) -> bool:
    return isinstance(one, Tensor) and isinstance(other, Tensor) and torch.equal(one, other)


def own_of(
    net: Any,
    x: Float[Tensor, "batch lead time"],
    target: Target,
    others: Any = None,
    column: str = "InputSpec(column=…)",
) -> nn.Module:
    """A user's network that has an output for each label of the target, tried on these ECGs.

    `others` are read beside each ECG. Errors as in own_network; one for another number of outputs
    says where to name a `column`.
    """
    tried, labels = own_network(net, x, others), target.outputs
    output = outputs_of(tried, x)
    if output.shape[1] != len(labels):
        raise ValueError(
            f"expected a network with one output, for {labels[0]}, got {output.shape[1]} outputs; "
            f"name the one that is explained as {column}"
            if len(labels) == 1
            else f"expected a network with an output for each of {', '.join(labels)}, got "
            f"{output.shape[1]} outputs"
        )
    return tried


def methods_of(chosen: Any) -> dict[str, Method]:
    """The methods of a group, of a list of names, or those given by name.

    Raises ValueError for anything else, for no method at all, and for a setting that has no exact
    text, such as an array: maps are kept under the settings of their method.
    """
    if isinstance(chosen, Mapping):
        methods = dict(chosen)
    elif isinstance(chosen, Sequence) and all(isinstance(name, str) for name in chosen):
        methods = find_all(chosen)
    else:
        raise ValueError(
            "expected methods as a group such as 'all', as a list of names, or as a mapping from "
            f"names to methods, got {chosen!r}"
        )
    if not methods:
        raise ValueError(f"expected at least one method, got {chosen!r}; 'all' takes every one")
    for name, method in methods.items():
        if not isinstance(name, str) or not is_method(method) or name in controls():
            raise ValueError(
                "expected methods by name, not that of a control, each a frozen dataclass that is "
                f"an explain.Method, such as find('saliency') gives, got {name!r}: {method!r}"
            )
        for setting in fields(method):  # pyright: ignore[reportArgumentType]
            value = getattr(method, setting.name)
            try:
                fingerprint({setting.name: value}, asdict)
            except (TypeError, ValueError, RuntimeError) as problem:  # of a copy, in a dataclass
                why = f" ({problem})" if isinstance(problem, ValueError) else ""
                raise ValueError(
                    f"expected {setting.name} of {name!r} as numbers or texts, or lists or dicts of"
                    f" them, got {words_of(value)}{why}; maps are kept under these settings"
                ) from problem
    return methods


def methods_and_maps(
    methods: Any, maps: Any, x: Float[Tensor, "batch lead time"]
) -> dict[str, Method]:
    """The methods, and each array of `maps` as one more under its name.

    The map of the ECG at a place of `x` is at the same place. No other method is needed beside
    maps. Raises ValueError for maps of another shape than the ECGs, for NaN, for a name that
    a method or control has, and for an ECG that is twice in `x` under two maps.
    """
    if maps is None:
        return methods_of(methods)
    if not isinstance(maps, Mapping) or not maps:
        raise ValueError(
            f"expected maps by the name of their method, such as {{'mine': array}}, got {maps!r}"
        )
    nothing = isinstance(methods, Mapping | Sequence) and not len(methods)
    chosen = {} if nothing else methods_of(methods)
    for name, given in maps.items():
        if not isinstance(name, str) or name in chosen or name in controls():
            raise ValueError(
                "expected for maps the name of a method that is not ranked or a control already, "
                f"got {name!r}"
            )
        chosen[name] = GivenMaps(_by_samples(name, numbers(given, f"maps[{name!r}]"), x))
    return chosen


def _by_samples(
    name: str, given: Float[Tensor, "..."], x: Float[Tensor, "batch lead time"]
) -> dict[str, Float[Tensor, "lead time"]]:
    given = given.cpu()
    if given.shape != x.shape:
        raise ValueError(
            f"expected maps[{name!r}] of the shape of x, {tuple(x.shape)}, a map for each ECG in "
            f"its order, got {tuple(given.shape)}"
        )
    wrong = (~torch.isfinite(given)).flatten(1).any(1).nonzero().flatten().tolist()
    if wrong:
        raise ValueError(f"expected finite maps[{name!r}], got NaN or infinity in ECG {wrong[0]}")
    found: dict[str, Tensor] = {}
    for ecg, each in zip(sample_ids(x), given, strict=True):
        if not torch.equal(found.setdefault(ecg, each), each):
            raise ValueError(f"expected one map per ECG in maps[{name!r}], got two of the same ECG")
    return found
