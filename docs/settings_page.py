"""The page of settings: tables of the yaml files with the comments beside each key.

They are in configs/ and in the packages of apps/.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
CONFIGS = ROOT / "configs"
# The folder of each package beside the core, with the name of the package.
BESIDE = {file.parent: file.parents[2].name for file in ROOT.glob("apps/*/*/conf/__init__.py")}
MARK = re.compile(r"^<!-- configs/(\S+) -->$", re.MULTILINE)
PACKAGE = re.compile(r"# @package (\S+)")  # where Hydra puts the settings of a file
LISTED = "defaults"  # Hydra's name for the files that a file begins with
CONTINUED = re.compile(r"#  +")  # a comment that continues that of the line before
SIGNS = re.compile(r"[*_\[\]|\\]")  # of Markdown
PAGE = re.compile(r"\bdocs/(\w+\.md)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page with the tables of a file, or of each file of a folder, in place of its marks."""
    return MARK.sub(lambda mark: "\n\n".join(_files(mark[1])), markdown)


@dataclass
class Setting:
    """A key with its value as written, and the comments above, behind and below it."""

    name: str
    value: str
    line: int
    reason: list[str] = field(default_factory=list)


def _files(named: str) -> Iterator[str]:
    """Tables of a file, or of the files of a group with their headings."""
    places = [folder / named for folder in (CONFIGS, *BESIDE)]
    if named.endswith(".yaml"):
        yield from (_table(place) for place in places if place.is_file())
        return
    files = [file for place in places for file in place.glob("*.yaml")]
    for path in sorted(files, key=lambda file: file.stem):
        yield f"### {named}={path.stem}\n\n{_table(path)}"


def _table(path: Path) -> str:
    """What the head of a file says, and a row for each key."""
    head, found = _read(path)
    if package := BESIDE.get(path.parent) or BESIDE.get(path.parents[1]):
        head = f"{head}\n\nIt comes with the package `ecglens-{package}` (`apps/{package}`)."
    rows = [_row(each) for each in found if each.value or each.reason]
    return "\n".join([head, "", "| Setting | Default | Reason |", "|---|---|---|", *rows])


def _read(path: Path) -> tuple[str, list[Setting]]:
    """Head of a file, as Markdown, and its settings with their comments."""
    text = path.read_text(encoding="utf-8")
    group = _group(path)
    package = "" if group == "." else f"{group}."
    if named := PACKAGE.match(text):
        package = "" if named[1] == "_global_" else f"{named[1]}."
    found = [*_settings(yaml.compose(text), package, text)]
    return _add_comments(found, text), found


def _group(path: Path) -> str:
    """Group of a file of configs/ or of a package; "." for one of a command."""
    root = next(folder for folder in (CONFIGS, *BESIDE) if folder in path.parents)
    return path.parent.relative_to(root).as_posix()


@cache
def _shared() -> Mapping[tuple[str, str], str]:
    """Reason of a setting and its value, from the first file that gives one."""
    reasons: dict[tuple[str, str], str] = {}
    for path in (file for folder in (CONFIGS, *BESIDE) for file in sorted(folder.rglob("*.yaml"))):
        for each in _read(path)[1]:
            if each.reason:
                reasons.setdefault((each.name, each.value), " ".join(each.reason))
    return reasons


def _row(setting: Setting) -> str:
    """The row of a setting; without a comment, with that of an equal setting in another file."""
    reason = " ".join(setting.reason) or _shared().get((setting.name, setting.value), "")
    name = f'<code class="setting">{_plain(setting.name)}</code>'
    value = f"<code>{_plain(setting.value)}</code>" if setting.value else ""
    return f"| {name} | {value} | {_prose(reason)} |"


def _settings(node: yaml.MappingNode, prefix: str, text: str) -> Iterator[Setting]:
    """Keys in the order of the file, each with its path as on the command line."""
    for key, value in node.value:
        if key.value == LISTED:
            yield from _listed(value, text)
            continue
        branch = isinstance(value, yaml.MappingNode) and not value.flow_style
        shown = "" if branch else _written(value, text)
        yield Setting(f"{prefix}{key.value}", shown, key.start_mark.line)
        if branch:
            yield from _settings(value, f"{prefix}{key.value}.", text)


def _listed(node: yaml.SequenceNode, text: str) -> Iterator[Setting]:
    """The choices of groups, and the files that are joined."""
    joined = [each for each in node.value if isinstance(each, yaml.ScalarNode)]
    names = [each.value for each in joined if each.value != "_self_"]
    if names:
        yield Setting(LISTED, ", ".join(names), joined[0].start_mark.line)
    for each in node.value:
        for group, choice in each.value if isinstance(each, yaml.MappingNode) else ():
            name = group.value.removeprefix("override ").removeprefix("/")
            yield Setting(name, _written(choice, text), group.start_mark.line)


def _written(node: yaml.Node, text: str) -> str:
    """A value as it stands in the file, without the lines of a long text."""
    long = isinstance(node, yaml.ScalarNode) and node.style == "|"
    return "…" if long else text[node.start_mark.index : node.end_mark.index]


def _add_comments(settings: Sequence[Setting], text: str) -> str:
    """Give each setting the comments beside it; the head of the file, as Markdown."""
    at = {each.line: each for each in settings}
    head: list[str] = []
    above: list[str] = []
    last = None
    for number, (content, comment) in enumerate(_lines(text)):
        if number in at:
            last = at[number]
            last.reason += above
            above = []
        if not comment or PACKAGE.match(comment):
            continue
        if number < min(at):
            head.append(comment.removeprefix("# "))
        elif last and (content or CONTINUED.match(comment)):
            last.reason.append(comment.lstrip("# "))
        else:
            above.append(comment.lstrip("# "))
    listed = re.sub(r"\n- ", "\n\n- ", "\n".join(head), count=1)
    return _prose(listed)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Each line's content, and the comment behind it."""
    lines = text.splitlines()
    ends = [0] * (len(lines) + 1)
    for token in yaml.scan(text):
        start, end = token.start_mark, token.end_mark
        for line in range(start.line, end.line):  # texts of several lines
            ends[line] = len(lines[line])
        ends[end.line] = max(ends[end.line], end.column)
    for line, end in zip(lines, ends, strict=False):
        yield line[:end].strip(), line[end:].strip()


def _prose(text: str) -> str:
    """Text whose signs mean nothing to Markdown, but for code and links to pages."""
    parts = text.split("`")
    parts[::2] = [_linked(part) for part in parts[::2]]
    return "`".join(parts)


def _linked(text: str) -> str:
    before, *links = PAGE.split(text)
    pairs = zip(links[::2], links[1::2], strict=True)
    return _plain(before) + "".join(f"[{page}]({page}){_plain(after)}" for page, after in pairs)


def _plain(text: str) -> str:
    return SIGNS.sub(lambda sign: f"&#{ord(sign[0])};", escape(text, quote=False))
