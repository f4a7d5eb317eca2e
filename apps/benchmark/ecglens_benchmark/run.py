"""A method through the fixed suite, from Python."""

import ctypes
import gc
import inspect
import json
import time
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ecglens.datamodules import load_ecgs
from ecglens.engine import accelerate
from ecglens.eval import Evaluation, Finding, Networks, Subject, finding_or_reason, subject_of
from ecglens.eval.evaluations.sanity import Weights, passes
from ecglens.explain import (
    Inputs,
    Method,
    attribute,
    find,
    find_all,
    input_gradient,
    is_method,
    methods,
    prediction,
    with_controls,
)
from ecglens.library import evaluations_of, fit
from ecglens.models import InUnits, SmallResNet
from ecglens.report import installed_versions, reads_as
from ecglens.store import Step, Store, own_source, sha256_of
from ecglens_metrics import Axioms, Consistency, Counterfactuals, Localisation
from torch import nn

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
from .planted import kept, shortcuts_outcome
from .special_networks import Contributions, real_networks, sources
from .suite import SUITE, TIERS, Tier, identity, refuse_control, sealed

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
    if not name and isinstance(method, str):
        name = method
    elif not name:  # a built-in one has its own name
        name = next((one for one in methods() if find(one) == given), type(given).__name__)
    refuse_control(name)
    known = reads_as(name)
    if known and (name != known or given != find(known)):
        raise ValueError(
            f"expected another name for {given}, got {name}, which reads as the built-in {known} "
            "with its own settings; give one as name= or with --name"
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
    settings = identity(given)["settings"]
    try:
        json.dumps(settings)
    except TypeError as problem:
        raise ValueError(
            f"expected settings of {type(given).__name__} that JSON has (numbers, text, lists), "
            f"got {', '.join(settings)}: {problem}; make anything else within the method"
        ) from problem
    code = code_of(given)
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
    about = {"name": name, **identity(given), "facts": asdict(given.facts), "code": code}
    shape = run.subject().shape
    return sealed(
        {
            "suite": SUITE,
            "tier": sizes.name,
            "sizes": sizes.sizes,
            "method": about,
            "networks": {each: [*run.networks(each).keys(shape)] for each in sizes.targets},
            "outcomes": [each.plain() for each in outcomes],
            "scores": [asdict(score) for each in outcomes for score in each.scores],
            "checks": [each.plain() for each in honest],
            "cost": asdict(cost_of(run.networks(sizes.targets[0]).nets[0], run.subject())),
            "versions": installed_versions(),
            "sources": cited,
        }
    )


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

    @property
    def methods(self) -> dict[str, Method]:
        return {self.name: self.method}

    def parts(self) -> Iterator[tuple[str, Callable[[], list[Outcome]]]]:
        """Names of the parts, and the functions that make them."""
        ecgs, found = self.tier.ecgs, self._found
        weights = Weights(stages=self.tier.stages, copies=self.tier.copies, ecgs=ecgs)
        yield "exact contributions", lambda: [self._contributions()]
        yield "counterfactual pairs", lambda: [pairs_outcome(found(Counterfactuals(ecgs=ecgs)))]
        yield "planted shortcuts", lambda: [shortcuts_outcome(self.methods, self.tier, self.store)]
        yield "null ladder", lambda: [self._ladder()]
        yield "weights and labels", lambda: [*weights_outcomes(found(weights))]
        yield "axioms", lambda: [axioms_outcome(found(Axioms(ecgs=ecgs, copies=1)))]
        yield "retrained networks", lambda: [self._consistency()]
        yield "localisation", lambda: [self._localisation()]

    def checks(self) -> Any:
        every = with_controls(find_all("all"))
        return checks(self.networks(self.tier.targets[0]).nets, self.subject(), every)

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

        def fitted() -> nn.Module:
            return fit(ecgs, epochs=self.tier.epochs, seed=seed, permute_labels=permuted)

        return kept(self.store, FITTED, settings, lambda: InUnits(SmallResNet()), fitted)

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

    def _ladder(self) -> Outcome:
        found = {
            target: [
                self._found(each, target)
                for each in evaluations_of(PROTOCOLS, self.subject(target).target)
            ]
            for target in self.tier.targets
        }
        return ladder_outcome(found, self.name)

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


ECGS, REPEATS = 8, 7
STATUS, RESET_PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Cost:
    """Cost of a map: `passes` that the network makes for one ECG, trial passes included.

    `of_passes` and `of_gradients` are CPU time as a multiple of an output and of a gradient of the
    same ECGs, the smallest of interleaved repeats. `memory_mb` is the growth of the process while
    ECGS maps are made, None where Linux does not tell.
    """

    passes: int
    of_passes: float
    of_gradients: float
    memory_mb: float | None


def cost_of(net: nn.Module, subject: Subject) -> Cost:
    """Cost of the one method of `subject` on its first ECGs; the ratios hold on any machine."""
    (method,) = subject.methods.values()
    few, fast = subject.first(min(ECGS, len(subject.records))), accelerate(net)
    x, _, segments, record = few.ecgs
    inputs = Inputs(record, segments, few.background, few.fs)

    def explain() -> None:
        attribute(method, fast, x, few.output, few.seed, inputs)

    def predict() -> None:
        with torch.no_grad():
            prediction(fast, x, few.output)

    def differentiate() -> None:
        input_gradient(fast, x, few.output)

    explain()  # what is loaded and compiled once
    memory = _memory_mb(explain)
    seconds = np.array(
        [[_cpu_s(each) for each in (explain, predict, differentiate)] for _ in range(REPEATS)]
    )
    own, output, gradient = seconds.min(0)  # other processes only add to it
    of_passes, of_gradients = (round(float(own / each), 1) for each in (output, gradient))
    return Cost(passes(fast, method, few), of_passes, of_gradients, memory)


def _cpu_s(do: Callable[[], None]) -> float:
    start = time.process_time()
    do()
    return time.process_time() - start


def _memory_mb(do: Callable[[], None]) -> float | None:
    gc.collect()
    try:
        # Memory that was freed before and would be used again is given back first.
        ctypes.CDLL(None).malloc_trim(0)
        RESET_PEAK.write_text("5")
    except (AttributeError, OSError):
        return None
    before = _kilobytes("VmRSS")
    do()
    return round((_kilobytes("VmHWM") - before) * 1024 / 1e6, 1)


def _kilobytes(name: str) -> int:
    (line,) = [line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:")]
    return int(line.split()[1])
