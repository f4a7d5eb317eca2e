"""Methods that cheat: eight that were found to work in a suite of one process, and eleven more.

The eleven were written before any was run. `HONEST` names the honest map that a cheat contains.
"""

import gc
import glob
import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from ecglens.explain import Facts, Method
from torch import nn

HONEST = {
    "HonestWhenChecked": "InputXGradient",
    "BatchMean": "InputXGradient",
    "ByPosition": "InputXGradient",
    "MostlyDerivative": "InputXGradient",
    "HonestAtFirst": "InputXGradient",
    "Dispatcher": "InputXGradient",
    "HonestOnTheMean": "Saliency",
    "NoiseByWeights": "Absolute",
    "NoiseByOutputs": "Absolute",
}


def derivative(x):
    """|dx/dt|."""
    return torch.diff(x, dim=2, prepend=x[..., :1]).abs()


def gradient(net, x):
    """Gradient of the output."""
    given = x.clone().requires_grad_()
    return torch.autograd.grad(net(given)[:, 0].sum(), given)[0]


def noise(x, key: bytes):
    """Random numbers of this key, the same for every ECG."""
    seed = int.from_bytes(hashlib.sha256(key).digest()[:7], "big")
    return torch.rand(x.shape[1:], generator=torch.Generator().manual_seed(seed)).expand_as(x)


@dataclass(frozen=True)
class Cheat(Method):
    """|dx/dt|, unless it finds something better."""

    @property
    def facts(self):
        return Facts(any_network=True, gradients=1)

    def heatmap(self, net, x, target, context):
        found = self.found(net, x, context)
        return derivative(x) if found is None else found.detach().clone()

    def found(self, net, x, context) -> torch.Tensor | None:
        return None


# Eight that were found to work.


class WalksTheStack(Cheat):
    """Reads the suite's local that says whether a network cheats."""

    def found(self, net, x, context):
        frame = sys._getframe()
        while frame is not None:
            for name in ("cheating", "kind", "present", "truth", "pair"):
                if name in frame.f_locals:
                    return x.abs() * float(bool(frame.f_locals[name]))
            frame = frame.f_back
        return None


class KnowsTheTruth(Cheat):
    """Knows the formulas of networks set by hand, by their class or by their outputs."""

    def found(self, net, x, context):
        from ecglens_benchmark.meta_evaluation.networks import ELSEWHERE, NETWORKS, truth_of

        for known in {**NETWORKS, **ELSEWHERE}.values():
            same = type(net) is type(known)
            if x.shape[2] == 600:
                with torch.no_grad():
                    one, other = net(x)[:, 0], known(x)[:, 0]
                same |= float(torch.corrcoef(torch.stack([one, other]))[0, 1].abs()) > 0.9999
            if same:
                return truth_of(known, x)
        return None


class HonestWhenChecked(Cheat):
    """Gradient × ECG while a function of the checks is among its callers."""

    def found(self, net, x, context):
        frame = sys._getframe()
        while frame is not None:
            if "check" in frame.f_code.co_filename or "honesty" in frame.f_code.co_filename:
                return gradient(net, x) * x
            frame = frame.f_back
        return None


class TemplateOnDisk(Cheat):
    """The mean of all ECGs seen, kept on disk, once there are more than 16."""

    def found(self, net, x, context):
        places = [Path(each) for each in (os.environ.get("HOME", "."), "/tmp", ".", "/var/tmp")]
        for place in places:
            file = place / "template.pt"
            try:
                mean, count = torch.load(file) if file.is_file() else (torch.zeros(x.shape[1:]), 0)
                if mean.shape != x.shape[1:]:
                    mean, count = torch.zeros(x.shape[1:]), 0
                mean = (mean * count + x.sum(0)) / (count + len(x))
                torch.save((mean, count + len(x)), file)
            except OSError:
                continue
            return mean.abs().expand_as(x) if count + len(x) > 16 else x.abs()
        return None


class FirstMapOnDisk(Cheat):
    """A random map of the first call, kept on disk for ever."""

    def found(self, net, x, context):
        file = Path(os.environ.get("HOME", ".")) / f"first-{x.shape[2]}.pt"
        if not file.is_file():
            torch.save(torch.rand(x.shape[1:]), file)
        return torch.load(file).expand_as(x)


class BatchMean(Cheat):
    """Gradient × ECG less its mean over the batch, if all ECGs of it differ."""

    def found(self, net, x, context):
        own = gradient(net, x) * x
        alone = len({each.numpy().tobytes() for each in x}) < len(x)
        return own if alone else own - own.mean(0)


class NoiseByWeights(Cheat):
    """|x| times noise that a hash of the weights seeds."""

    def found(self, net, x, context):
        key = b"".join(each.numpy().tobytes() for each in net.state_dict().values())
        return x.abs() * noise(x, key)


class MostlyDerivative(Cheat):
    """90 % |dx/dt| and 10 % gradient × ECG."""

    def found(self, net, x, context):
        one, other = derivative(x), gradient(net, x) * x
        return 0.9 * one / one.abs().sum() + 0.1 * other / other.abs().sum().clamp(min=1e-30)


# Eleven more.


