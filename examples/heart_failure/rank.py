"""Rank methods on published networks: python rank.py SETTINGS.yaml WEIGHTS ECGS PAGE.html."""

import sys
from pathlib import Path

import numpy as np
import yaml
from ecglens import InputSpec, rank_methods
from ecglens.datamodules import open_records
from ecglens.ecg import resampled
from ecglens.models import load_weights
from ecglens_zoo import Inception

settings, weights, folder, page = map(Path, sys.argv[1:5])
ask = yaml.safe_load(settings.read_text())
spec = InputSpec.from_plain(ask["input"])
records = open_records(**ask["data"], path=str(folder))
signals = [resampled(one.signal, one.fs, spec.fs) for one in records]  # all at one rate
half = min(each.shape[1] for each in signals) // 2  # all as long as the shortest
x = np.stack([each[:, (at := each.shape[1] // 2) - half : at + half] for each in signals])
folds = [load_weights(Inception(), file) for file in sorted(weights.glob("*.pt")) or [weights]]
ranking = rank_methods(folds, x, methods=ask["methods"], spec=spec, fs=spec.fs)
print(ranking, ranking.save(page), sep="\n")
