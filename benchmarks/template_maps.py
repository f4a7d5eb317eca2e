"""Planted maps for trying gates and answers: templates, and contributions from the mean ECG.

Each is a method of this project, so that a gate sees nothing but its maps.
"""

from dataclasses import InitVar, dataclass, field, replace

import torch
from ecglens.datamodules import Batch
from ecglens.ecg import BIT, FS_HZ, LEADS
from ecglens.engine import generator, sample_ids
from ecglens.eval.heatmaps.folding import beat_marks, laid_by_waves
from ecglens.explain import Context, Facts, Method, input_gradient
from ecglens.models import network_key
from ecglens.store import fingerprint
from ecglens_benchmark.meta_evaluation import truth_from_mean
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional


def planted(read: Facts) -> Facts:
    """Facts of a map without a unit that reads marks and other ECGs where another one does."""
    return Facts(
        baseline="others" if read.needs_background else "none",
        uses_segments=read.uses_segments,
        needs_background=read.needs_background,
        any_network=True,
    )


@dataclass(frozen=True)
class SmoothedAbsX(Method):
    """|x| as a moving mean over `width` samples of each lead: near |x|, and no copy of it."""

    width: int = 11  # 22 ms

    @property
    def facts(self) -> Facts:
        """Facts of a planted map."""
        return Facts(any_network=True)

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map."""
        return functional.avg_pool1d(x.abs(), self.width, 1, self.width // 2)


@dataclass(frozen=True)
class MeanMap(Method):
    """The mean |gradient| of the network over ECGs of others, the same for every ECG."""

    @property
    def facts(self) -> Facts:
        """Facts of a planted map."""
        return Facts(baseline="others", needs_background=True, any_network=True)

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map."""
        mean = input_gradient(net, context.background, target).abs().mean(0)
        return mean.expand_as(x).clone()


@dataclass(frozen=True)
class FromTheMean(Method):
    """Contributions of a network of one output against the mean ECG of others."""

    steps: int = 32

    @property
    def facts(self) -> Facts:
        """Facts of contributions from the background's mean."""
        return Facts(
            unit="target",
            baseline="others",
            form="product",
            needs_background=True,
            any_network=True,
            gradients=self.steps,
        )

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """Aumann–Shapley shares from the background's mean."""
        with torch.enable_grad():
            return truth_from_mean(net, x, context.background.mean(0), self.steps)


@dataclass(frozen=True)
class FirstLayerEdges(Method):
    """Σ |x ∗ k| in each lead over the kernels k of the network's first convolution."""

    @property
    def facts(self) -> Facts:
        """Facts of a planted map."""
        return Facts(any_network=True)

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map."""
        first = next((layer for layer in net.modules() if isinstance(layer, nn.Conv1d)), None)
        if first is None:
            raise ValueError("expected a network with a Conv1d for its first layer's edges")
        channels, leads, width = first.weight.shape
        # Each lead by its own kernels: (lead × channel, 1, width).
        kernels = first.weight.detach().transpose(0, 1).reshape(-1, 1, width)
        padded = functional.pad(x, (width // 2, (width - 1) // 2))
        found = functional.conv1d(padded, kernels.to(x), groups=leads)
        return found.unflatten(1, (leads, channels)).abs().sum(2)


@dataclass(frozen=True)
class OfOneNetwork(Method):
    """A method's maps of one network, whatever network is explained."""

    method: Method
    net: InitVar[nn.Module]
    key: str = field(init=False)  # tells the maps of two networks apart in the store

    def __post_init__(self, net: nn.Module) -> None:
        name = f"{type(self.method).__name__} {network_key(net, (12, 600))}"
        object.__setattr__(self, "key", name)
        object.__setattr__(self, "_net", net)

    @property
    def facts(self) -> Facts:
        """Facts of a planted map, which reads what the method reads."""
        return planted(self.method.facts)

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map."""
        own: nn.Module = self._net  # pyright: ignore[reportAttributeAccessIssue]
        with torch.enable_grad():
            return self.method(own, x, target, context)


@dataclass(frozen=True)
class Wave(Method):
    """1 within a wave of one lead, 0 elsewhere: the place where a target lives."""

    wave: str = "T"
    lead: int = LEADS.index("V5")

    @property
    def facts(self) -> Facts:
        """Facts of a planted map."""
        return Facts(uses_segments=True, any_network=True)

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map."""
        found = torch.zeros_like(x)
        found[:, self.lead] = ((context.segments & BIT[self.wave]) != 0).to(x)
        return found


