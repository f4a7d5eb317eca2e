"""The core works without the optional packages, and says which extra holds one that it lacks."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = {
    extra: {re.split(r"[><=\[]", each)[0] for each in PROJECT["optional-dependencies"][extra]}
    for extra in ("formats",)
}
# The packages of an extra cannot be imported in a process that begins with this.
WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {missing}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
"""
# What the default job needs, up to its first ECG.
DEFAULT = """
import ecglens.jobs.pipeline, ecglens.jobs.networks, ecglens.jobs.job
from ecglens.datamodules import open_records
print(open_records("deepfake", n=1).reader.read(0, 1).__next__().id)
"""


def modules_of(extra: str) -> list[str]:
    """Top-level modules that the packages of an extra bring."""
    of = packages_distributions()
    return sorted(name for name in of if EXTRAS[extra] & {each.lower() for each in of[name]})


def run_without(extras: list[str], code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a process without these extras says."""
    missing = sorted(name for extra in extras for name in modules_of(extra))
    return subprocess.run(
        [sys.executable, "-c", WITHOUT.format(missing=missing) + code],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_each_extra_brings_modules():
    assert {"wfdb", "h5py", "pyarrow"} <= {*modules_of("formats")}


@pytest.mark.heavy
def test_the_default_needs_no_extra(tmp_path):
    done = run_without([*EXTRAS], DEFAULT, tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("source", ["ludb", "code15"])
def test_a_reader_without_its_package_names_the_extra(source, tmp_path):
    code = f"from ecglens.datamodules import open_records\nopen_records({source!r}, '.')"
    done = run_without(["formats"], code, tmp_path)
    assert done.stderr.splitlines()[-1].endswith("pip install '.[formats]' in a copy of the source")


def test_a_table_of_labels_without_its_package_names_the_extra(tmp_path):
    (tmp_path / "labels.csv").write_text("record,ef\n1,35\n")
    code = (
        "from pathlib import Path\n"
        "from ecglens.datamodules.formats.tables import read_columns\n"
        "read_columns(Path('labels.csv'))"
    )
    done = run_without(["formats"], code, tmp_path)
    assert done.stderr.splitlines()[-1].endswith("pip install '.[formats]' in a copy of the source")


def test_the_extras_for_development_hold_all_others():
    assert (
        "ecglens[cluster,docs,formats,notebooks,onnx,search,workspace]"
        in PROJECT["optional-dependencies"]["dev"]
    )


# What the doors from Python load is torch and numpy; the rest is loaded by the call that uses it.
DOORS = """
import sys
from ecglens import InputSpec, rank_methods
from ecglens.explain import attribute
first = {*sys.modules}
from ecglens import load_ecgs
print(*first, ";", *sys.modules)
"""
TORCH_ALONE = {
    "captum", "h5py", "hydra", "jinja2", "lightning_fabric", "matplotlib", "pandas", "PIL",
    "pyarrow", "pytorch_lightning", "scipy", "sympy", "torch._dynamo", "torchmetrics", "wandb",
}  # fmt: skip


@pytest.mark.heavy
def test_the_doors_from_python_load_torch_alone():
    done = subprocess.run(
        [sys.executable, "-c", DOORS], capture_output=True, text=True, check=True, timeout=120
    )
    first, then = done.stdout.split(";")
    assert "torch" in first.split()
    assert not TORCH_ALONE & {*first.split()}
    assert not {"captum", "hydra", "wandb"} & {*then.split()}
