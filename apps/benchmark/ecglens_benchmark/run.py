"""A method through the fixed suite, from Python."""

import inspect
import json
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from ecglens.datamodules import load_ecgs
from ecglens.eval import Evaluation, Finding, Networks, Subject, finding_or_reason, subject_of
from ecglens.eval.evaluations.sanity import Weights
from ecglens.explain import (
    Method,
    controls,
    find,
    find_all,
    is_method,
    methods,
    with_controls,
)
from ecglens.library import evaluations_of, fit
from ecglens.models import InUnits, SmallResNet
from ecglens.report import installed_versions, reads_as
from ecglens.store import Step, Store, class_path, own_source, sha256_of
from ecglens_metrics import Axioms, Consistency, Counterfactuals, Localisation
from torch import nn

from .cost import cost_of
from .honesty import checks
from .meta_evaluation.networks import NETWORKS
from .parts import (
    Outcome,
    axioms_outcome,
    consistency_outcome,
    contributions_outcome,
    ladder_outcome,
    localisation_outcome,
    not_tried,
    pairs_outcome,
    weights_outcomes,
)
from .planted import shortcuts_outcome
from .special_networks import Contributions, real_networks, sources
from .suite import SUITE, TIERS, Tier, sealed

FITTED = Step("benchmark", version=1)
SEED = 0
PROTOCOLS = "perturbation"  # both, which have to agree


@dataclass(frozen=True)
class Recorded:
    """Folders of the published networks' weights and of recorded ECGs (library.real_networks)."""

    networks: Path
    data: Path


def benchmark(
    method: str | Method,
    tier: str | Tier = "quick",
    name: str = "",
    store: str | Path = "store",
    recorded: Recorded | None = None,
    say: Callable[[str], object] = print,
) -> dict[str, Any]:
    """Result of a method on the suite, as card.json has it; the same call gives the same numbers.

    `method` is a name in configs/method or a Method; `tier` "quick" or "full". Everything that
    costs time is kept in `store`, so that a call that was stopped resumes. `recorded` adds
    published networks to the full tier. `say` is told of each part as it begins. Raises ValueError
    for an unknown method or tier, for a control, for a method of somebody's own under a name that
    reads as a built-in one, for settings that JSON does not have, for folders without networks and
    ECGs, and for a method that is wrong on the suite's trained network.
    """
    given = find(method) if isinstance(method, str) else method
    if not is_method(given):
        raise ValueError(
            f"expected a method of a dataclass, as find('saliency') gives, got {given!r}; write "
            "@dataclass(frozen=True) above its class (docs/extending.md)"
        )
    name = name or (method if isinstance(method, str) else type(given).__name__)
    if name in controls():
        raise ValueError(
            f"expected a method, got {name}, a control that every method is compared with; give "
            f"one of {', '.join(methods())}, package:Class, a yaml file or a file.py:Class"
        )
    known = reads_as(name)
    if known and (name != known or given != find(known)):
        raise ValueError(
            f"expected another name for {given}, got {name}, which reads as the built-in {known} "
            "with its own settings; give one with --name"
        )
    if isinstance(tier, str) and tier not in TIERS:
        raise ValueError(f"expected a tier of {', '.join(TIERS)}, got {tier!r}")
    sizes = TIERS[tier] if isinstance(tier, str) else tier
    if recorded and sizes.name != "full":
        raise ValueError(
            "expected published networks in the full tier alone, got them in the "
            f"{sizes.name} tier; add --tier full"
        )
    cited = sources(recorded.networks, recorded.data) if recorded else []
    settings, code = _plain_settings(given), code_of(given)
    run = _Run(name, versioned(given, code), sizes, Store.at(store))
    say("checks of honesty")
    honest = run.checks()
    outcomes = []
    for doing, part in run.parts():
        say(doing)
        outcomes += part()
    if recorded:
        say("published networks")
        outcomes.append(real_networks(run.methods, recorded.networks, recorded.data, run.store))
    say("cost")
    about = {
        "name": name,
        "class": class_path(type(given)),
        "version": type(given).version,
        "settings": settings,
        "facts": asdict(given.facts),
        "code": code,
    }
    return sealed(
        {
            "suite": SUITE,
            "tier": sizes.name,
            "method": about,
            "networks": run.keys,
            "outcomes": [each.plain() for each in outcomes],
            "scores": [score.plain() for each in outcomes for score in each.scores],
            "checks": [each.plain() for each in honest],
            "cost": cost_of(run.networks(sizes.targets[0]).nets[0], run.subject()).plain(),
            "versions": installed_versions(),
            "sources": cited,
        }
    )


def _plain_settings(method: Method) -> dict[str, Any]:
    """Settings of a method; ValueError before anything is computed where JSON has no such value."""
    settings = asdict(method)  # pyright: ignore[reportArgumentType]
    try:
        json.dumps(settings)
    except TypeError as problem:
        raise ValueError(
            f"expected settings of {type(method).__name__} that JSON has (numbers, text, lists), "
            f"got {', '.join(settings)}: {problem}; make anything else within the method"
        ) from problem
    return settings