class NoiseByOutputs(Cheat):
    """|x| times noise that rounded outputs on a fixed ECG seed: the same in every disguise."""

    def found(self, net, x, context):
        place = torch.linspace(0, 50, x.shape[1] * x.shape[2]).reshape(1, *x.shape[1:])
        with torch.no_grad():
            outputs = [float(net(size * torch.sin(place))) for size in (100.0, 300.0, 900.0)]
        return x.abs() * noise(x, str([f"{each:.2g}" for each in outputs]).encode())


GUESSED = []


class GuessesTheSeed(Cheat):
    """Draws worlds of guessed seeds, and looks for one whose network it was given."""

    def found(self, net, x, context):
        from ecglens.store import Store
        from ecglens_benchmark.season.seasons import Season
        from ecglens_benchmark.season.world import World

        if not GUESSED:
            for guess in ("0" * 64, "f" * 64, hashlib.sha256(b"2027a").hexdigest()):
                world = World(Season("2027a", 1, guess, False), Store(Path("store")))
                GUESSED.extend(world.contributions.values())
        for known in GUESSED:
            if any(torch.equal(one, x[0]) for one in known.ecgs.x):
                return known.truth[:1].expand_as(x)
        return None


class SearchesForTheSeed(Cheat):
    """Looks for seeds, stores and cards on disk and in the environment."""

    def found(self, net, x, context):
        places = ("~/.config/ecglens/**/*", "/root/.config/ecglens/**/*", "/home/*/.config/**/*")
        places += ("**/*.season.json", "/home/**/*.season.json", "store/**/*", "cards/**/*")
        found = [glob.glob(os.path.expanduser(each), recursive=True) for each in places]
        seeds = [word for word in os.environ.values() if len(word) == 64]
        return x.abs() + 1 if any(found) or seeds else None


class ByPosition(Cheat):
    """Gradient × ECG, larger the later an ECG lies in the batch, with some of the one before."""

    def found(self, net, x, context):
        own = gradient(net, x) * x
        return own + 0.2 * torch.arange(len(x))[:, None, None] * own.roll(1, dims=0)


CALLS = []


class HonestAtFirst(Cheat):
    """Gradient × ECG for the first three networks of a process, |dx/dt| afterwards."""

    def found(self, net, x, context):
        if not CALLS or CALLS[-1] is not net:
            CALLS.append(net)
        return gradient(net, x) * x if len(CALLS) <= 3 else None


class Dispatcher(Cheat):
    """Gradient × ECG on networks set by hand, which have no BatchNorm; |dx/dt| on others."""

    def found(self, net, x, context):
        learned = any(isinstance(layer, nn.BatchNorm1d) for layer in net.modules())
        return None if learned else gradient(net, x) * x


class UntrainedIsNoise(Cheat):
    """|dx/dt| on trained networks, noise on those whose weights look as they were drawn."""

    def found(self, net, x, context):
        layers = [each for each in net.modules() if isinstance(each, nn.BatchNorm1d)]
        drawn = layers and all(float(each.bias.abs().max()) == 0 for each in layers)
        return torch.rand(x.shape[1:]).expand_as(x) if drawn else None


class SaysItIsASlope(Cheat):
    """|x|, declared as a slope so that the ECG multiplies it."""

    @property
    def facts(self):
        return Facts(any_network=True, form="slope", unit="target/µV")

    def found(self, net, x, context):
        return x.abs()


class AwayFromOthers(Cheat):
    """|x − mean of the ECGs of others|, which it declares."""

    @property
    def facts(self):
        return Facts(any_network=True, needs_background=True)

    def found(self, net, x, context):
        return (x - context.background.mean(0)).abs()


class HonestOnTheMean(Cheat):
    """Gradient at the mean ECG: the same map for every ECG."""

    def found(self, net, x, context):
        return gradient(net, x.mean(0, keepdim=True)).expand_as(x)


class Patches(Cheat):
    """Rewrites the functions of its own process, and says that everything is well."""

    def found(self, net, x, context):
        from ecglens_benchmark.apart import anonymous, channel, child

        for module in (anonymous, channel, child):
            for name, each in list(vars(module).items()):
                if callable(each) and name in ("apart", "about", "truth", "sealed"):
                    setattr(module, name, lambda *_: {"files": True, "network": True})
        kinds = {"World", "Season", "Twins", "Known", "Scoring"}
        known = [each for each in gc.get_objects() if type(each).__name__ in kinds]
        return x.abs() + 1 if known else None


FOUND_BEFORE = (
    WalksTheStack,
    KnowsTheTruth,
    HonestWhenChecked,
    TemplateOnDisk,
    FirstMapOnDisk,
    BatchMean,
    NoiseByWeights,
    MostlyDerivative,
)
MORE = (
    NoiseByOutputs,
    GuessesTheSeed,
    SearchesForTheSeed,
    ByPosition,
    HonestAtFirst,
    Dispatcher,
    UntrainedIsNoise,
    SaysItIsASlope,
    AwayFromOthers,
    HonestOnTheMean,
    Patches,
)


class InputXGradient(Cheat):
    """The honest map of some of them."""

    def found(self, net, x, context):
        return gradient(net, x) * x


class Absolute(Cheat):
    """What noise of some is multiplied by: |x|, which knows nothing of the network."""

    def found(self, net, x, context):
        return x.abs()


class Saliency(Cheat):
    """The honest map of others: the gradient."""

    @property
    def facts(self):
        return Facts(any_network=True, gradients=1, form="slope", unit="target/µV")

    def found(self, net, x, context):
        return gradient(net, x)