@dataclass(frozen=True)
class Mottled(Method):
    """A template times noise from point to point that is another for each network and ECG.

    It depends on the weights as a map should, and shows nothing of what they do.
    """

    template: Method
    name: str  # of the template, which tells two of them apart in the store

    @property
    def facts(self) -> Facts:
        """Facts of a planted map, which reads what the template reads."""
        return planted(self.template.facts)

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map."""
        key = network_key(net, (x.shape[1], x.shape[2]))
        drawn = [
            torch.empty(x.shape[1:]).exponential_(generator=generator(0, "mottled", key, record))
            for record in sample_ids(x)
        ]
        return self.template(net, x, target, context) * torch.stack(drawn).to(x)


@dataclass(frozen=True)
class OtherEcg(Method):
    """|gradient| of the network at the ECG of another, drawn for each ECG among the background."""

    @property
    def facts(self) -> Facts:
        """Facts of a planted map."""
        return Facts(baseline="others", needs_background=True, any_network=True)

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map."""
        others = context.background
        drawn = [
            int(torch.randint(len(others), (), generator=generator(0, "other", record)))
            for record in sample_ids(x)
        ]
        return input_gradient(net, others[drawn], target).abs()


@dataclass(frozen=True)
class Warped(Method):
    """Contributions to the network at the ECG of another patient, laid on this ECG's waves.

    The other is drawn for each ECG among `pool`; contributions are against the background's mean.
    """

    pool: InitVar[Batch]
    key: str = field(init=False)  # tells two pools apart in the store
    steps: int = 32

    def __post_init__(self, pool: Batch) -> None:
        object.__setattr__(self, "key", fingerprint({"x": sample_ids(pool.x)}))
        object.__setattr__(self, "_pool", pool)

    @property
    def facts(self) -> Facts:
        """Facts of contributions from the background's mean, with wave marks."""
        return replace(FromTheMean(self.steps).facts, uses_segments=True)

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map."""
        pool: Batch = self._pool  # pyright: ignore[reportAttributeAccessIssue]
        drawn = [
            int(torch.randint(len(pool.x), (), generator=generator(0, "warped", record)))
            for record in sample_ids(x)
        ]
        with torch.enable_grad():
            maps = truth_from_mean(net, pool.x[drawn], context.background.mean(0), self.steps)
        pairs = zip(context.segments.cpu(), pool.segments[drawn], strict=True)
        length = x.shape[2]
        laid = [laid_by_waves(beat_marks(here), beat_marks(there), length) for here, there in pairs]
        return torch.stack([one[:, places] for one, places in zip(maps, laid, strict=True)])


@dataclass(frozen=True)
class OnsetBump(Method):
    """A bump `after_ms` after the onset of a wave in some leads, and noise by network elsewhere.

    It knows the wave marks and a hash of the weights. `width_ms` is the bump's SD. With `times` it
    is multiplied by |x|, by |x − the mean of other ECGs| or by |dx/dt|.
    """

    wave: str = "P"
    after_ms: float = 20.0
    width_ms: float = 8.0
    leads: tuple[str, ...] = ("I", "II", "aVR", "aVF")
    times: str = "1"
    noise: bool = True

    @property
    def facts(self) -> Facts:
        """Facts of a planted map."""
        return Facts(uses_segments=True, any_network=True)

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map."""
        there = (context.segments & BIT[self.wave]) != 0
        onset = there.int().argmax(1) + self.after_ms * FS_HZ / 1e3
        away = (torch.arange(x.shape[2]) - onset[:, None]) / (self.width_ms * FS_HZ / 1e3)
        bump = torch.exp(-(away**2) / 2) * there.any(1, keepdim=True)
        found = torch.zeros_like(x)
        found[:, [LEADS.index(lead) for lead in self.leads]] = bump[:, None].to(x)
        if self.times == "|x|":
            found = found * x.abs()
        elif self.times == "|dx/dt|":
            found = found * torch.gradient(x, dim=2)[0].abs()
        key = network_key(net, (x.shape[1], x.shape[2])) if self.noise else ""
        drawn = [
            torch.rand(x.shape[1:], generator=generator(0, "bump", key, record))
            for record in sample_ids(x)
        ]
        return found + 1e-3 * found.amax((1, 2), keepdim=True) * torch.stack(drawn).to(x)
