"""A study of heatmaps for experts, from Python."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from ..datamodules import EcgData, Target
from ..ecg import FS_HZ
from ..eval import Keeper, progress_bar, subject_of
from ..eval.heatmaps import CHUNK, Probe, kept_attributions, probe_of
from ..explain import Method, controls
from ..report import Pseudonyms, methods_of, origin
from ..study import Created, Settings, StudyInput, check_experts, check_new, seed_for
from ..study import create_study as create
from .networks import full_precision, own_of

# ECGs to choose from: maps of 12 methods take 90 MB for 256 median beats, 1.7 GB for 5000.
POOL = 256
KEY = "{}-key"  # folder beside that of the study, which is not served


def create_study(  # noqa: PLR0913 - a front door: settings come by name
    folder: str | Path,
    net: nn.Module,
    ecgs: EcgData,
    methods: str | Sequence[str] | Mapping[str, Method] = "default",
    n: int = 12,
    *,
    experts: Sequence[str] = ("expert 1",),
    sampling: str = "stratified",
    **settings: Any,
) -> Created:
    """Study of `n` test ECGs under the maps of these methods, in a new folder.

    `settings` are those of study.Settings, such as task="rate". `sampling` chooses the ECGs:
    "stratified" by label, "representative" by label and error, "random". The key from pseudonyms to
    ECGs is in the folder of the same name with "-key", for you only. `ecglens study serve FOLDER`
    shows the study to its experts. Several networks or targets in one study: study.create_study.
    Raises ValueError for a method that is wrong on the network, fewer test ECGs than `n`, and a
    folder that has a study.
    """
    full_precision()
    place = Path(folder)
    check_experts(experts)
    check_new(place)
    own = Settings(**{"name": place.resolve().name, "seed": seed_for(place), **settings})
    strips = ecgs.input != "median"
    subject = subject_of(ecgs, methods_of(methods), CHUNK if strips else POOL, 0, ecgs.store)
    x = subject.ecgs.x
    probe = probe_of(own_of(net, x, ecgs.target), subject)
    maps = study_maps(probe, subject.every_method, 0, len(x))
    names = Pseudonyms(ecgs.store)
    shown = names.all_of(ecgs.records.name, subject.records)
    names.save(place.with_name(KEY.format(place.name)))
    with torch.no_grad():
        clean = probe.net(x)[:, subject.output].double().numpy()
    return create(
        place, [study_input(probe, ecgs.target, shown, clean, maps)], own, n, sampling, experts
    )


def study_maps(
    probe: Probe, methods: Mapping[str, Method], steps: int, most: int
) -> dict[str, Float[np.ndarray, "ecg lead time"]]:
    """Whole maps of the first `most` ECGs by method; `steps` are those of their perturbation."""
    chunks, wanted = len(probe.chunks), -(-most // CHUNK)
    found = {}
    doing = f"maps on {probe.subject.target.name}"
    with progress_bar(len(methods) * chunks, doing, probe.subject.progress) as done:
        keeper = Keeper(probe.subject.store, chunks, done.update)
        for name, method in methods.items():
            kept = kept_attributions(probe, method, steps, keeper)
            whole = np.concatenate([kept.read(number, "maps") for number in range(wanted)])
            found[name] = whole[:most]
    return found


def study_input(
    probe: Probe,
    target: Target,
    names: tuple[str, ...],
    predicted: Float[np.ndarray, " ecg"],
    maps: Mapping[str, Float[np.ndarray, "ecg lead time"]],
) -> StudyInput:
    """Study input of the first ECGs of a probe, one for each of `names`."""
    x, y, segments, _ = probe.ecgs
    most = len(names)
    return StudyInput(
        target=target,
        ecgs=names,
        x=x[:most].numpy(),
        segments=segments[:most].numpy(),
        y=y[:most, probe.output].double().numpy(),
        prediction=predicted,
        heatmaps={name: each for name, each in maps.items() if name not in controls()},
        controls={name: each for name, each in maps.items() if name in controls()},
        fs=FS_HZ,
        origin=origin(segments[:1].numpy()),
    )
