"""Maps made once and kept, and their beats laid over each other."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from ...engine import sample_ids, unperturbed
from ...explain import Inputs, Method, attribute, context_of, map_notes
from ...store import Step, class_path, fingerprint, own_source
from ..chunks import Chunks, Keeper, MissingChunks
from .folding import fold, from_r_peak, r_peaks
from .order import rank_points
from .probe import Probe, filled

# Kept before and after the R peak of a strip's beats: the whole beat from a rate of 40/min on, of
# which 2/5 of the interval lie before the R peak (heatmaps.folding).
BEFORE_MS, AFTER_MS = 600.0, 1000.0


@dataclass(frozen=True)
class Frame:
    """Samples from the R peak that a beat is kept for: `first` … `first + length − 1`."""

    first: int
    length: int

    @classmethod
    def of(cls, probe: Probe) -> "Frame":
        """The whole ECG of one beat; on strips BEFORE_MS before to AFTER_MS after the R peak."""
        if probe.strips:
            before, after = (round(ms * probe.fs / 1e3) for ms in (BEFORE_MS, AFTER_MS))
            return cls(-before, before + after)
        peaks = [int(r_peaks(one).sum()) for one in probe.ecgs.segments]  # 0 where there is none
        return cls(-max(peaks), probe.ecgs.x.shape[2] + max(peaks) - min(peaks))

    def places(self, offsets: Int64[Tensor, " time"]) -> Int64[Tensor, " time"]:
        """The place in the frame of samples at these distances from the R peak; −1 outside it."""
        places = offsets - self.first
        return torch.where((places >= 0) & (places < self.length), places, -1)


def beat_of_map(
    heatmap: Float[Tensor, "lead time"], places: Int64[Tensor, " time"], length: int
) -> Float[Tensor, "lead {length}"]:
    """Mean of |heatmap| over beats, by place in the beat; it adds up to 1, or to 0 if all is 0."""
    inside = places >= 0
    sizes = heatmap.abs()[:, inside]
    found = sizes.new_zeros(len(sizes), length).index_add_(1, places[inside], sizes)
    found /= places[inside].bincount(minlength=length).clamp(min=1)
    return found / found.sum().clamp(min=torch.finfo(found.dtype).tiny)


def laid(
    beat: Float[Tensor, "lead moment"], places: Int64[Tensor, " time"]
) -> Float[Tensor, "lead time"]:
    """The beat at each R peak of an ECG; 0 outside the frame."""
    return torch.where(places >= 0, beat[:, places.clamp(min=0)], 0.0)


ATTRIBUTIONS = Step("attributions", version=3)
# Points kept in order: enough for every published curve, so that points and Storås share them.
TOP = 200
# Whole maps are kept of every ECG this long or shorter (29 kB for the 600 samples of a median
# beat), of longer ones in the first chunk only (the strips of a study would fill 150 GB).
WHOLE = 1000
SUMMED = 4  # ECGs whose maps are compared with what they promise to add up to
BEAT = "beat"  # array of a strip's map as a beat, mean over its beats


def maps_key(maps: Chunks) -> str:
    """Fingerprint of a method's maps."""
    return fingerprint({"settings": maps.settings.all(), "version": ATTRIBUTIONS.version})


def kept_attributions(probe: Probe, method: Method, steps: int, keeper: Keeper) -> Chunks:
    """The heatmaps of a method with the order of at least `steps` points; made where missing.

    A chunk holds per ECG the `plain` order of the map's points (rank_points), on strips that of the
    `folded` map's and the BEAT of |map| (perturbation.others_maps), the number of points that are
    `nonzero`, and whole `maps`. Raises ValueError when the method is wrong on this network.
    """
    top, of_method = min(max(TOP, steps), probe.points), method_key(method)

    def of_block(block: int) -> Mapping[str, Any]:
        used = _used(probe, method, probe.blocks[block])
        return {**probe.settings[block], "method": of_method, "top": top, **used}

    def make(number: int) -> Mapping[str, np.ndarray]:
        return _attribute(probe, method, top, probe.chunks[number])

    return keeper.chunks(ATTRIBUTIONS, probe.of_blocks(of_block), make)


def made_maps(probe: Probe, method: Method, steps: int) -> Chunks | None:
    """The maps of kept_attributions, None while any is missing; errors as there."""
    look = MissingChunks(probe.subject.store, len(probe.chunks), lambda count: None)
    maps = kept_attributions(probe, method, steps, look)
    return None if look.missing else maps


def method_key(method: Method) -> dict[str, Any]:
    """What decides the maps of a method beside network and ECGs, as plain settings."""
    kind, settings = type(method), asdict(method)  # pyright: ignore[reportArgumentType]
    found = {"class": class_path(kind), "version": method.version, "settings": settings}
    # The settings of methods and dataclasses within this one do not tell their class.
    inner = _keys_within({name: getattr(method, name) for name in settings})
    return found | own_source(kind) | ({"inner": inner} if inner else {})


