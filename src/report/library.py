"""Rank methods on a network of one's own, from Python.

This file loads with torch alone; what ranks is loaded by the call, what draws by `save` and `plot`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Int8, Real
from torch import Tensor, nn

from ..datamodules import cores
from ..ecg import FS_HZ
from ..engine import full_precision
from ..explain import Method
from ..models import InputSpec, adapted_to
from ..store import Store

if TYPE_CHECKING:
    from ..datamodules import Target
    from .ranked import RankedNetwork


@full_precision()
def rank_methods(  # noqa: PLR0913 - the front door: what a network wants comes by name
    net: nn.Module | Sequence[nn.Module] | Callable[[Any], Any],
    x: Real[np.ndarray | Tensor, "batch lead time"] | Iterable[Any],
    y: Real[np.ndarray | Tensor, "..."] | None = None,
    target: "int | str | Target" = 0,
    methods: str | Sequence[str] | Mapping[str, Method] = "all",
    background: Real[np.ndarray | Tensor, "other lead time"] | None = None,
    *,
    spec: InputSpec | None = None,
    fs: float = FS_HZ,
    maps: Mapping[str, Real[np.ndarray | Tensor, "batch lead time"]] | None = None,
    permuted: nn.Module | None = None,
    marks: Int8[np.ndarray | Tensor, "batch time"] | None = None,
    with_each: Any = None,
    workers: int = cores(),
    store: str | Path | None = None,
) -> "RankedNetwork":
    """Ranking of attribution methods and controls on output `target` of `net`.

    `x` are at least 2 ECGs in µV at `fs` Hz, 12 leads in the order of ecg.LEADS; in strips a step
    disturbs the same point of all beats. It may be a DataLoader or another iterable of batches, x
    or (x, y), of more ECGs than memory holds: a temporary file keeps them. `net` maps them to
    (batch, targets) and is in evaluation mode; with `spec` it maps what that declares, and may be a
    list of networks, whose outputs are averaged. `with_each` has values that it reads beside each
    ECG by name, such as {"age": ages}, in the order of `x`: copies of an ECG keep them
    (models.WithEach). A function (models.as_network) is ranked by the methods that need no more.
    `y` are labels: one per ECG, or one per ECG and output; with them the page shows the error
    against them as a second view, and the answer asks whether the network reads them: as numbers,
    as a class by a target of kind "binary". A `target` by its name in configs/target, such as "pr",
    or a datamodules.Target says what the one output of the network means and where in the beat it
    is measured: maps are compared with random numbers there (level 2). A number does not say it,
    and there is no level 2. `marks` are masks of the waves as of ecg.segment_mask; without, they
    are found in strips and in beats of 600 samples at 500 Hz, and cautions name ECGs that have
    none. `methods` is a group ("all", "default", "storas2025"), names, or methods by name; those
    that compare with the ECGs of others need some of the training part as `background`. `maps` are
    heatmaps that were computed elsewhere by the name of their method, in the shape and order of
    `x`; methods=[] ranks them alone. Weights of the network are redrawn to test whether maps of
    networks without them score as well; for a program or a function its input is moved instead.
    `permuted` is the same network trained on permuted labels, for the same test. Neither is
    possible for `maps`. The return test asks of `maps` and of one method whether they are about
    their own ECG (evaluate asks it of all). `workers` processes make heatmaps and curves, by
    default one for each core, on Linux and a CPU; the numbers are the same. With the folder of a
    `store`, what is finished is kept there, and the same call after a stop goes on from it to the
    same numbers; without, nothing is kept. A log gets a line a minute, a terminal bars. For other
    seeds and protocols see eval.Perturbation. ECGs in mV or without a unit are refused, since a
    network that wants them reads others: a winner on them would be chance. The score is the default
    protocol alone; the commands ask a second one, which has to agree. Raises ValueError for
    anything else, for NaN, for flat ECGs, and for a network that does not take the ECGs or cannot
    be explained.
    """
    from ..datamodules import Target, target_of
    from ..eval import Networks, Perturbation, ReturnTest, finding_or_reason, rank
    from ..inputs import (
        check_differ,
        check_order,
        check_whole,
        ecgs_of,
        gathered,
        methods_and_maps,
        own_network,
        own_of,
    )
    from .ranked import LEARNED, RankedNetwork, own_subject, returned_by

    check_whole(1, workers=workers)
    named = isinstance(target, str | Target)
    means = target_of(target) if named else None
    index = target_of(target).index if named else target
    check_order(x, with_each=with_each, maps=maps, marks=marks)
    ecgs = ecgs_of(*gathered(x, y), index, fs, marks)
    chosen = methods_and_maps(methods, maps, ecgs.x)

    def adapted(own: Any) -> nn.Module:  # the spec refuses what it cannot stand before
        given = adapted_to(spec, own, float(fs))
        if means is None:
            return own_network(given, ecgs.x, with_each)
        return own_of(given, ecgs.x, means, with_each)

    own, alone = adapted(net), None if permuted is None else adapted(permuted)
    check_differ([own], alone)
    networks = Networks([own], alone)
    subject = replace(own_subject(ecgs, chosen, index, background, fs, means), workers=workers)
    if store is not None:
        subject = replace(subject, store=Store.at(store))
    finding = Perturbation()(networks, subject)
    learned = finding_or_reason(LEARNED, networks, subject)
    returned = finding_or_reason(ReturnTest(returned_by(chosen)), networks, subject)
    return RankedNetwork(finding, learned, returned, rank(finding))
