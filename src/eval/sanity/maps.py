"""The whole heatmaps of one network, out of the store of the evaluations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...datamodules import Batch, Target
from ...engine import accelerate, evaluating
from ...explain import Method, lint, with_controls
from ...explain.gradient import prediction
from ...models import device_of, network_key
from ...store import Store
from ..attributions import WHOLE, attributions
from ..chunks import Keeper
from ..perturbation.donors import donors
from ..progress import bar
from ..question import CHUNK, Question, chunks_of, filled
from .estimates import Patients
from .floors import Ground


@dataclass(frozen=True)
class Setup:
    """What the networks of an experiment are asked; the controls are always added to the methods.

    `patients` names the patient of each ECG, left out where each is of another one; `background`
    are ECGs of others, for methods that compare with them. `label` says what the outputs are, None
    where nobody does; `traits` hold what is known of the people, as sex and age, NaN where it is
    not.
    """

    ecgs: Batch
    methods: Mapping[str, Method]
    store: Store
    patients: Sequence[str] = ()
    target: int = 0
    seed: int = 0
    progress: bool = True
    background: Float[Tensor, "other lead time"] | None = None
    label: Target | None = None
    traits: Mapping[str, Float[np.ndarray, " ecg"]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count, time = len(self.ecgs.record), self.ecgs.x.shape[2]
        if time > WHOLE and count > CHUNK:
            raise ValueError(
                f"expected at most {CHUNK} ECGs of more than {WHOLE} samples, as whole heatmaps "
                f"are kept of no more; got {count} of {time}: take the first {CHUNK}"
            )
        patients = tuple(self.patients or self.ecgs.record)
        if len(patients) != count:
            raise ValueError(f"expected a patient for each of {count} ECGs, got {len(patients)}")
        object.__setattr__(self, "patients", patients)

    def first(self, ecgs: int | None) -> "Setup":
        """The first ECGs alone; None for all. ValueError for less than one."""
        if ecgs is not None and ecgs < 1:
            raise ValueError(f"expected at least 1 ECG to ask of, got ecgs={ecgs}")
        x, y, segments, record = self.ecgs
        return replace(
            self,
            ecgs=Batch(x[:ecgs], y[:ecgs], segments[:ecgs], record[:ecgs]),
            patients=self.patients[:ecgs],
            traits={name: values[:ecgs] for name, values in self.traits.items()},
        )

    @property
    def every(self) -> dict[str, Method]:
        """The methods, then the controls."""
        return with_controls(self.methods)

    @property
    def ground(self) -> Ground:
        """The ECGs and the pairs of them that make the other-ECG floor."""
        others = np.array(donors(self.ecgs.record, self.patients, self.seed, 0))
        return Ground(self.ecgs.x.cpu().numpy(), self.ecgs.segments.cpu().numpy(), others)

    @property
    def resampling(self) -> Patients:
        """The patients whose resampling gives the intervals."""
        return Patients(self.patients, self.seed)


def question_of(net: nn.Module, setup: Setup) -> Question:
    """The question under which what this network says of these ECGs is kept."""
    leads, time = setup.ecgs.x.shape[1:]
    return Question(
        accelerate(net),
        network_key(net, (leads, time)),
        setup.ecgs,
        setup.target,
        setup.seed,
        background=setup.background,
    )


Heatmaps = Mapping[str, Float[np.ndarray, "ecg lead time"]]


@dataclass(frozen=True)
class Explained:
    """The maps of every method and control that is right on this network, and its outputs."""

    maps: Heatmaps
    outputs: Float[np.ndarray, " ecg"]  # in the target's unit
    left_out: Mapping[str, str]


def explained(net: nn.Module, setup: Setup, doing: str) -> Explained:
    """Explain every ECG by every method; maps that the store holds are not made again."""
    question = question_of(net, setup)
    maps, wrong, chunks = {}, {}, len(question.chunks)
    with bar(len(setup.every) * chunks, doing, setup.progress) as done:
        keeper = Keeper(setup.store, chunks, done.update)
        for name, method in setup.every.items():
            try:
                kept = attributions(question, method, 1, keeper)
            except ValueError as problem:  # the method's own check on these ECGs
                wrong[name] = str(problem)
                continue
            maps[name] = np.concatenate([kept.read(number, "maps") for number in range(chunks)])
    return Explained(maps, outputs(net, setup), wrong)


def outputs(net: nn.Module, setup: Setup) -> Float[np.ndarray, " ecg"]:
    """What the network says of each ECG, in the target's unit, however many others are asked."""
    x, found = setup.ecgs.x, []
    with torch.no_grad(), evaluating(net):
        for chunk in chunks_of(len(x)):
            said = prediction(net, x[filled(chunk)].to(device_of(net)), setup.target)
            found.append(said[: chunk.stop - chunk.start].cpu())
    return torch.cat(found).double().numpy()


def notes(nets: Mapping[str, nn.Module], setup: Setup) -> tuple[str, ...]:
    """The linter's notes on each network by name; ValueError when one may not be explained."""
    found = []
    for name, net in nets.items():
        findings = lint(net, setup.ecgs.x[:CHUNK].to(device_of(net)), setup.target)
        if findings.errors:
            raise ValueError(f"{name}: {'; '.join(findings.errors)}")
        found += [f"{name}: {note}" for note in findings.notes]
    return tuple(found)


def left_out(*found: Explained) -> tuple[str, ...]:
    """Which methods were left out and why, once each."""
    wrong = {name: why for each in reversed(found) for name, why in each.left_out.items()}
    return tuple(f"{name} was left out: {why}" for name, why in wrong.items())
