"""Networks and ECGs of the claims: trained readers, worlds drawn from a seed, and their maps."""

import copy
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from ecglens.ecg import LEADS
from ecglens.engine import sample_ids, torch_seeded
from ecglens.eval import DEFAULT, Protocol, Subject, explained
from ecglens.explain import find_all
from ecglens.models import network_key
from ecglens.store import Step, Store, fingerprint
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from ..meta_evaluation.metrics import PerturbationAuc
from ..planted import fresh, kept, learn
from ..season.hearts import Ecgs, Hearts, with_interference
from ..season.seasons import Season
from ..season.world import Sizes, World
from .rules import Claim

READERS = Step("claims_readers", version=1)
# Labels that a small reader learns from 500 exact ECGs, one after the other: R² of about 0.9.
TARGETS = ("r", "j", "qrs")
TRAINING, TESTED, EPOCHS = 500, 128, 6
LEAST_R2 = 0.7  # a reader of a value below it is not asked; one of classes is
SIGNAL, PICKUP = LEADS.index("V5"), LEADS.index("V6")  # R is measured in V5

Maps = Mapping[str, Float[np.ndarray, "ecg lead time"]]


# Suite of seasons that the networks of claims are drawn by; another one would draw others.
DRAWN = 1


def season(claim: Claim, number: int) -> Season:
    """Source of all random numbers of network `number`; claims of one seed have one source."""
    seed = hashlib.sha256(f"ecglens claims {claim.seed} {number}".encode()).hexdigest()
    return Season(f"claims-{claim.seed}-{number}", DRAWN, seed, published=True)


def world(claim: Claim, number: int, store: Store) -> World:
    """Networks set by hand with their ECGs and true maps."""
    return World(season(claim, number), store, Sizes(set_ecgs=claim.ecgs))


@dataclass(frozen=True, eq=False)
class Reader:
    """A small network that learned a target from exact ECGs; labels are in SDs.

    With `classes` it learned whether the label is above its median, as a logit. With `disturbed`,
    one lead has a disturbance that another lead holds alone.
    """

    season: Season
    number: int
    store: Store
    classes: bool = False
    disturbed: bool = False

    @property
    def target(self) -> str:
        """The label that is learned."""
        return "r" if self.disturbed else TARGETS[self.number % len(TARGETS)]

    @cached_property
    def ecgs(self) -> Ecgs:
        """ECGs to train on, then to test on, in µV."""
        found = Hearts(self.season, "readers").beats(TRAINING + TESTED)
        if self.disturbed:
            with_interference(found, SIGNAL, PICKUP, self.season.numbers("disturbance"))
        return found

    @cached_property
    def y(self) -> Float[Tensor, " ecg"]:
        """Label of each ECG, standardised on those to train on, or its class."""
        labels = torch.tensor([one.labels[self.target] for one in self.ecgs.parameters]).float()
        own = labels[:TRAINING]
        if self.classes:
            return (labels > own.median()).float()
        return (labels - own.mean()) / own.std()

    @cached_property
    def net(self) -> nn.Module:
        """The trained network."""
        return self.trained(self.ecgs.x, "own")

    def trained(
        self,
        x: Float[Tensor, "ecg lead time"],
        name: str,
        start: nn.Module | None = None,
        times: int = 1,
    ) -> nn.Module:
        """A network that learned from these ECGs, from the store where it is there.

        It begins with the same weights and meets the ECGs in the same order as every other one of
        this reader, or begins with `start`. The training ECGs come `times` times. `name` says what
        was done to the ECGs.
        """
        about = {"season": self.season.commitment, "number": self.number, "name": name}
        kind = {"classes": self.classes, "disturbed": self.disturbed, "times": times}
        learned = fingerprint({"x": sample_ids(x), "y": self.y.tolist(), "epochs": EPOCHS})
        given = {"learned": learned, "start": network_key(start) if start else ""}
        settings = {**about, **kind, **given}
        return kept(self.store, READERS, settings, fresh, lambda: self._fitted(x, start, times))

    def _fitted(self, x: Tensor, start: nn.Module | None, times: int) -> nn.Module:
        loss = functional.mse_loss
        if self.classes:
            loss = functional.binary_cross_entropy_with_logits
        with torch_seeded(self.season.number("reader", self.number)):
            net = copy.deepcopy(start).train() if start else fresh()
            learn(net, x[: times * TRAINING], self.y[:TRAINING].repeat(times), loss, EPOCHS)
        return net.eval()

    def unexplained(self, net: nn.Module, x: Float[Tensor, "ecg lead time"]) -> float:
        """Share of the label's variance that a network leaves on the test ECGs of `x`."""
        y = self.y[TRAINING:]
        with torch.no_grad():
            away = net(x[-TESTED:])[:, 0] - y
        return float((away**2).mean() / y.var())

    @property
    def reads(self) -> bool:
        """True where the network learned its label."""
        return 1 - self.unexplained(self.net, self.ecgs.x) >= LEAST_R2

    def asked(self, count: int) -> Ecgs:
        """The first test ECGs."""
        batch, marks = self.ecgs.batch, self.ecgs.batch.segments.numpy()
        own = slice(TRAINING, TRAINING + count)
        parameters = self.ecgs.parameters[own]
        x = torch.cat([batch.x[own], self.ecgs.others])
        every = np.concatenate([marks[own], self.ecgs.other_marks])
        return Ecgs.of(x, every, batch.record[own], parameters)


def maps_of(net: nn.Module, ecgs: Ecgs, names: str | Sequence[str], store: Store) -> Maps:
    """Maps by these methods and by the controls, without the methods that are wrong on it."""
    methods = find_all(names)
    subject = Subject(
        ecgs.batch, methods, background=ecgs.others, store=store, progress=False, workers=1
    )
    return explained(net, subject, "").maps


def slope(name: str) -> bool:
    """True for a method that declares its maps slopes, which the ECG multiplies."""
    return find_all([name])[name].facts.form == "slope"


def area(
    net: nn.Module, x: Tensor, maps: np.ndarray | Tensor, rules: Protocol = DEFAULT
) -> Float[np.ndarray, " ecg"]:
    """Area of the maps by a protocol, the default one of ECGLens."""
    given = torch.as_tensor(maps).float()
    return PerturbationAuc(rules)(net, x, given, 0).numpy()
