"""Answers of networks to edited ECGs: edits are made and checked once, predictions in batches."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from ecglens.ecg import INDEPENDENT_INDEX, from_eight
from ecglens.engine import evaluating, generator, one_thread, sample_ids, uniform
from ecglens.eval import progress_bar
from ecglens.eval.heatmaps import check_finite
from ecglens.models import device_of, network_key
from ecglens.store import Step, Store, atomic_path, fingerprint, read_json, write_json
from jaxtyping import Bool, Float, Int
from torch import nn

from .doses import Changed, Dose, Marked, applied

Ecgs = Float[np.ndarray, "ecg 12 time"]
# Raised whenever an edit or its check changes, and whenever the answers to the same edits do.
EDITS = Step("edits", version=8)
ANSWERS = Step("answers", version=1)
# Fixed, and the last batch is filled up: convolutions round differently in batches of other sizes.
BATCH = 64
SIGNALS, LEFT_OUT, NUMBERS = "edits.npz", "left_out.json", "answers.npz"
MOVED = "moved-"  # before the name of a label in SIGNALS


# A size that fewer than this share of the ECGs can be given is left out of the gain and named: it
# would choose the ECGs (only beats of long PR have room for 40 ms less).
ENOUGH = 0.5
# An ECG whose measured sizes are together (RMS) less than this part of the asked ones has no slope:
# it would be a small error many times over. Checked edits have 0.6 of 10 ms or more.
ARRIVED = 0.5


@dataclass(frozen=True, eq=False)
class Answers:
    """Outputs before and after every size of one dose.

    `change` is output after − output before and `measured` the size that the edit was measured to
    have, both NaN where an ECG was left out. `null` are changes by random directions as large as
    the edits of the smallest and the largest size that is used. `reasons` count the ECGs left out
    at each size.
    """

    dose: Dose
    change: Float[np.ndarray, "network ecg size output"]
    measured: Float[np.ndarray, "ecg size"]
    null: Float[np.ndarray, "network ecg 2 output"]
    reasons: tuple[Mapping[str, int], ...]

    @property
    def used(self) -> Int[np.ndarray, " size"]:
        """Sizes that at least half of the ECGs have."""
        return np.flatnonzero(np.isfinite(self.measured).mean(0) >= ENOUGH)

    @property
    def complete(self) -> Int[np.ndarray, " ecg"]:
        """ECGs that have every size that is used; none where no size is."""
        sizes = self.used
        there = np.isfinite(self.measured[:, sizes]).all(1) & arrived(
            self.measured[:, sizes], np.array(self.dose.sizes)[sizes]
        )
        return np.flatnonzero(there & bool(len(sizes)))


def arrived(
    measured: Float[np.ndarray, "ecg size"], asked: Float[np.ndarray, " size"]
) -> Bool[np.ndarray, " ecg"]:
    """True for each ECG whose measured sizes are large enough for a slope, NaN ones left out."""
    there = np.isfinite(measured)
    square = np.where(there, measured, 0.0) ** 2
    return square.sum(1) >= ARRIVED**2 * (there * asked**2).sum(1)


@dataclass(frozen=True, eq=False)
class Asked:
    """Networks and ECGs of a measurement, with the outputs before any change."""

    nets: Sequence[nn.Module]
    ecgs: Marked
    store: Store
    seed: int

    def answers(self, doses: Sequence[Dose]) -> Iterator[Answers]:
        """Answers of each dose in order, with a bar over what takes longer than two seconds.

        They are kept in the store.
        """
        total = sum(len(each.sizes) for each in doses)
        with progress_bar(total, "doses", True) as bar, one_thread():
            for dose in doses:
                build = partial(self._write, dose, bar.update)
                yield self._read(dose, self.store.folder(ANSWERS, self._settings(dose), build))

    def has(self, doses: Sequence[Dose]) -> bool:
        """True if the answers to all of these are in the store."""
        with one_thread():
            return all(self.store.has(ANSWERS, self._settings(dose)) for dose in doses)

    @cached_property
    def before(self) -> Float[np.ndarray, "network ecg output"]:
        """Outputs without a change."""
        return outputs(self.nets, consistent(self.ecgs.x), self.ecgs.ids)

    def _settings(self, dose: Dose) -> dict[str, Any]:
        kinds = {"sizes": list(dose.sizes), "null": self.seed, "edits": EDITS.version}
        return {**self._known, **about(dose), **kinds}

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Keys of the networks."""
        return tuple(network_key(net, self.ecgs.x.shape[1:]) for net in self.nets)

    @cached_property
    def _known(self) -> dict[str, Any]:
        # The readings tell apart what the probe of a key does not, as votes above a threshold.
        read = [f"{value:.3f}" for value in self.before.ravel()]
        return {
            "networks": [*self.keys],
            "readings": fingerprint({"readings": read}),
            **about_ecgs(self.ecgs),
        }

    def _read(self, dose: Dose, folder: Path) -> Answers:
        with np.load(folder / NUMBERS) as kept:
            change, measured, null = (kept[name] for name in ("change", "measured", "null"))
        return Answers(dose, change, measured, null, (*read_json(folder / LEFT_OUT).values(),))

    def _write(self, dose: Dose, done: Callable[[int], object], folder: Path) -> None:
        base, made, after = consistent(self.ecgs.x), [], []
        for by in dose.sizes:
            made.append(each := edits(self.ecgs, dose, by, self.store))
            after.append(self._after(each.x, each.index))
            done(1)
        found = _answers(dose, made, after, self.before)
        for end, place in enumerate(found.used[[0, -1]] if len(found.used) else ()):
            kept = made[place].index
            names = [self.ecgs.ids[each] for each in kept]
            moved = random_directions(made[place].x - base[kept], self.seed, names)
            after_null = self._after(base[kept] + moved, kept)
            found.null[:, kept, end] = after_null - self.before[:, kept]
        with atomic_path(folder / NUMBERS) as path:
            np.savez(path, change=found.change, measured=found.measured, null=found.null)
        write_json(folder / LEFT_OUT, {str(at): each for at, each in enumerate(found.reasons)})

    def _after(
        self, x: Float[np.ndarray, "kept 12 time"], rows: Int[np.ndarray, " kept"]
    ) -> Float[np.ndarray, "network kept output"]:
        if not len(rows):
            return self.before[:, rows]
        return outputs(self.nets, x, [self.ecgs.ids[row] for row in rows])