def code_of(method: Method) -> str:
    """Hash of the file that the class of a method is in, and of its code where that counts too."""
    if found := own_source(type(method)):
        return "".join(found.values())
    return sha256_of(Path(inspect.getfile(type(method))))[:16]  # a method of ECGLens


def versioned(method: Method, code: str) -> Method:
    """A copy of a method of somebody's own, whose maps are kept under its code as well.

    Whoever writes a method changes it more often than its version.
    """
    if type(method).__module__.startswith("ecglens."):
        return method
    own = copy(method)
    object.__setattr__(own, "version", f"{type(method).version}, {code}")
    return own


@dataclass(frozen=True)
class _Run:
    """The parts of the suite for one method."""

    name: str
    method: Method
    tier: Tier
    store: Store

    @cached_property
    def methods(self) -> dict[str, Method]:
        return {self.name: self.method}

    def parts(self) -> Iterator[tuple[str, Callable[[], list[Outcome]]]]:
        """Names of the parts, and the functions that make them."""
        yield "exact contributions", lambda: [self._contributions()]
        yield "counterfactual pairs", lambda: [self._pairs()]
        yield "planted shortcuts", lambda: [shortcuts_outcome(self.methods, self.tier, self.store)]
        yield "null ladder", lambda: [self._ladder()]
        yield "weights and labels", self._weights
        yield "axioms", lambda: [self._axioms()]
        yield "retrained networks", lambda: [self._consistency()]
        yield "localisation", lambda: [self._localisation()]

    def checks(self) -> Any:
        every = with_controls(find_all("all"))
        return checks(self.networks(self.tier.targets[0]).nets, self.subject(), every)

    @property
    def keys(self) -> dict[str, list[str]]:
        """Keys of the fitted networks by target."""
        shape = self.subject().shape
        return {name: [*self.networks(name).keys(shape)] for name in self.tier.targets}

    def subject(self, target: str = "") -> Subject:
        """The first test ECGs of a target, by default the first one."""
        data = self._ecgs(target or self.tier.targets[0])
        found = subject_of(data, self.methods, self.tier.ecgs, SEED, self.store)
        own = found.ecgs._replace(y=found.ecgs.y.clone())  # checks change labels for a moment
        return replace(found, ecgs=own, workers=self.tier.workers or found.workers)

    def networks(self, target: str) -> Networks:
        """The networks of a target; several and one on permuted labels for the first alone."""
        first = target == self.tier.targets[0]
        seeds = range(self.tier.seeds if first else 1)
        nets = [self._network(target, seed, False) for seed in seeds]
        # A seed of its own: with the same first weights maps would agree by them.
        return Networks(nets, self._network(target, self.tier.seeds, True) if first else None)

    def _ecgs(self, target: str):
        return load_ecgs("exact", target, n=self.tier.n, store=self.store.root)

    def _network(self, target: str, seed: int, permuted: bool) -> nn.Module:
        ecgs = self._ecgs(target)
        settings = {
            "data": ecgs.settings,
            "target": ecgs.labels.settings,
            "epochs": self.tier.epochs,
            "seed": seed,
            "permuted": permuted,
        }

        def build(folder: Path) -> None:
            net = fit(ecgs, epochs=self.tier.epochs, seed=seed, permute_labels=permuted)
            torch.save(net.state_dict(), folder / "net.pt")

        folder = self.store.folder(FITTED, settings, build)
        net = InUnits(SmallResNet())
        net.load_state_dict(torch.load(folder / "net.pt", weights_only=True))
        return net.eval()

    def _found(self, evaluation: Evaluation, target: str = "") -> Finding:
        target = target or self.tier.targets[0]
        return finding_or_reason(evaluation, self.networks(target), self.subject(target))

    def _contributions(self) -> Outcome:
        found = {}
        for network in NETWORKS:
            evaluation = Contributions(network)
            given = evaluation.of(self.methods, self.tier.set_ecgs, self.store)
            found[network] = evaluation(*given)
        return contributions_outcome(found)

    def _pairs(self) -> Outcome:
        return pairs_outcome(self._found(Counterfactuals(ecgs=self.tier.ecgs)))

    def _ladder(self) -> Outcome:
        found = {
            target: [
                self._found(each, target)
                for each in evaluations_of(PROTOCOLS, self.subject(target).target)
            ]
            for target in self.tier.targets
        }
        return ladder_outcome(found, self.name)

    def _weights(self) -> list[Outcome]:
        asked = Weights(stages=self.tier.stages, copies=self.tier.copies, ecgs=self.tier.ecgs)
        return [*weights_outcomes(self._found(asked))]

    def _axioms(self) -> Outcome:
        return axioms_outcome(self._found(Axioms(ecgs=self.tier.ecgs, copies=1)))

    def _consistency(self) -> Outcome:
        if self.tier.seeds < 2:
            return not_tried("consistency", "this tier has one network")
        return consistency_outcome(self._found(Consistency()))

    def _localisation(self) -> Outcome:
        found = {}
        for target in self.tier.targets:
            about = self.subject(target).target
            region = {"edges": about.edges, "waves": about.waves, "lead": about.lead}
            found[target] = self._found(Localisation("both", **region, sign="absolute"), target)
        return localisation_outcome(found)
