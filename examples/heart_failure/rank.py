"""Rank methods on published networks: python rank.py SETTINGS.yaml WEIGHTS ECGS PAGE.html."""

import sys
from pathlib import Path

import numpy as np
import yaml
from ecglens import InputSpec, rank_methods
from ecglens.datamodules import open_records
from ecglens.models import load_weights
from ecglens.models.published import Inception

settings, weights, folder, page = map(Path, sys.argv[1:5])
ask = yaml.safe_load(settings.read_text())
ecgs = list(open_records(**ask["data"], path=str(folder)))
middles = [one.signal.shape[1] // 2 for one in ecgs]
half = min(middles)  # all as long as the shortest
x = np.stack([one.signal[:, at - half : at + half] for one, at in zip(ecgs, middles, strict=True)])
folds = [load_weights(Inception(), file) for file in sorted(weights.glob("*.pt")) or [weights]]
spec = InputSpec.from_plain(ask["input"])
ranking = rank_methods(folds, x, methods=ask["methods"], spec=spec, fs=ecgs[0].fs)
print(ranking, ranking.save(page), sep="\n")
