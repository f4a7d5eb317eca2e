"""What a wheel holds: a folder that is not listed would be missing on every other machine."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_package_is_in_the_wheel():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = [file.parent.relative_to(ROOT / "src") for file in (ROOT / "src").rglob("__init__.py")]
    names = {".".join(("ecglens", *folder.parts)) for folder in found}
    assert {*listed} == names | {"ecglens.configs"}
