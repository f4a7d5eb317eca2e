"""The core works without the optional packages, and says which extra holds one that it lacks."""

import re
import subprocess
import sys
import tomllib
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
INSTALL = "pip install '.[{}]' in a copy of the source"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = {
    extra: {re.split(r"[><=\[]", each)[0] for each in PROJECT["optional-dependencies"][extra]}
    for extra in ("formats", "generator", "wandb")
}
# The packages of an extra are not found in a process that begins with this.
WITHOUT = """
import sys
from importlib.machinery import PathFinder

class Without(PathFinder):
    @classmethod
    def find_spec(cls, name, *given):
        missing = name.partition(".")[0] in {missing}
        return None if missing else super().find_spec(name, *given)

sys.meta_path[sys.meta_path.index(PathFinder)] = Without
"""
# What a job on exact ECGs needs, up to its first ECG, and a logger that is not installed.
DEFAULT = """
from pathlib import Path
import ecglens.jobs.pipeline, ecglens.jobs.networks, ecglens.jobs.job
from ecglens.datamodules import open_records
from ecglens.jobs.loggers import open_loggers
print(open_records("exact", n=1).reader.read(0, 1).__next__().id)
settings = {"logger": {"wandb": {"name": "wandb"}}, "data": {"may_leave_machine": True}}
open_loggers(settings, Path(), None, None)
"""
GENERATED = """
from ecglens.datamodules import open_records
open_records("deepfake", n=1).reader.read(0, 1).__next__()
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


@pytest.mark.heavy
def test_each_extra_brings_modules():
    assert {"wfdb", "h5py", "pyarrow"} <= {*modules_of("formats")}
    assert (modules_of("generator"), modules_of("wandb")) == (["deepfakeecg"], ["wandb"])


@pytest.mark.heavy
def test_the_default_needs_no_extra(tmp_path):
    done = run_without([*EXTRAS], DEFAULT, tmp_path)
    assert done.returncode == 0, done.stderr
    said = f"wandb is not installed: logging to CSV only; {INSTALL.format('wandb')}\n"
    assert done.stderr == said


@pytest.mark.heavy
def test_generated_ecgs_without_their_package_name_the_extra(tmp_path):
    done = run_without(["generator"], GENERATED, tmp_path)
    assert done.stderr.splitlines()[-1].endswith(INSTALL.format("generator"))


def test_the_least_that_is_installed_has_no_telemetry_generator_or_server():
    least = {"ecglens"}
    rest = [*PROJECT["dependencies"]]
    while rest:
        needed = Requirement(rest.pop())
        if needed.name.lower() in least or (needed.marker and not needed.marker.evaluate()):
            continue
        least.add(needed.name.lower())
        with suppress(PackageNotFoundError):
            rest += requires(needed.name) or []
    assert {"torch", "pytorch-lightning", "matplotlib"} < least
    assert not least & {"wandb", "cwevals", "deepfake-ecg", "fastapi", "uvicorn", "starlette"}
    assert not [name for name in least if name.startswith("opentelemetry")]


@pytest.mark.parametrize("source", ["ludb", "code15"])
def test_a_reader_without_its_package_names_the_extra(source, tmp_path):
    code = f"from ecglens.datamodules import open_records\nopen_records({source!r}, '.')"
    done = run_without(["formats"], code, tmp_path)
    assert done.stderr.splitlines()[-1].endswith(INSTALL.format("formats"))


def test_a_table_of_labels_without_its_package_names_the_extra(tmp_path):
    (tmp_path / "labels.csv").write_text("record,ef\n1,35\n")
    code = (
        "from pathlib import Path\n"
        "from ecglens.datamodules.formats.tables import read_columns\n"
        "read_columns(Path('labels.csv'))"
    )
    done = run_without(["formats"], code, tmp_path)
    assert done.stderr.splitlines()[-1].endswith(INSTALL.format("formats"))


def test_the_extras_for_development_hold_all_others():
    assert (
        "ecglens[cluster,docs,formats,generator,notebooks,onnx,search,wandb,workspace]"
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
