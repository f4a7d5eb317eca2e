"""Maps and outputs of a network on the ECGs of a subject, with what the linter found."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor, nn

from ...engine import (
    ROWS,
    evaluating,
    fitting,
    in_memory,
    keeps_statistics,
    reads_by_name,
    sample_ids,
    unperturbed,
)
from ...explain import Method, left_out_notes, lint, methods, prediction
from ...models import device_of, network_key
from ...progress import progress_bar
from ...store import Step, Store
from ..chunks import Keeper
from ..precompute import ChunkTask, Piece
from ..subject import Subject
from .attributions import WHOLE, kept_attributions
from .probe import CHUNK, chunks_of, filled, probe_of

FEW = 5  # ECGs that an error names

# Heatmaps of one method, and of several by their names.
Maps = Float[np.ndarray, "ecg lead time"]
Heatmaps = Mapping[str, Maps]


def predictions(
    net: nn.Module, copies: Float[Tensor, "copy lead time"], target: int, name: str = "one of them"
) -> Float64[np.ndarray, " copy"]:
    """Output for each copy of one ECG; a pass has copies of this ECG alone.

    Raises ValueError with the name of the ECG for an output that is not finite.
    """

    def passed() -> Tensor:
        parts = copies.to(device_of(net)).split(fitting(ROWS))
        # Copies, because a network may write into its input.
        return torch.cat([prediction(net, part.clone(), target).cpu() for part in parts])

    with torch.no_grad(), evaluating(net):
        found = in_memory(passed)
    check_finite(found[None], [name])
    return found.double().numpy()


def check_finite(
    outputs: Float[Tensor, "ecg *copy"] | Float[np.ndarray, " ecg"], names: Sequence[str]
) -> None:
    """Raise ValueError with the names of ECGs that have an output which is NaN or infinite."""
    finite = torch.as_tensor(outputs).isfinite().reshape(len(names), -1).all(1)
    if wrong := [name for name, each in zip(names, finite, strict=True) if not each]:
        more = f" and {len(wrong) - FEW} more" if len(wrong) > FEW else ""
        raise ValueError(
            "expected finite outputs for all ECGs and their perturbed copies, got NaN or infinity "
            f"for {', '.join(wrong[:FEW])}{more}; leave these ECGs out, or mend the network"
        )


LINTED = Step("linted", version=3)
FILE = "findings.json"


@dataclass(frozen=True)
class Linted:
    """Errors that forbid every explanation, and notes for the reader of the maps.

    `gradients` is an error that forbids methods which need the gradient, "" for none.
    """

    errors: tuple[str, ...]
    notes: tuple[str, ...]
    gradients: str = ""


def linted(net: nn.Module, subject: Subject) -> Linted:
    """Findings on the first ECGs of the subject; see `linted_ecgs`.

    Where values are known of the ECGs alone that copies were made of, these are linted.
    """
    x, own = subject.ecgs.x, subject.unperturbed
    x = (own if own is not None and reads_by_name(net) else x)[:CHUNK]
    return linted_ecgs(net, x, subject.output, subject.store, subject.background)


def explainable(net: nn.Module, subject: Subject) -> Linted:
    """Findings as of `linted`; ValueError where nothing may be explained."""
    found = linted(net, subject)
    if found.errors:
        raise ValueError("; ".join(found.errors))
    return found


def linted_ecgs(
    net: nn.Module,
    x: Float[Tensor, "ecg lead time"],
    target: int,
    store: Store,
    others: Float[Tensor, "other lead time"] | None = None,
) -> Linted:
    """Findings of explain.lint; those in the store are not made again. Errors as there."""
    settings = {
        "network": network_key(net, (x.shape[1], x.shape[2])),
        "target": target,
        "x": sample_ids(x),
        "background": () if others is None else sample_ids(others),
        "methods": methods(),  # a note names those that are wrong
    }

    def build(part: Path) -> None:
        found = lint(net, x.to(device_of(net)), target, others)
        gradients = "; ".join(found.errors) if found.outputs_hold else ""
        errors = () if found.outputs_hold else found.errors
        kept = {"errors": errors, "notes": found.notes, "gradients": gradients}
        (part / FILE).write_text(json.dumps(kept), encoding="utf-8")

    folder = store.folder(LINTED, settings, build)
    kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return Linted(tuple(kept["errors"]), tuple(kept["notes"]), kept["gradients"])


def suited(nets: Iterable[nn.Module], subject: Subject) -> Subject:
    """The subject without the methods that need the gradient, where a network has none to trust."""
    needing = [name for name, each in subject.methods.items() if each.facts.needs_gradient]
    if not needing:
        return subject
    why = next(filter(None, (linted(net, subject).gradients for net in nets)), "")
    return subject.without(dict.fromkeys(needing, why)) if why else subject


# Largest difference between maps that differ by rounding alone, as a share of an ECG's largest
# value: 1e-7 per operation in float32, through a deep network.
ROUNDING = 1e-4


def same_maps(maps: Heatmaps, controls: Collection[str] = ()) -> tuple[str, ...]:
    """A note for each group of methods whose maps are equal, to rounding, in every ECG.

    A group of `controls` alone is none.
    """
    groups: list[list[str]] = []
    for name, each in maps.items():
        group = next((one for one in groups if _equal(maps[one[0]], each)), None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    return tuple(
        f"{', '.join(group[:-1])} and {group[-1]} give the same maps on this network, to rounding: "
        "they are one method here, not several that agree"
        for group in groups
        if len(group) > 1 and not {*group} <= {*controls}
    )


def _equal(one: Maps, other: Maps) -> bool:
    largest = np.maximum(abs(one), abs(other)).max((1, 2))
    return bool((abs(one - other).max((1, 2)) <= ROUNDING * largest).all())


@dataclass(frozen=True)
class Explained:
    """The maps of every method and control that is right on this network, and its outputs."""

    maps: Heatmaps
    outputs: Float[np.ndarray, " ecg"]  # in the target's unit
    left_out: Mapping[str, str]


def explained(net: nn.Module, subject: Subject, doing: str) -> Explained:
    """The maps of every ECG by every method; those in the store are not made again.

    `doing` is the text of the progress bar. Raises ValueError for more strips than whole heatmaps
    are kept of.
    """
    _check_whole(subject)
    probe = probe_of(net, subject)
    methods, chunks = subject.every_method, len(probe.chunks)
    maps, wrong = {}, {}
    with progress_bar(len(methods) * chunks, doing, subject.progress) as done:
        keeper = Keeper(subject.store, chunks, done.update)
        for name, method in methods.items():
            try:
                kept = kept_attributions(probe, method, 1, keeper)
            except ValueError as problem:  # the method's own check on these ECGs
                wrong[name] = str(problem)
                continue
            maps[name] = kept.all("maps")
    return Explained(maps, outputs(net, subject), {**subject.left_out, **wrong})


def map_pieces(net: nn.Module, subject: Subject) -> list[Piece]:
    """The work of `explained`, method by method; errors as there and as of `explainable`."""
    _check_whole(subject)
    explainable(net, subject)
    probe = probe_of(net, subject)

    def piece(method: Method) -> Piece:
        return Piece(len(probe.chunks), lambda: partial(kept_attributions, probe, method, 1))

    return [piece(method) for method in subject.every_method.values()]


def map_piece(net: Callable[[], nn.Module], subject: Subject) -> Piece:
    """The work of `explained` by all methods, on a network that is made when it is needed."""

    def begin() -> ChunkTask:
        probe = probe_of(net(), subject)

        def do(keeper: Keeper) -> None:
            for method in subject.every_method.values():
                with suppress(ValueError):  # the method is left out
                    kept_attributions(probe, method, 1, keeper)

        return do

    return Piece(len(chunks_of(len(subject.records))), begin)


def _check_whole(subject: Subject) -> None:
    count, time = len(subject.records), subject.shape[1]
    if time > WHOLE and count > CHUNK:
        raise ValueError(
            f"expected at most {CHUNK} ECGs of more than {WHOLE} samples, as whole heatmaps "
            f"are kept of no more; got {count} of {time}: take the first {CHUNK}"
        )


def outputs(net: nn.Module, subject: Subject) -> Float[np.ndarray, " ecg"]:
    """The output for each ECG in the target's unit, independent of the number of ECGs.

    Raises ValueError with the names of ECGs whose output is not finite.
    """
    x, device, each = subject.ecgs.x, device_of(net), []
    own = x if subject.unperturbed is None else subject.unperturbed
    if reads_by_name(net) or (own is not x and keeps_statistics(net)):
        # A perturbed copy is normalised as the ECG that it is a copy of.
        for copy, one in zip(x.to(device), own.to(device), strict=True):
            with unperturbed(net, one):
                each.append(predictions(net, copy[None], subject.output))
        found = np.concatenate(each)
    else:
        with torch.no_grad(), evaluating(net):
            for chunk in chunks_of(len(x)):
                read = prediction(net, x[filled(chunk)].to(device), subject.output)
                each.append(read[: chunk.stop - chunk.start].cpu())
        found = torch.cat(each).double().numpy()
    check_finite(found, [subject.named(ecg) for ecg in range(len(found))])
    return found


def linter_notes(nets: Mapping[str, nn.Module], subject: Subject) -> tuple[str, ...]:
    """The linter's notes on each network by name; ValueError when one may not be explained."""
    found = []
    for name, net in nets.items():
        findings = linted(net, subject)
        if findings.errors:
            raise ValueError(f"{name}: {'; '.join(findings.errors)}")
        found += [f"{name}: {note}" for note in findings.notes]
    return tuple(found)


def left_out(*found: Explained) -> tuple[str, ...]:
    """The methods that were left out and why, once each."""
    wrong = {name: why for each in reversed(found) for name, why in each.left_out.items()}
    return left_out_notes(wrong)
