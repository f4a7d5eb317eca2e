"""Input that a network wants, and its outputs beside those that its user knows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...ecg import FS_HZ, LEADS
from ...engine import evaluating
from ...store import check_types
from ..model_file import ModelFile
from .adapted import Adapted
from .declared import Declared
from .normalisation import Normalisation

# Largest difference of outputs that agree: float32 in a deep network, and printed to 5 digits.
AGREE = 1e-3
ROWS = 16  # records in one pass
# aVR, aVL, aVF in another order, as in the data files of ECGFounder.
SWAPPED = ("I", "II", "III", "aVR", "aVF", "aVL", "V1", "V2", "V3", "V4", "V5", "V6")


@dataclass(frozen=True)
class Checked:
    """Largest and mean difference of outputs from the known ones, and a hint where they disagree.

    True where all agree to 1e-3, as a share of the value where that is above 1. `hint` names one
    change of the spec with which they would; "" where there is none among those tried.
    """

    outputs: int
    largest: float
    mean: float
    agrees: bool
    hint: str = ""

    def __bool__(self) -> bool:
        return self.agrees

    def __str__(self) -> str:
        found = (
            f"{self.outputs} outputs differ from the known ones by {self.mean:.2g} on average, "
            f"{self.largest:.2g} at most"
        )
        if self.agrees:
            return f"{found}: they agree"
        tried = self.hint or "none of the usual changes of the spec (leads, unit, statistics) helps"
        return f"{found}: they disagree; {tried}"


def _fitting(
    nets: Sequence[nn.Module], spec: Declared, x: Tensor, known: np.ndarray, fs: int | float
) -> Iterator[str]:
    """Changes of the spec with which the outputs agree, in words."""
    for words, other in _traps(spec):
        try:
            outputs = _outputs(nets, other, x, fs)
        except (RuntimeError, ValueError):  # the network does not take such an input
            continue
        if _agree(outputs, known):
            yield f"they would agree with {words}"


def _traps(spec: Declared) -> Iterator[tuple[str, Declared]]:
    """The usual mistakes of a spec, with the settings that mend each."""
    for name, order in (("as in ecg.LEADS", LEADS), ("with aVF before aVL", SWAPPED)):
        leads = tuple(lead for lead in order if lead in spec.leads)
        if leads != spec.leads:
            yield f"the leads {name}: leads={list(leads)}", replace(spec, leads=leads)
    for unit in ("µV", "mV", "V"):
        if unit != spec.unit:
            yield f"unit={unit!r}", replace(spec, unit=unit)
    own = spec.normalised
    zscore = replace(own or Normalisation("z-score"), kind="z-score", mean=0.0, sd=1.0)
    for per in ("lead", "ecg"):
        for ddof in (0, 1):
            other = replace(zscore, per=per, ddof=ddof)
            if other != own:
                words = "each lead" if per == "lead" else "all leads together"
                divisor = "n" if ddof == 0 else "n − 1"
                yield (
                    f"a z-score over {words}, SD by {divisor}: "
                    f"Normalisation('z-score', per={per!r}, ddof={ddof})",
                    replace(spec, normalisation=other),
                )
    if own is not None:
        over = "record" if own.over == "window" else "window"
        yield (
            f"statistics over the {over}: over={over!r}",
            replace(spec, normalisation=replace(own, over=over)),
        )
        yield "no normalisation: normalisation='none'", replace(spec, normalisation="none")


def _agree(outputs: np.ndarray, known: np.ndarray) -> bool:
    return bool((np.abs(outputs - known) <= AGREE * np.maximum(1, np.abs(known))).all())


def _outputs(
    nets: Sequence[nn.Module], spec: Declared, x: Tensor, fs: int | float
) -> Float[np.ndarray, "batch target"]:
    net = Adapted(nets, spec, fs)
    with torch.no_grad(), evaluating(net):
        return torch.cat([net(some) for some in x.split(ROWS)]).cpu().double().numpy()


@dataclass(frozen=True)
class InputSpec(Declared):
    """Input and output of a network; the default is that of this project's own networks.

    The settings are those of Declared.
    """

    @classmethod
    def from_plain(cls, settings: Mapping[str, Any]) -> "InputSpec":
        """The spec of settings as in yaml; `normalisation` is a name or a mapping.

        Raises ValueError for a setting that there is not.
        """
        settings = dict(settings)
        given = settings.pop("normalisation", "none")
        check_types(cls, settings, "input")
        if isinstance(given, Mapping):
            check_types(Normalisation, given, "input.normalisation")
            given = Normalisation(**given)
        return cls(**settings, normalisation=given)

    @classmethod
    def load(cls, path: str | Path) -> "InputSpec":
        """The spec in a model file of `ecglens export`; errors as in ModelFile.read."""
        return cls.from_plain(ModelFile.read(path).spec)

    def changed(self, **settings: Any) -> "InputSpec":
        """The spec with other values of these settings."""
        return replace(self, **settings)

    def adapt(self, net: Any, fs: int | float = FS_HZ) -> Adapted:
        """Network from records of 12 leads in µV, at `fs` Hz, to (batch, outputs).

        `net` is a network or a function (as_network). Several are an ensemble: their outputs are
        averaged, logits as logits.
        """
        return Adapted(net, self, fs)

    def check(
        self, net: nn.Module | Sequence[nn.Module], x: Any, expected: Any, fs: int | float = FS_HZ
    ) -> Checked:
        """Outputs for the records `x`, (batch, 12, time) in µV at `fs` Hz, beside `expected` ones.

        Where they disagree, other leads, units and statistics are tried, and one that would make
        them agree is named. Raises ValueError unless there is an expected value for each record, or
        for each output of it.
        """
        nets = list(net) if isinstance(net, Sequence) else [net]
        records = torch.as_tensor(np.asarray(x), dtype=torch.float32)
        outputs = _outputs(nets, self, records, fs)
        known = np.asarray(expected, float).reshape(len(expected), -1)
        if known.shape != outputs.shape:
            raise ValueError(
                f"expected known outputs of shape {outputs.shape}, one row per record, got "
                f"{known.shape}"
            )
        away = np.abs(outputs - known)
        agrees = _agree(outputs, known)
        hint = "" if agrees else next(_fitting(nets, self, records, known, fs), "")
        return Checked(known.size, float(away.max()), float(away.mean()), agrees, hint)


def adapted_to(spec: InputSpec | None, net: Any, fs: int | float = FS_HZ) -> Any:
    """The network behind its spec, or as it is without one; ValueError for another type."""
    if not isinstance(spec, InputSpec | None):
        raise ValueError(f"expected spec as InputSpec(…), got {spec!r}; see InputSpec.from_plain")
    return net if spec is None else spec.adapt(net, fs)
