"""What a network wants for its input and gives for its output, declared once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from ...ecg import FS_HZ
from ...store import check_types
from .adapted import Adapted
from .check import Checked, checked
from .declared import Declared
from .normalisation import Normalisation


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
        self,
        net: nn.Module | Sequence[nn.Module],
        x: Any,
        expected: Any,
        fs: int | float = FS_HZ,
    ) -> Checked:
        """Outputs for the records `x`, (batch, 12, time) in µV at `fs` Hz, beside `expected` ones.

        Where they disagree, other leads, units and statistics are tried, and one that would make
        them agree is named. Raises ValueError for another number of expected outputs.
        """
        nets = list(net) if isinstance(net, Sequence) else [net]
        records = torch.as_tensor(np.asarray(x), dtype=torch.float32)
        return checked(nets, self, records, expected, fs)
