"""The doors from Python: fit a network, evaluate its heatmaps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from omegaconf import OmegaConf
from torch import nn

from .. import registry
from ..datamodules import SAMPLES, EcgData, Target, cores, target_of
from ..engine import full_precision
from ..eval import Evaluation, Finding, Networks, Subject, finding_or_reason, subject_of
from ..explain import Method
from ..inputs import (
    check_differ,
    check_order,
    check_whole,
    ecgs_of,
    gathered,
    methods_of,
    own_network,
    own_of,
)
from ..models import InUnits, Start, as_network, begin, body_like
from ..report import installed_versions, own_subject
from ..store import class_at, say_once
from .networks import (
    as_it_is,
    errors_of,
    evaluations_of,
    fresh_body,
    fresh_net,
    readings_of,
    start_for,
    train,
    training_module,
    with_columns,
)


@full_precision()
def fit(  # noqa: PLR0913 - a front door: settings come by name
    ecgs: EcgData,
    model: str | nn.Module = "small",
    *,
    epochs: int = 8,  # this and the next as in configs/fit/quick.yaml
    lr: float = 4e-3,
    schedule: str = "one_cycle",
    seed: int = 0,
    permute_labels: bool = False,
    callbacks: pl.Callback | Iterable[pl.Callback] = (),
    start: nn.Module | str | Path | Start | None = None,
    body_lr: float = 1.0,
) -> nn.Module:
    """Network in evaluation mode, from ECGs in µV to the target's unit, or to logits of classes.

    `model` is a name in configs/model, or a module from (batch, 12, time) in mV to (batch,
    targets), which is fitted in place. The same settings give the same network: `seed` decides the
    first weights of a model by name, the order of the ECGs and the labels that `permute_labels`
    deals out. `schedule` is that of models.Fitting. `callbacks` are Lightning's; what they raise is
    raised here. `start` is a network, or a file with the weights of one, that the fit begins with
    (models.begin, models.start_of; of a model file for another target all but its last layer); a
    network of fit given as `model` is one too, and is left as it is; one of another target wants
    start_of(net, fresh_head=True). `body_lr` is the learning rate of all layers but the last as a
    share of `lr`; with 0 the last alone learns. A model by name takes it beside `start` alone.
    Nothing is kept on disk but prepared ECGs; save the network by torch.save(net.state_dict(), …).
    Raises ValueError for an unknown model, for one that cannot learn or does not read these ECGs,
    for other ECGs than those of load_ecgs, and where none can be used.
    """
    if not isinstance(ecgs, EcgData):
        raise ValueError(
            f"expected ECGs of load_ecgs(…), got {type(ecgs).__name__}; arrays are read from files "
            'by load_ecgs("columns", target, path=…, fs_hz=…, unit=…)'
        )
    if not isinstance(model, str):
        model = as_network(model)  # of a compiled or wrapped one the module inside
    elif body_lr != 1 and start is None:
        raise ValueError("expected start beside body_lr, got none: fresh layers must learn")
    check_whole(0, seed=seed)
    seed = int(seed)
    called = [*callbacks] if isinstance(callbacks, Iterable) else [callbacks]
    if not all(isinstance(each, pl.Callback) for each in called):
        raise ValueError(f"expected callbacks as a list of Lightning's, got {callbacks!r}")
    data = ecgs.with_seed(seed)
    data = data.with_permuted_labels() if permute_labels else data
    if isinstance(model, InUnits):
        start = model if start is None else start
        model = body_like(model, len(ecgs.target.outputs), seed)
    check_whole(int(start is None), epochs=epochs)  # -1 would never end
    epochs = int(epochs)
    body = body_of(model, ecgs, seed) if isinstance(model, str) else model
    if other := {each.dtype for each in body.parameters()} - {torch.float32}:
        raise ValueError(f"expected float32 weights, got {other.pop()}; call float() on the model")
    net = fresh_net(data, body)
    if start is not None:
        say_once(begin(net, start if isinstance(start, Start) else start_for(data.target, start)))
    module = training_module(data.target, net, lr, schedule, seed, body_lr)
    unlogged = {"logger": False, "enable_checkpointing": False, "enable_model_summary": False}
    train(module, data, partial(pl.Trainer, max_epochs=epochs, callbacks=called, **unlogged))
    return module.net.eval()


def body_of(model: str, ecgs: EcgData, seed: int) -> nn.Module:
    """A fresh network of this name; errors as in registry.settings."""
    read = {"name": ecgs.input, "samples": SAMPLES[ecgs.input]}
    own = registry.settings("model", model)
    settings = OmegaConf.create({"input": read, "target": asdict(ecgs.target), "model": own})
    plain: Any = OmegaConf.to_container(settings.model, resolve=True)
    kind = class_at(plain.pop("_target_"), "model._target_", makes=nn.Module)
    return fresh_body(plain, ecgs.target, seed, lambda own: kind(**own))


Methods = str | Sequence[str] | Mapping[str, Method]


@full_precision()
def evaluate(  # noqa: PLR0913 - a front door: settings come by name
    nets: Any,
    ecgs: EcgData | Any,
    evaluations: str | Evaluation | Sequence[str | Evaluation] = "perturbation",
    methods: Methods = "default",
    *,
    target: Target | str | None = None,
    marks: Any = None,
    n: int = 64,
    seed: int = 0,
    permuted: nn.Module | None = None,
    with_each: Mapping[str, Any] | Sequence[str] | None = None,
    workers: int = cores(),
) -> list[Finding]:
    """A finding for each evaluation, those by name first; one that does not apply has its reason.

    `nets` is a network in evaluation mode from µV to (batch, outputs), or several that differ in
    their seed. `ecgs` are those of `load_ecgs`, whose first `n` test ECGs are explained and on all
    of whose test ECGs the networks are tested; or arrays x or (x, y), or batches of them, as in
    `rank_methods`, with what the output means as `target` (or its name) and the `marks` of their
    waves, which are found unless given. `evaluations` are names in configs/evaluation, groups such
    as "all", or evaluations; `methods` as in `rank_methods`. `permuted` is a network trained on
    permuted labels (`fit(ecgs, permute_labels=True)`), which the sanity checks compare with.
    `with_each` has values that a network reads beside each ECG, as in `rank_methods`, or the names
    of columns that ECGs of `load_ecgs` have. `workers` processes make heatmaps and curves, by
    default one for each core, on Linux and a CPU; the numbers are the same. Raises ValueError for
    what does not fit.
    """
    check_whole(0, seed=seed)
    check_whole(1, n=n, workers=workers)
    n, seed = int(n), int(seed)
    means = None if target is None else target_of(target)
    chosen = methods_of(methods)
    check_order(ecgs, with_each=with_each, marks=marks)
    subject = replace(_subject(ecgs, chosen, means, marks, n, seed), workers=workers)
    asked = evaluations_of(evaluations, subject.target)
    x, known = subject.ecgs.x, isinstance(ecgs, EcgData) or target is not None

    def own(net: Any) -> nn.Module:
        values: Any = with_each  # names of columns beside arrays are refused with the reason
        if isinstance(ecgs, EcgData) and with_each is not None:
            net, values = with_columns(net, [ecgs], with_each), None
        return own_of(net, x, subject.target, values) if known else own_network(net, x, values)

    found = [own(net) for net in (nets if isinstance(nets, Sequence) else [nets])]
    alone = None if permuted is None else own(permuted)
    check_differ(found, alone)
    known_of = [_facts(net, ecgs) for net in found]
    facts, tested = [each for each, _ in known_of], [each for _, each in known_of]
    networks = Networks(found, alone, facts, tested)
    for each in asked:
        each.check_networks(networks, subject)
    return [finding_or_reason(each, networks, subject) for each in asked]


def _subject(
    ecgs: Any, methods: Mapping[str, Method], target: Target | None, marks: Any, n: int, seed: int
) -> Subject:
    if isinstance(ecgs, EcgData):
        if target is not None or marks is not None:
            what = "target" if marks is None else "marks"
            raise ValueError(f"expected no {what} beside ECGs that have their own; leave it out")
        return subject_of(ecgs, methods, n, seed, ecgs.store)
    x, y = ecgs if isinstance(ecgs, tuple) and len(ecgs) == 2 else (ecgs, None)
    index = 0 if target is None else target.index
    batch = ecgs_of(*gathered(x, y), index, marks=marks)
    return replace(own_subject(batch, methods, index, means=target), seed=seed)


def _facts(net: nn.Module, ecgs: Any) -> tuple[dict[str, Any], Mapping[str, np.ndarray]]:
    """Versions, and how well the network reads the labels where a test part is known; that part."""
    facts: dict[str, Any] = {"versions": installed_versions()}
    if isinstance(ecgs, EcgData):
        # The settings of a fit change nothing of a test.
        module = training_module(ecgs.target, as_it_is(ecgs.target, net), 1.0, "one_cycle", 0)
        ecgs.prepare_data()
        facts["fit"] = errors_of(module.eval(), ecgs)
        return facts, readings_of(module, ecgs)
    return facts, {}
