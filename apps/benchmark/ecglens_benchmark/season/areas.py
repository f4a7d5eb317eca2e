"""How far an output moves in the order of a map, of the single effects, and of a greedy search."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from ecglens.engine import Copies, Walker, one_thread
from ecglens.eval import rank_points, step_of_samples
from jaxtyping import Float, Int64
from torch import Tensor, nn

STEPS = 15  # segments, as far as the area of the default protocol goes
SEGMENT = 15  # samples: 30 ms of one lead
DONORS = 2  # ECGs of others whose samples take their place

Maps = Float[np.ndarray, "ecg lead time"]
Areas = Float[np.ndarray, " ecg"]


@dataclass(frozen=True, eq=False)
class Swaps:
    """Segments of median beats that are exchanged with those of other ECGs, one after another.

    The area of an order is the mean |f(x_k) − f(x)| over k = 1 … STEPS and DONORS, in the unit of
    the output: the default protocol with donors that are drawn here.
    """

    net: nn.Module
    x: Float[Tensor, "ecg lead time"]
    others: Float[Tensor, "other lead time"]
    seed: int

    def of_maps(self, maps: Maps) -> Areas:
        """Area of each ECG in the order of the sums of |map|, largest first."""
        tops = torch.from_numpy(np.abs(maps)).reshape(*maps.shape[:2], -1, SEGMENT).sum(-1)
        names = [f"{ecg}" for ecg in range(len(maps))]
        return self._of(rank_points(tops, STEPS, self.seed, names))

    def oracle(self) -> Areas:
        """Area of each ECG in the order of the effects of single segments."""
        effects = torch.stack([self._effects(*each) for each in self._each()])
        return self._of(effects.argsort(dim=1, descending=True, stable=True)[:, :STEPS])

    def greedy(self) -> Areas:
        """Area of each ECG where every step takes the segment that moves the output most."""
        units = torch.arange(self.x.shape[2]) // SEGMENT
        orders = [
            greedy_order(self._walker, x, fields, units, lambda moved: moved.abs().mean(0))
            for x, fields in self._each()
        ]
        return self._of(torch.stack(orders))

    def _each(self) -> list[tuple[Tensor, Tensor]]:
        """Each ECG, and what turns it into each of its donors."""
        drawn = np.random.default_rng(self.seed)
        found = []
        for x in self.x:
            donors = drawn.choice(len(self.others), DONORS, replace=False)
            found.append((x, self.others[donors] - x))
        return found

    def _of(self, orders: Int64[Tensor, "ecg step"]) -> Areas:
        found = []
        with one_thread():
            for (x, fields), order in zip(self._each(), orders, strict=True):
                hit = step_of_samples(order, torch.arange(x.shape[1]) // SEGMENT, len(x))
                outputs = self._walker(Copies(x, hit, fields, STEPS))[:, 0]
                found.append(float((outputs[1:] - outputs[0]).abs().mean()))
        return np.array(found)

    def _effects(self, x: Tensor, fields: Tensor) -> Float[Tensor, " segment"]:
        """Effect of each segment alone, mean over donors."""
        units = torch.arange(x.shape[1]) // SEGMENT
        hit = step_of_samples(torch.arange(x.numel() // SEGMENT), units, len(x))
        moved = [alone(self._walker, x, field, hit) for field in fields]
        return torch.stack(moved).abs().mean(0)

    @cached_property
    def _walker(self) -> Walker:
        return Walker(self.net, self.x[0])


def alone(
    walker: Walker, x: Tensor, field: Tensor, hit: Int64[Tensor, "lead time"]
) -> Float[Tensor, " segment"]:
    """Change of the output by each segment of an ECG changed alone; `hit` numbers them from 1."""
    with one_thread():
        outputs = walker(Copies(x, hit, field[None], int(hit.max()), alone=True))[:, 0]
    return outputs[1:] - outputs[0]


def greedy_order(
    walker: Walker,
    x: Float[Tensor, "lead time"],
    fields: Float[Tensor, "draw lead time"],
    units: Int64[Tensor, " time"],
    worth: Callable[[Float[Tensor, "draw segment"]], Float[Tensor, " segment"]],
) -> Int64[Tensor, " {STEPS}"]:
    """Segments by a greedy search: each step takes the one of most `worth`, given those before.

    `worth` gets the change of the output from the unchanged ECG, for each field.
    """
    every = step_of_samples(torch.arange(len(x) * (int(units.max()) + 1)), units, len(x))
    here, order = x.expand(fields.shape).clone(), []
    so_far = torch.zeros(len(fields), 1)
    for _ in range(STEPS):
        moved = torch.stack(
            [alone(walker, one, x + f - one, every) for one, f in zip(here, fields, strict=True)]
        )
        found = worth(so_far + moved)
        found[order] = -torch.inf
        order.append(int(found.argmax()))
        so_far = so_far + moved[:, order[-1:]]
        here = torch.where(every == order[-1] + 1, x + fields, here)
    return torch.tensor(order)
