"""Evaluate the heatmaps of networks, from Python."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import nn

from ..datamodules import EcgData, Target, cores
from ..eval import Evaluation, Finding, Networks, Subject, finding_or_reason, subject_of
from ..explain import Method
from ..report import (
    ecgs_of,
    gathered,
    installed_versions,
    methods_of,
    own_network,
    own_subject,
)
from .evaluations import evaluations_of
from .networks import as_it_is, errors_of, full_precision, own_of, training_module

Methods = str | Sequence[str] | Mapping[str, Method]


def evaluate(  # noqa: PLR0913 - a front door: settings come by name
    nets: Any,
    ecgs: EcgData | Any,
    evaluations: str | Evaluation | Sequence[str | Evaluation] = "perturbation",
    methods: Methods = "default",
    *,
    target: Target | None = None,
    n: int = 64,
    seed: int = 0,
    permuted: nn.Module | None = None,
    workers: int = cores(),
) -> list[Finding]:
    """A finding for each evaluation, in order; one that does not apply has its reason.

    `nets` is a network in evaluation mode from µV to (batch, outputs), or several that differ in
    their seed. `ecgs` are those of `load_ecgs`, whose first `n` test ECGs are explained and on all
    of whose test ECGs the networks are tested; or arrays x or (x, y), or batches of them, as in
    `rank_methods`, with what the output means as `target`. `evaluations` are names in
    configs/evaluation, groups such as "all", or evaluations; `methods` as in `rank_methods`.
    `permuted` is a network trained on permuted labels (`fit(ecgs, permute_labels=True)`), which
    the sanity checks compare with. `workers` processes make heatmaps and curves, by default one for
    each core, on Linux and a CPU; the numbers are the same. Raises ValueError for what does not
    fit.
    """
    full_precision()
    subject = replace(_subject(ecgs, methods_of(methods), target, n, seed), workers=workers)
    asked = evaluations_of(evaluations, subject.target)
    own = [nets] if not isinstance(nets, Sequence) else nets
    x = subject.ecgs.x
    known = isinstance(ecgs, EcgData) or target is not None
    found = [own_of(net, x, subject.target) if known else own_network(net, x) for net in own]
    networks = Networks(found, permuted, [_facts(net, ecgs) for net in found])
    for each in asked:
        each.check_networks(networks, subject)
    return [finding_or_reason(each, networks, subject) for each in asked]


def _subject(
    ecgs: Any, methods: Mapping[str, Method], target: Target | None, n: int, seed: int
) -> Subject:
    if isinstance(ecgs, EcgData):
        if target is not None:
            raise ValueError("expected no target beside ECGs that have one; leave it out")
        return subject_of(ecgs, methods, n, seed, ecgs.store)
    x, y = ecgs if isinstance(ecgs, tuple) and len(ecgs) == 2 else (ecgs, None)
    index = 0 if target is None else target.index
    subject = own_subject(ecgs_of(*gathered(x, y), index), methods, index)
    return replace(subject, target=target or subject.target, seed=seed)


def _facts(net: nn.Module, ecgs: Any) -> dict[str, Any]:
    """Versions, and how well the network reads the labels where a test part is known."""
    facts: dict[str, Any] = {"versions": installed_versions()}
    if isinstance(ecgs, EcgData):
        # The settings of a fit change nothing of a test.
        module = training_module(ecgs.target, as_it_is(ecgs.target, net), 1.0, "one_cycle", 0)
        ecgs.prepare_data()
        facts["fit"] = errors_of(module.eval(), ecgs)
    return facts
