"""Do folds agree on their maps? python folds.py SETTINGS.yaml WEIGHTS_FOLDER ECGS REPORT_FOLDER."""

import sys
from pathlib import Path

import torch
import yaml
from ecglens import InputSpec
from ecglens.datamodules import Batch, Target, open_records, prepare
from ecglens.eval import Networks, Subject
from ecglens.explain import find_all
from ecglens.models import load_weights
from ecglens.report import write_report
from ecglens.store import Store
from ecglens_metrics import Consistency
from ecglens_zoo import Inception

settings, weights, ecgs, report = map(Path, sys.argv[1:5])
ask = yaml.safe_load(settings.read_text())
found = prepare(open_records(**ask["data"], path=str(ecgs)), Store(report / "store"), "rhythm")
rows = found.spread(len(found))
x, marks = torch.from_numpy(found.x(rows)), torch.from_numpy(found.segments(rows))
batch = Batch(x, torch.full((len(x), 1), torch.nan), marks, found.ids(rows))
target = Target(settings.stem, "logit", settings.stem)
subject = Subject(batch, find_all(ask["methods"]), target, input="rhythm strips")
spec = InputSpec.from_plain(ask["input"])
folds = [load_weights(Inception(), file) for file in sorted(weights.glob("*.pt"))]
agreement = Consistency()(Networks([spec.adapt(fold) for fold in folds]), subject)
print(agreement.sentence, write_report([agreement], report), sep="\n")
