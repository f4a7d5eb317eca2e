"""The page of settings has every key of every yaml file, its default and its comments."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ..test_docs import ROOT
from .test_site import words

pytestmark = pytest.mark.heavy

FOLDERS = [ROOT / "configs", *ROOT.glob("apps/*/*/conf")]
FILES = [
    file
    for folder in FOLDERS
    for file in sorted(folder.rglob("*.yaml"))
    if file.name not in ("printed.yaml", "with_all.yaml")  # the latter joins a file to another
]
HEADINGS = {"train": "train and evaluate", "evaluate": "train and evaluate", "prepare": "prepare"}
# A comment, and the key that stands before it on the line.
COMMENT = re.compile(r"^\s*(?:- )?(?:([\w@.]+):.*\s|)#\s+(\S.*)$")
PACKAGE = "@package "
# Settings without a reason: the class and the name that the head of a file speaks of, the files
# that it joins, and where Hydra writes, what it prints and how it logs.
EXEMPT = re.compile(
    r"(.+\.)?(_target_|name)|defaults|optional /evaluation/\w+@_here_|hydra/(job|hydra)_logging"
    r"|hydra\.((run|sweep)\.dir|sweep\.subdir|job\.chdir|help\..+)"
)


def group_of(path: Path) -> str:
    (folder,) = (folder for folder in FOLDERS if folder in path.parents)
    return path.parent.relative_to(folder).as_posix()


def heading(path: Path) -> str:
    group = group_of(path)
    return HEADINGS[path.stem] if group == "." else f"{group}={path.stem}"


def prefix(path: Path) -> str:
    """What stands before a key of this file on the command line."""
    group = group_of(path)
    return {".": "", "experiment": "", "hydra/launcher": "hydra."}.get(group, f"{group}.")


def leaves(settings: dict[str, Any], before: str) -> Iterator[tuple[str, Any]]:
    """Every setting with its value; what Hydra's list of defaults chooses comes first."""
    for entry in settings.pop("defaults", []):
        if isinstance(entry, dict):
            ((group, choice),) = entry.items()
            yield group.removeprefix("override ").removeprefix("/"), choice
    for key, value in settings.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


@pytest.fixture(scope="module")
def sections(site) -> dict[str, str]:
    """Part of the page by its heading."""
    page = (site / "settings" / "index.html").read_text(encoding="utf-8")
    parts = re.split(r"<h[23] [^>]*>(.*?)<a ", page)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(section: str) -> Iterator[list[str]]:
    """Setting, default and reason."""
    for row in re.findall(r"<tr>(.*?)</tr>", section, re.DOTALL):
        cells = [words(cell) for cell in re.findall(r"<td>(.*?)</td>", row, re.DOTALL)]
        yield from [cells] if cells else []


def comments(path: Path) -> Iterator[tuple[str | None, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if (found := COMMENT.match(line)) and not found[2].startswith(PACKAGE):
            yield found[1], " ".join(found[2].replace("`", "").replace("docs/", "").split())


@pytest.mark.parametrize("path", FILES, ids=heading)
def test_the_page_has_every_setting_with_its_default(path, sections):
    shown = [(name, value) for name, value, _ in rows(sections[heading(path)])]
    for name, value in leaves(yaml.safe_load(path.read_text(encoding="utf-8")), prefix(path)):
        values = [given for setting, given in shown if setting == name]
        text = isinstance(value, str) and "\n" in value
        assert any(text or yaml.safe_load(given) == value for given in values), name


@pytest.mark.parametrize("path", FILES, ids=heading)
def test_the_page_has_every_comment_beside_its_setting(path, sections):
    section = sections[heading(path)]
    everything = words(section)
    reasons = [(name, reason) for name, _, reason in rows(section)]
    for key, comment in comments(path):
        if key is None:
            assert comment.removeprefix("- ") in everything
        else:
            own = [reason for name, reason in reasons if name.split(".")[-1] == key]
            assert any(comment in reason for reason in own), (key, comment, own)


@pytest.mark.parametrize("path", FILES, ids=heading)
def test_every_setting_has_a_reason(path, sections):
    bare = {name for name, _, reason in rows(sections[heading(path)]) if not reason}
    assert {name for name in bare if not EXEMPT.fullmatch(name)} == set()


def test_a_setting_without_a_comment_has_the_reason_of_an_equal_one_alone(sections):
    of_deepfake, of_ludb, of_errors = (
        {name: reason for name, _, reason in rows(sections[heading])}
        for heading in ("data=deepfake", "data=ludb", "experiment=bender2023_errors")
    )
    assert of_ludb["data.split.train"] == of_deepfake["data.split.train"] != ""
    assert of_errors["data.split.train"].startswith("by the rule")  # 0.075 instead of 0.6


def test_a_comment_of_several_lines_is_whole(sections):
    (reason,) = [r for name, _, r in rows(sections["data=wfdb"]) if name == "data.patient_level"]
    assert reason.endswith(
        "each record counts as a patient, which is wrong if patients have several"
    )
