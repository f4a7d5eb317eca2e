"""Maps of a season: every part in a fresh process of the method, in batches that tell nothing."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ecglens.engine import one_thread
from ecglens.explain import Inputs, attribute, controls
from ecglens.store import Step, Store, read_json, write_json
from jaxtyping import Float

from ..apart import MethodFailed, Program, Request, Source, Steps, disguised, method_process
from ..apart.anonymous import plain_data
from .hearts import Ecgs
from .seasons import Season

BATCH = 16
Maps = Float[np.ndarray, "ecg lead time"]
MADE = Step("season_maps", version=1)


@dataclass(frozen=True, eq=False)
class Asked:
    """A network and the ECGs of which maps are wanted; `fill` are ECGs that fill up a batch.

    Without them the ECGs' own others do.
    """

    network: Program
    ecgs: Ecgs
    fill: Ecgs | None = None


@dataclass(frozen=True)
class Sitting:
    """Maps of one process by name of what was asked, reasons of what was refused, and what it is.

    `apart` says what the process could not reach (apart.child.apart).
    """

    maps: Mapping[str, Maps]
    refused: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    apart: Mapping[str, bool] = field(default_factory=dict)

    @property
    def isolated(self) -> bool:
        """True where the process could reach nothing of others."""
        return bool(self.apart) and all(self.apart.values())


def sit(
    source: Source, season: Season, part: str, asked: Mapping[str, Asked], store: Store, key: str
) -> Sitting:
    """Maps of a method for everything asked in a part; those in the store are not made again.

    `key` stands for the method and its code; empty where that is not known, and nothing is kept.
    The order of networks, of ECGs and of ECGs within a batch is drawn, and every batch has BATCH
    ECGs: others fill up the last one. Raises MethodFailed where there is no such method.
    """
    if not key:
        return _made(source, season, part, asked)
    records = {name: [*each.ecgs.batch.record] for name, each in asked.items()}
    # Other sizes of a season have other networks and ECGs under the same names.
    shown = {name: _key(each) for name, each in asked.items()}
    settings = {
        "season": season.commitment,
        "part": part,
        "method": key,
        "asked": records,
        "shown": shown,
    }

    def build(folder: Path) -> None:
        found = _made(source, season, part, asked)
        arrays = {f"{number}": each for number, each in enumerate(found.maps.values())}
        np.savez(folder / "maps.npz", **arrays)  # pyright: ignore[reportArgumentType]
        kept = {"names": [*found.maps], "refused": found.refused, "about": found.about}
        write_json(folder / "about.json", {**kept, "apart": found.apart})

    folder = store.folder(MADE, settings, build)
    kept = read_json(folder / "about.json")
    with np.load(folder / "maps.npz") as arrays:
        maps = {name: arrays[str(k)] for k, name in enumerate(kept["names"])}
    return Sitting(maps, kept["refused"], kept["about"], kept["apart"])


def _key(asked: Asked) -> str:
    """Hash of a network and the ECGs that its method is shown."""
    about, arrays = plain_data(asked.network)
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    ecgs = [each for each in (asked.ecgs, asked.fill) if each is not None]
    for array in (*arrays, *(x.numpy() for each in ecgs for x in (each.batch.x, each.others))):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _made(source: Source, season: Season, part: str, asked: Mapping[str, Asked]) -> Sitting:
    random = season.numbers("sitting", part)
    order = [*asked]
    random.shuffle(order)
    maps: dict[str, Maps] = {}
    refused: dict[str, str] = {}
    with method_process(source) as process:
        for name in order:
            each = asked[name]
            process.show(disguised(each.network, season.number("disguise", part, name)))
            found = np.zeros(each.ecgs.x.shape, np.float32)
            try:
                for places, request in _batches(season, part, each, random):
                    made = process.maps(request)
                    for place, ecg in enumerate(places):
                        if ecg < len(found):
                            found[ecg] = made[place]
            except MethodFailed as problem:
                refused[name] = str(problem)
                if not process.runs:
                    raise
            else:
                maps[name] = found
        in_order = {name: maps[name] for name in asked if name in maps}
        return Sitting(in_order, refused, dict(process.about), dict(process.apart))


def _batches(
    season: Season, part: str, asked: Asked, random: np.random.Generator
) -> Iterator[tuple[list[int], Request]]:
    """Places of a batch's ECGs among those asked about, then among the others; and the request."""
    ecgs, fill = asked.ecgs, asked.fill
    count = len(ecgs.x)
    others, marks = (ecgs.others, ecgs.other_marks) if fill is None else (fill.x, _marks(fill))
    x = torch.cat([ecgs.x, others]).numpy()
    segments = np.concatenate([_marks(ecgs), marks])
    names = [f"{season.number('other', part, number):08x}" for number in range(len(others))]
    records = [*ecgs.batch.record, *names]
    used = count + random.permutation(len(others))[: -count % BATCH]
    places = np.concatenate([random.permutation(count), used])
    for start in range(0, len(places), BATCH):
        own = random.permutation(places[start : start + BATCH])
        given = [records[place] for place in own]
        seed, background = season.number("of the method"), ecgs.others.numpy()
        request = Request(x[own], given, seed, segments[own], background)
        yield own.tolist(), request


def _marks(ecgs: Ecgs) -> np.ndarray:
    return ecgs.batch.segments.numpy()


def control_maps(season: Season, asked: Mapping[str, Asked]) -> dict[str, dict[str, Maps]]:
    """Maps of each control for everything asked, made here."""
    seed = season.number("of the method")
    found: dict[str, dict[str, Maps]] = {name: {} for name in controls()}
    with one_thread():
        for name, each in asked.items():
            net, (x, _, segments, records) = Steps(each.network), each.ecgs.batch
            inputs = Inputs(records, segments, each.ecgs.others)
            for control, maps in found.items():
                maps[name] = attribute(control, net, x, 0, seed, inputs).numpy()
    return found
