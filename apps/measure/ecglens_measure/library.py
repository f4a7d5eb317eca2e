"""The door from Python: what a network answers to known changes of ECGs."""

from collections.abc import Sequence
from typing import Any

import torch
from ecglens.datamodules import EcgData, Target, target_of
from ecglens.ecg import BEAT_LENGTH
from ecglens.engine import accelerate, full_precision
from ecglens.eval import Subject
from ecglens.inputs import check_differ, check_whole, ecgs_of, gathered, own_network
from ecglens.library import own_of
from ecglens.models import InputSpec, adapted_to
from ecglens.store import Store
from torch import nn

from .answers import Asked
from .doses import Dose, doses
from .intervals import LEAST
from .known import Known, exact_ecgs, of_array, of_data
from .measurement import Measurement, label_of
from .sheet import DataSheet

ECGS = 64  # test ECGs, as in a default run
UNNAMED = Target("output", "", "output")


def measure_network(  # noqa: PLR0913 - a front door: settings come by name
    net: Any,
    ecgs: EcgData | Any,
    spec: InputSpec | None = None,
    changes: str | Sequence[str] = "all",
    seed: int = 0,
    *,
    n: int = ECGS,
    target: Target | str | None = None,
    store: str | None = None,
) -> DataSheet:
    """Data sheet of a network: its gain, with interval, for every named change of ECGs.

    `net` is a network or several that differ in their seed; with `spec` each reads what that
    declares. `ecgs` are those of `load_ecgs`, whose first `n` test ECGs are used, or (batch, 12,
    time) in µV at 500 Hz, in which waves are found, with what the output means as `target`, or its
    name. A network of median beats is measured on exact ECGs beside them. Edits are kept in the
    store of the ECGs, or in the folder `store`. Raises ValueError for an unknown change, for ECGs
    that no change fits, for the same weights twice, and for a network that does not take the ECGs.
    """
    check_whole(1, n=n)
    check_whole(0, seed=seed)
    chosen = list(doses(changes).values())
    if isinstance(ecgs, EcgData):
        if target is not None:
            raise ValueError("expected no target beside ECGs that have one; leave it out")
        known, kept, about = of_data(ecgs, n), ecgs.store, ecgs.target
    else:
        batch = ecgs_of(*gathered(ecgs, None), 0)
        known, about = of_array(batch.x.numpy()), UNNAMED if target is None else target_of(target)
        kept = Subject(batch, {}).store if store is None else Store.at(store)
    x = torch.from_numpy(known.ecgs.x)
    several = net if isinstance(net, list | tuple) else [net]
    if not several:
        raise ValueError("expected at least one network, got none")
    adapted = [adapted_to(spec, each) for each in several]
    nets = [
        own_network(each, x) if about is UNNAMED else own_of(each, x, about) for each in adapted
    ]
    check_differ(nets, None)
    return sheet_of(nets, [known], chosen, about, kept, seed)


def sheet_of(
    nets: Sequence[nn.Module],
    known: Sequence[Known],
    chosen: Sequence[Dose],
    target: Target,
    store: Store,
    seed: int,
) -> DataSheet:
    """Data sheet of networks on one or several sets of ECGs that they take.

    Networks of median beats are measured on exact ECGs too. Raises ValueError where too few ECGs
    of a set can be given any dose, with the most frequent reason.
    """
    for each in known:
        if 0 < (patients := len({*each.patients})) < LEAST:
            raise ValueError(
                f"expected ECGs of at least {LEAST} patients, got {patients} ({each.words}): fewer "
                "have no interval; give more"
            )
    fast = [accelerate(each) for each in nets]
    beats = known[0].ecgs.x.shape[2] == BEAT_LENGTH
    exact = beats and not any(each.exact for each in known)
    every = [*known, exact_ecgs(label_of(target))] if exact else known
    found = [on_ecgs(fast, each, chosen, target, store, seed) for each in every]
    for each in found:
        if all(map(each.too_few, each.answers)):
            first = each.answers[0]
            raise ValueError(
                f"expected ECGs that can be changed, got {each.known.words} of which too few can: "
                f"{first.dose.name}: {each.too_few(first)}"
            )
    return DataSheet(tuple(found))


@full_precision()
def on_ecgs(
    nets: Sequence[nn.Module],
    known: Known,
    chosen: Sequence[Dose],
    target: Target,
    store: Store,
    seed: int = 0,
) -> Measurement:
    """Measurement of networks on these ECGs alone."""
    asked = Asked(nets, known.ecgs, store, seed)
    answers = tuple(asked.answers(chosen))
    return Measurement(target, known, asked.before, answers, asked.keys)
