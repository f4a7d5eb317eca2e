"""What a wheel holds, on which Pythons, and that continuous integration runs our own steps."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
JOBS = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]


# The folder of each package, that of the core and those of the applications, by its settings.
PACKAGES = {ROOT / "pyproject.toml": ROOT / "src"} | {
    file: next(file.parent.glob("ecglens_*/__init__.py")).parent
    for file in ROOT.glob("apps/*/pyproject.toml")
}


def package_of(folder: Path, source: Path) -> str:
    """Import path of a folder below `source`."""
    top = "ecglens" if source.name == "src" else source.name
    return ".".join((top, *folder.relative_to(source).parts))


@pytest.mark.parametrize("settings", PACKAGES, ids=lambda file: file.parent.name)
def test_every_package_is_in_the_wheel(settings):
    source = PACKAGES[settings]
    listed = tomllib.loads(settings.read_text())["tool"]["setuptools"]["packages"]
    there = {package_of(file.parent, source) for file in source.rglob("__init__.py")}
    there |= {"ecglens.configs"} if source.name == "src" else set()
    assert {*listed} == there, (
        f"under [tool.setuptools] packages of {settings} add "
        f"{sorted(there - {*listed}) or 'nothing'}, remove {sorted({*listed} - there) or 'nothing'}"
    )


@pytest.mark.parametrize("settings", PACKAGES, ids=lambda file: file.parent.name)
def test_files_that_are_read_beside_the_code_are_in_the_wheel(settings):
    source = PACKAGES[settings]
    data = tomllib.loads(settings.read_text())["tool"]["setuptools"].get("package-data", {})
    for file in source.rglob("*"):
        if file.is_dir() or file.suffix in {".py", ".pyc", ".typed"}:
            continue
        packages = [each for each in file.parents if (each / "__init__.py").is_file()]
        package = package_of(packages[0], source)
        below = file.relative_to(packages[0])
        assert any(below.match(pattern) for pattern in data.get(package, [])), file


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


def locked(file: str) -> dict[str, str]:
    """Version of each package in a file of pinned requirements."""
    found = re.findall(r"^([\w.-]+)==([\w.+-]+)", (ROOT / file).read_text(), re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def test_what_is_installed_by_checksums_is_the_least_in_the_locked_versions():
    hashed, lock = locked("requirements.hashes"), locked("requirements.lock")
    known = {name: version for name, version in hashed.items() if name in lock}
    assert known == {name: lock[name] for name in known}
    project = SETTINGS["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["formats"]]
    names = {re.sub(r"[-_.]+", "-", re.split(r"[><=\[]", each)[0]) for each in wanted}
    assert names - {*hashed} == {"torch"}
    assert not [name for name in hashed if name.startswith(("cuda", "nvidia", "triton", "wandb"))]


def test_each_pinned_package_has_a_checksum():
    blocks = re.split(r"\n(?=\S)", (ROOT / "requirements.hashes").read_text().strip())
    assert len(blocks) == len(locked("requirements.hashes"))
    assert not [block for block in blocks if "--hash=sha256:" not in block]