def _keys_within(setting: Any) -> dict[str, Any]:
    """Keys of the methods and dataclasses in a mapping, list or tuple, by place; or its own."""
    if isinstance(setting, Method):
        return method_key(setting)
    if is_dataclass(setting) and not isinstance(setting, type):
        own = {"class": class_path(type(setting))} | own_source(type(setting))
        inner = _keys_within({each.name: getattr(setting, each.name) for each in fields(setting)})
        return own | ({"inner": inner} if inner else {})
    if not isinstance(setting, Mapping | list | tuple):
        return {}
    items = setting.items() if isinstance(setting, Mapping) else enumerate(setting)
    return {str(name): found for name, each in items if (found := _keys_within(each))}


def heatmaps(probe: Probe, method: Method, chunk: slice) -> Float[Tensor, "ecg lead time"]:
    """The whole maps of a chunk of ECGs, on the CPU."""
    if probe.unperturbed is not None:
        own = enumerate(probe.unperturbed[chunk].to(probe.device), chunk.start)
        return torch.cat([_of_a_copy(probe, method, place, one) for place, one in own])
    places = filled(chunk)
    x = probe.ecgs.x[places].to(probe.device)
    names = [probe.ecgs.record[place] for place in places]
    inputs = Inputs(names, probe.ecgs.segments[places], probe.background, probe.fs)
    maps = attribute(method, probe.net, x, probe.output, probe.seed, inputs)
    return maps[: chunk.stop - chunk.start].cpu()


def method_notes(
    probe: Probe,
    methods: Mapping[str, Method],
    maps: Mapping[str, Float[np.ndarray, "ecg lead time"]],
) -> tuple[str, ...]:
    """Notes on each method's maps of the first ECGs (explain.map_notes)."""
    found = []
    for name, each in maps.items():
        few = slice(0, min(len(each), SUMMED))
        x, heatmap = probe.ecgs.x[few].to(probe.device), torch.from_numpy(each[few].copy())
        context = context_of(methods[name], x, probe.seed, _inputs(probe, few))
        notes = map_notes(methods[name], probe.net, x, heatmap, probe.output, context)
        found += [f"{name} {words}" for words in notes]
    return tuple(found)


def _of_a_copy(
    probe: Probe, method: Method, place: int, own: Float[Tensor, "lead time"]
) -> Float[Tensor, "1 lead time"]:
    """Map of a perturbed copy, normalised as the ECG that it is a copy of."""
    one = slice(place, place + 1)
    with unperturbed(probe.net, own):
        x, inputs = probe.ecgs.x[one].to(probe.device), _inputs(probe, one)
        return attribute(method, probe.net, x, probe.output, probe.seed, inputs).cpu()


def _inputs(probe: Probe, ecgs: slice) -> Inputs:
    return Inputs(probe.ecgs.record[ecgs], probe.ecgs.segments[ecgs], probe.background, probe.fs)


def _used(probe: Probe, method: Method, ecgs: slice) -> dict[str, Any]:
    """Settings of these ECGs' arrays beside their samples and those of the method."""
    used: dict[str, Any] = {}
    if probe.ecgs.x.shape[2] > WHOLE and ecgs.start > 0:
        used["whole"] = False
    if method.facts.uses_segments:
        used["segments"] = fingerprint({"segments": probe.ecgs.segments[ecgs].tolist()})
    if method.facts.needs_background and probe.background is not None:
        used["background"] = fingerprint({"x": sample_ids(probe.background)})
    return used


def _attribute(probe: Probe, method: Method, top: int, chunk: slice) -> Mapping[str, np.ndarray]:
    records, maps = probe.ecgs.record[chunk], heatmaps(probe, method, chunk)
    whole = maps.shape[2] <= WHOLE or chunk.start == 0
    kept = {
        "plain": rank_points(maps, top, probe.seed, records),
        "nonzero": (maps != 0).sum((1, 2)),
        "maps": maps if whole else maps[:0],
    }
    if probe.strips:
        each = zip(maps, probe.groups[chunk], records, strict=True)
        folded = [
            rank_points(fold(heatmap, groups)[None], top, probe.seed, [record])
            for heatmap, groups, record in each
        ]
        frame, marks = Frame.of(probe), probe.ecgs.segments[chunk]
        beats = [
            beat_of_map(heatmap, frame.places(from_r_peak(one)), frame.length)
            for heatmap, one in zip(maps, marks, strict=True)
        ]
        kept |= {"folded": torch.cat(folded), BEAT: torch.stack(beats)}
    return {name: value.numpy() for name, value in kept.items()}
