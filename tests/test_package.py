"""What a wheel holds, on which Pythons, and that continuous integration runs our own steps."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
JOBS = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]


def test_every_package_is_in_the_wheel():
    listed = SETTINGS["tool"]["setuptools"]["packages"]
    found = [file.parent.relative_to(ROOT / "src") for file in (ROOT / "src").rglob("__init__.py")]
    names = {".".join(("ecglens", *folder.parts)) for folder in found}
    there = names | {"ecglens.configs"}
    assert {*listed} == there, (
        "under [tool.setuptools] packages of pyproject.toml add "
        f"{sorted(there - {*listed}) or 'nothing'}, remove {sorted({*listed} - there) or 'nothing'}"
    )


def test_files_that_are_read_beside_the_code_are_in_the_wheel():
    data = SETTINGS["tool"]["setuptools"]["package-data"]
    beside = [*(ROOT / "src").rglob("*.json"), *(ROOT / "src").rglob("*.bib")]
    assert beside
    for file in beside:
        package = ".".join(("ecglens", *file.parent.relative_to(ROOT / "src").parts))
        assert file.name in data[package]


def test_every_python_that_the_package_allows_is_tested():
    allowed = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", SETTINGS["project"]["requires-python"])
    assert allowed
    minors = range(int(allowed[1]), int(allowed[2]))
    assert JOBS["test"]["strategy"]["matrix"]["python"] == [f"3.{minor}" for minor in minors]
    assert f"range({allowed[1]}, {allowed[2]})" in (ROOT / "Makefile").read_text()


def test_continuous_integration_runs_steps_of_the_makefile_alone():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for job in JOBS.values():
        for step in job["steps"]:
            command, *words = step.get("run", ".ci/run").split()
            assert command == ".ci/run"
            assert {*words} <= targets
