"""A package of a user's own brings a data set and a target; nothing of ECGLens is changed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ecglens.ecg import draw_exact, exact_record
from ecglens.eval import load_finding

from .conftest import ROOT, SMALL

N = 40
FILES = {
    "ward/__init__.py": "",
    "ward/reader.py": '''
"""ECGs as NAME.npy, (12, time) in µV at 500 Hz."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from ecglens.datamodules import FileReader
from ecglens.ecg import Record


@dataclass(frozen=True)
class Ward(FileReader):
    floor: int = 7
    version: ClassVar[int] = 3
    endings: ClassVar[tuple[str, ...]] = (".npy",)

    def record(self, name: str) -> Record:
        return Record(np.load(self.path / name), id=self.id(name), labels={"floor": self.floor})
''',
    "ward/labels.py": '''
"""QT corrected for the rate (Fridericia 1920)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from ecglens.datamodules import Prepared


@dataclass(frozen=True)
class Corrected:
    exponent: float = 1 / 3
    version: ClassVar[int] = 1

    def __call__(self, prepared: Prepared) -> np.ndarray:
        rr_s = 60 / prepared.table["rate"].to_numpy()
        return prepared.table["qt"].to_numpy() / rr_s**self.exponent
''',
    "ward/conf/__init__.py": "",
    "ward/conf/data/ward.yaml": """
_target_: ward.reader.Ward
name: ward7
may_leave_machine: false
path: ???
missing_lead: exclude
floor: 7
split: {train: 0.6, val: 0.2, test: 0.2, seed: 0}
""",
    "ward/conf/target/qtc.yaml": """
name: qtc
unit: ms
label:
  _target_: ward.labels.Corrected
  exponent: 0.5
edges: [QRS_on, T_off]
waves: [QRS, ST, T]
lead: null
""",
}


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package and the ECGs of the ward."""
    folder = tmp_path_factory.mktemp("outside")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "ecgs").mkdir()
    for n in range(N):
        np.save(folder / f"ecgs/{n}.npy", exact_record(draw_exact(0, n), noise_uv=5.0).signal)
    np.save(folder / "ecgs/short.npy", np.zeros((12, 100), np.float32))
    return folder


def run(outside: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """A command with the package on the path, from the folder of its user."""
    paths = [str(outside), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.run(
        [sys.executable, *words, f"data.path={outside}/ecgs", "hydra.searchpath=[pkg://ward.conf]"],
        cwd=outside,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "ECGLENS_STORE": str(outside / "store"),
            "OMP_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_prepare_reads_a_data_set_of_a_package_that_it_does_not_know(outside: Path) -> None:
    done = run(outside, "-m", "ecglens", "prepare", "data=ward", "hydra.run.dir=run")
    assert done.returncode == 0, done.stderr
    assert f"ward7: {N + 1} ECGs" in done.stdout
    assert f"{N} usable" in done.stdout
    assert "floor" in (outside / "run/labels.csv").read_text("utf-8")
    [block] = (outside / "store/beats").glob("*/settings.json")
    key = json.loads(block.read_text("utf-8"))["settings"]
    assert (key["reader"], key["version"]) == ("ward.reader.Ward", 3)


def test_a_network_learns_a_target_that_the_package_computes(outside: Path) -> None:
    small = [word for word in SMALL if not word.startswith("data")]
    words = ("data=ward", "target=qtc", "hydra.run.dir=trained", "logger=csv")
    done = run(outside, str(ROOT / "train.py"), *small, *words)
    assert done.returncode == 0, done.stderr
    facts = load_finding(outside / "trained/findings/default").facts
    assert facts["label_source"] == "qtc, by ward.labels.Corrected, version 1"
    assert facts["labels_by"] == {"qtc": {"computed": N}}


def test_a_slip_in_its_settings_is_named_in_the_last_line(outside: Path) -> None:
    done = run(outside, "-m", "ecglens", "prepare", "data=ward", "data.floor=high")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "expected data.floor to be an int, got 'high'" in done.stderr.splitlines()[-1]
