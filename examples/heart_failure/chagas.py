"""AUROC of three published folds on CODE-15: python chagas.py WEIGHTS_FOLDER ECGS_FOLDER."""

import sys
from pathlib import Path

import numpy as np
import torch
import wfdb
import yaml
from ecglens import InputSpec
from ecglens.datamodules import open_records
from ecglens.ecg import resampled
from ecglens.models import load_weights
from ecglens_zoo import Inception
from scipy.stats import mannwhitneyu

FS = 400  # records of another rate are resampled
weights, ecgs = map(Path, sys.argv[1:3])
spec = yaml.safe_load(Path(__file__).with_name("chagas.yaml").read_text())["input"]
folds = [load_weights(Inception(), file) for file in sorted(weights.glob("*.pt"))]
net = InputSpec.from_plain(spec).adapt(folds, fs=FS)
records = list(open_records("wfdb", path=str(ecgs)))
with torch.no_grad():
    signals = [torch.from_numpy(resampled(one.signal, one.fs, FS)) for one in records]
    logits = np.array([float(net(each[None])) for each in signals])
notes = [wfdb.rdheader(str(ecgs / one.id)).comments or [] for one in records]
sick = np.array(["Chagas label: True" in each for each in notes])
areas, random = [], np.random.default_rng(0)
for rows in [np.arange(len(sick)), *random.integers(0, len(sick), (2000, len(sick)))]:
    ill, well = logits[rows][sick[rows]], logits[rows][~sick[rows]]
    if len(ill) and len(well):
        areas.append(mannwhitneyu(ill, well).statistic / len(ill) / len(well))
low, high = np.quantile(areas[1:], (0.025, 0.975))
print(f"AUROC {areas[0]:.2f} ({low:.2f} to {high:.2f}), {sick.sum()} of {len(sick)} are sick")