def alone(nets: Sequence[nn.Module], ecg: Marked, doses: Sequence[Dose]) -> list[Answers]:
    """Answers of networks to doses of one ECG, all in one pass; nothing is kept, `null` is NaN."""
    made = [[applied(ecg, dose, by) for by in dose.sizes] for dose in doses]
    every = [each.x for of in made for each in of]
    x = np.concatenate([consistent(ecg.x), *every])
    ends = np.cumsum([1, *map(len, every)])[:-1]
    before, *after = np.split(outputs(nets, x, [*ecg.ids] * len(x)), ends, axis=1)
    each = iter(after)
    return [
        _answers(dose, of, [*islice(each, len(of))], before)
        for dose, of in zip(doses, made, strict=True)
    ]


def _answers(
    dose: Dose,
    made: Sequence[Changed],
    after: Sequence[Float[np.ndarray, "network kept output"]],
    before: Float[np.ndarray, "network ecg output"],
) -> Answers:
    """Answers from the outputs after each size; `null` is NaN."""
    networks, count, columns = before.shape
    change = np.full((networks, count, len(made), columns), np.nan)
    measured = np.full((count, len(made)), np.nan)
    for place, (each, output) in enumerate(zip(made, after, strict=True)):
        change[:, each.index, place] = output - before[:, each.index]
        measured[each.index, place] = each.measured
    null = np.full((networks, count, 2, columns), np.nan)
    reasons = tuple(Counter(each.left_out.values()) for each in made)
    return Answers(dose, change, measured, null, reasons)


def consistent(x: Ecgs) -> Ecgs:
    """ECGs with limb leads derived from I and II, as those of every edit are."""
    return np.asarray(from_eight(x[:, list(INDEPENDENT_INDEX)]), np.float32)


def outputs(
    nets: Sequence[nn.Module], x: Ecgs, names: Sequence[str]
) -> Float[np.ndarray, "network ecg output"]:
    """Outputs of each network, made in batches of BATCH.

    Raises ValueError with the names of ECGs that have an output which is not finite.
    """
    found = np.stack([_outputs(net, x) for net in nets])
    check_finite(np.moveaxis(found, 1, 0), names)
    return found


