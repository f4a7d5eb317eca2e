"""The README and the pages in docs/ are true: code runs, links lead somewhere, commands exist."""

import re
import shlex
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import hydra
import pytest
import yaml
from ecglens.cli.own_configs import search_installed
from ecglens.datamodules import Target
from ecglens.registry import config_folder
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("README.md")), *sorted((ROOT / "docs").rglob("*.md"))]
# What people read on GitHub beside them.
NOTES = [*ROOT.glob("C*.md"), *ROOT.glob("examples/*/README.md")]
LINKED = [*PAGES, *sorted(NOTES)]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
DOORS = ("prepare", "train", "evaluate")  # the names of the commands and of their configurations

# Their code trains networks, as tests/cli and tests/library do too.
SLOW = ("extending", "own_network", "sanity", "targets")
LONG = ("architecture", "claims_lab", "networks", "python", "tutorial")
MARKS = {**dict.fromkeys(SLOW, pytest.mark.heavy), **dict.fromkeys(LONG, pytest.mark.long)}
RUN = [pytest.param(page, marks=MARKS.get(page.stem, ())) for page in PAGES]
each_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix()
)


def blocks(page: Path, language: str) -> list[tuple[int, str]]:
    """The fenced blocks of a language with the line that each begins on."""
    text = page.read_text(encoding="utf-8")
    return [
        (text.count("\n", 0, found.start(2)), found[2])
        for found in BLOCK.finditer(text)
        if found[1] == language
    ]


def prose(page: Path) -> str:
    """The page without its blocks."""
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def commands(page: Path) -> Iterator[list[str]]:
    """The words of every command line in a bash block or between backticks."""
    lines = [line for language in ("bash", "sh", "") for _, block in blocks(page, language)
             for line in block.replace("\\\n", " ").splitlines()]  # fmt: skip
    for line in [*lines, *INLINE.findall(prose(page))]:
        try:
            words = shlex.split(line.removeprefix("$ "), comments=True)
        except ValueError:  # prose or mathematics between backticks
            continue
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):  # ECGLENS_STORE=… python train.py
            words.pop(0)
        if words:
            yield words


def jobs(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Configuration and overrides of every call of a front door."""
    for words in commands(page):
        first, second = Path(words[0]).name, Path(words[1]).stem if len(words) > 1 else ""
        if (first.startswith("python") or first == "ecglens") and second in DOORS:
            yield second, [word for word in words[2:] if "=" in word and not word.startswith("-")]


def own_configurations(page: Path) -> dict[str, str]:
    """The yaml blocks of a page by the path that their first line names."""
    found = {}
    for _, block in blocks(page, "yaml"):
        named = re.match(r"# (?:configs|settings)/(\w+/\w+\.yaml)\n", block)
        assert named, f"{page.name}: a yaml block begins with its path, as in # configs/target/…"
        found[named[1]] = block
    return found


@pytest.fixture
def compose(tmp_path):
    """Composes a front door's configuration; other yaml files may be given to stand beside ours."""
    GlobalHydra.instance().clear()
    search_installed()

    def composed(name: str, overrides: list[str], beside: dict[str, str]) -> dict:
        for path, text in beside.items():
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(text, encoding="utf-8")
        overrides = [f"hydra.searchpath=[file://{tmp_path}]", *overrides]
        with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
            config = OmegaConf.to_container(hydra.compose(name, overrides))
        assert isinstance(config, dict)
        return config

    yield composed
    GlobalHydra.instance().clear()


def swept(overrides: list[str]) -> Iterator[list[str]]:
    """One list of overrides per job of a sweep; one for a single run."""
    each = []
    for override in OverridesParser.create().parse_overrides(overrides):
        if override.is_sweep_override():
            key = override.get_key_element()
            each.append([f"{key}={value}" for value in override.sweep_string_iterator()])
        else:
            each.append([override.input_line or ""])
    return map(list, product(*each))


def test_there_are_pages():
    assert [page.stem for page in PAGES if page.parent == ROOT / "docs"] == [
        "agreement",
        "architecture",
        "attacks",
        "audit",
        "axioms",
        "benchmark",
        "benchmarks",
        "claims",
        "claims_lab",
        "cluster",
        "data",
        "effects",
        "explain_records",
        "extending",
        "faq",
        "figures",
        "findings",
        "gallery",
        "glossary",
        "governance",
        "index",
        "labels",
        "ladder",
        "localisation",
        "measure",
        "measured_networks",
        "meta_evaluation",
        "methods",
        "networks",
        "open",
        "own_network",
        "patients",
        "perturbation",
        "plan",
        "python",
        "relevance",
        "reproduction",
        "sanity",
        "scaling",
        "seasons",
        "security",
        "settings",
        "share_model",
        "shortcuts",
        "stability",
        "statistics",
        "store",
        "story",
        "study",
        "tables",
        "targets",
        "team",
        "tutorial",
    ]


# What Lightning says to its own developers; the commands leave it out as well (cli/front_door.py).
@pytest.mark.filterwarnings("ignore:.*does not have many workers")
@pytest.mark.filterwarnings("ignore:.*`isinstance.treespec, LeafSpec.` is deprecated")
@pytest.mark.parametrize("page", RUN, ids=lambda value: value.stem)
def test_the_code_runs_from_top_to_bottom(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": page.stem}
    for line, code in blocks(page, "python"):
        # Empty lines before it, so that an error names the line of the page.
        exec(compile("\n" * line + code, str(page), "exec"), names)


@pytest.mark.parametrize("page", LINKED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_relative_links_and_images_lead_to_files_and_headings(page):
    for found in LINK.finditer(prose(page)):
        target = found[1] or found[2]
        if not re.match(r"https?:|mailto:", target):
            path, _, anchor = target.partition("#")
            file = page.parent / path if path else page
            assert file.exists(), target
            assert not anchor or anchor in anchors(file), target


def anchors(page: Path) -> set[str]:
    """Anchors of the headings as GitHub makes them; mkdocs checks those of the site."""
    names: list[str] = []
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        text = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        names.append(f"{name}-{names.count(name)}" if name in names else name)
    return {*names}


@each_page
def test_make_targets_are_those_of_the_makefile(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for words in commands(page):
        if words[0] == "make":
            asked = {word for word in words[1:] if "=" not in word and not word.startswith("-")}
            assert asked <= targets, words


@pytest.fixture(scope="module")
def composed_before() -> list[object]:
    """Jobs that composed, with the files beside ours: on another page they compose alike, 0.3 s."""
    return []


@each_page
def test_commands_compose(page, compose, composed_before):
    beside = own_configurations(page)
    for name, overrides in jobs(page):
        for job in swept(overrides):
            if (name, job, beside) not in composed_before:
                compose(name, job, beside)
                composed_before.append((name, job, beside))


@each_page
def test_configurations_shown_compose_and_name_what_their_class_takes(page, compose):
    beside = own_configurations(page)
    for path, text in beside.items():
        group, name = Path(path).parts[0], Path(path).stem
        given = compose("train", [f"{group}={name}"], beside)[group]
        if group == "data":  # the settings of every data set are in configs/train.yaml
            for shared in ("by", "folds", "first"):
                del given["split"][shared]
        assert given == yaml.safe_load(text)
        if group == "target":
            edges, waves = tuple(given.pop("edges")), tuple(given.pop("waves"))
            assert Target(**given, edges=edges, waves=waves).name == name
        # A class of the reader's own is in no package here.
        if group == "evaluation" and given[name]["_target_"].startswith("ecglens."):
            assert hydra.utils.instantiate(given[name]).name == name
