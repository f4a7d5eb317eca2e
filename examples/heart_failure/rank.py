"""Rank methods on a published network: python rank.py SETTINGS.yaml WEIGHTS.pt ECGS PAGE.html."""

import sys
from pathlib import Path

import numpy as np
import yaml
from ecglens import InputSpec, rank_methods
from ecglens.datamodules import open_records
from ecglens.models import load_weights
from ecglens.models.published import Inception

settings, weights, ecgs, page = map(Path, sys.argv[1:5])
ask = yaml.safe_load(settings.read_text())
spec = InputSpec.from_plain(ask["input"])
x = np.stack([one.signal for one in open_records(**ask["data"], path=str(ecgs))])
ranking = rank_methods(load_weights(Inception(), weights), x, methods=ask["methods"], spec=spec)
print(ranking, ranking.save(page), sep="\n")