def _outputs(net: nn.Module, x: Ecgs) -> Float[np.ndarray, "ecg output"]:
    found = []
    with torch.no_grad(), evaluating(net):
        for at in range(0, len(x), BATCH):
            some = x[at : at + BATCH]
            full = np.concatenate([some, np.repeat(some[:1], BATCH - len(some), axis=0)])
            output = net(torch.from_numpy(full).to(device_of(net), torch.float32))
            found.append(output.double().cpu().numpy().reshape(BATCH, -1)[: len(some)])
    return np.concatenate(found)


def about_ecgs(ecgs: Marked) -> dict[str, Any]:
    """What of the ECGs decides their edits."""
    labels = [{name: why for name, why in each.items() if name} for each in ecgs.reasons]
    known = any(labels) and not ecgs.strips and ecgs.parameters is None
    return {
        "ecgs": fingerprint({"ecgs": list(sample_ids(torch.from_numpy(ecgs.x)))}),
        "names": fingerprint({"ids": list(ecgs.ids)}),  # noise is drawn by them
        "marks": fingerprint({"marks": [list(map(str, astuple(each))) for each in ecgs.marks]}),
        "rr_ms": fingerprint({"rr_ms": ecgs.rr.tolist()}),
        "exact": ecgs.parameters is not None,
        # Of beats alone: strips and parameters show their reasons themselves.
        **({"reasons": fingerprint({"reasons": list(map(dict, ecgs.reasons))})} if known else {}),
    }


def about(dose: Dose) -> dict[str, Any]:
    """What of a dose decides its edits, but for the size."""
    return {"dose": dose.name, "how": dose.how}


def edits(ecgs: Marked, dose: Dose, by: float, store: Store) -> Changed:
    """ECGs changed by one size of a dose, made and checked once for these ECGs.

    What an edit changed is kept, not the ECG: it is zero in most samples and takes little room.
    """
    settings = {**about_ecgs(ecgs), **about(dose), "by": float(by)}
    base = consistent(ecgs.x)
    folder = store.folder(EDITS, settings, partial(_write, ecgs, base, dose, by))
    with np.load(folder / SIGNALS) as kept:
        index, eight, measured = kept["index"], kept["change"], kept["measured"]
        others = {
            name.removeprefix(MOVED): kept[name] for name in kept.files if name.startswith(MOVED)
        }
    left_out = {int(row): reason for row, reason in read_json(folder / LEFT_OUT).items()}
    x = base[index] + np.asarray(from_eight(eight), np.float32)
    return Changed(x, index, measured, pd.DataFrame(others, index=index), left_out)


def _write(ecgs: Marked, base: Ecgs, dose: Dose, by: float, folder: Path) -> None:
    made = applied(ecgs, dose, by)
    eight = list(INDEPENDENT_INDEX)
    moved = {f"{MOVED}{name}": made.others[name].to_numpy(float) for name in made.others}
    with atomic_path(folder / SIGNALS) as path:
        np.savez_compressed(
            path,
            index=made.index,
            change=(made.x - base[made.index])[:, eight].astype(np.float32),
            measured=made.measured,
            **moved,  # pyright: ignore[reportArgumentType]
        )
    write_json(folder / LEFT_OUT, {str(row): reason for row, reason in made.left_out.items()})


def random_directions(change: Ecgs, seed: int, names: Sequence[str]) -> Ecgs:
    """Changes of the same RMS and spectrum in each lead, at random places.

    Every frequency is shifted by a random phase (Theiler 1992), the same in all leads, so that
    limb leads remain those of I and II. It depends on the seed and the ECG's name alone.
    """
    waves = np.fft.rfft(change, axis=-1)
    phases = np.stack(
        [uniform(generator(seed, "null", name), waves.shape[-1]).numpy() for name in names]
    )
    turn = np.exp(2j * np.pi * phases)
    turn[:, 0] = 1.0
    if change.shape[-1] % 2 == 0:
        turn[:, -1] = 1.0  # a real number at half the sampling rate
    found = np.fft.irfft(waves * turn[:, None], change.shape[-1], axis=-1)
    return found.astype(np.float32)
