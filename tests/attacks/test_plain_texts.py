"""JSON and yaml that were made to fill memory or stack, or to say two things, are one line."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ecglens.eval import load_finding
from ecglens.store import Step, Store, entries, parsed_json

from .conftest import edited

TEXTS = {
    "nested": ("[" * 100_000, "nested too deeply"),
    "nested objects": ('{"a":' * 100_000, "nested too deeply"),
    "a long number": (f'{{"a": {"9" * 5000}}}', "a damaged text"),
    "a large number": ('{"a": 1e999}', "too large"),
    "a key twice": ('{"about": 1, "about": 2}', "the key 'about' twice"),
    "no JSON": ('{"a"', "a damaged text"),
    "no text": ("", "a damaged text"),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_that_is_no_plain_json_is_one_line(kind: str, finding: Path, command) -> None:
    text, words = TEXTS[kind]
    (finding / "finding.json").write_text(text)
    status, said = command("collect", finding.parents[1])
    assert (status, said.count("\n")) == (2, 1)
    assert words in said
    assert "finding.json" in said


@pytest.mark.parametrize("kind", TEXTS)
def test_the_mark_of_a_job_is_read_by_the_same_rules(kind: str, foreign: Path, command) -> None:
    (foreign / "failed.json").write_text(TEXTS[kind][0])
    status, said = command("collect", foreign)
    assert (status, said.count("\n")) == (2, 1)
    assert "failed.json" in said


def test_not_a_number_is_read_since_our_own_files_may_have_it() -> None:
    assert str(parsed_json('{"a": NaN}', "a text")["a"]) == "nan"


PARTS: dict[str, Callable[[dict], object]] = {
    "a list": lambda plain: plain.update(about=[1]),
    "a word": lambda plain: plain.update(measures="all"),
    "no part": lambda plain: plain.pop("methods"),
    "another part": lambda plain: plain.update(run="rm"),
    "NaN": lambda plain: plain["about"].update(seed=float("nan"), records=float("nan")),
    "a path of a table": lambda plain: plain.update(details=["../../../secret"]),
    "methods without end": lambda plain: plain.update(methods=["a"] * 10**6),
}


@pytest.mark.parametrize("kind", PARTS)
def test_a_finding_of_other_parts_is_one_line(kind: str, finding: Path, command) -> None:
    (finding.parents[2] / "secret.csv").write_text("name\nMr. Smith\n")
    edited(finding / "finding.json", PARTS[kind])
    status, said = command("collect", finding.parents[1])
    assert (status, said.count("\n")) == (2, 1)
    assert "Smith" not in said


def test_a_small_text_is_read_in_little_memory(tmp_path: Path) -> None:
    (tmp_path / "small.json").write_text('{"a": 1}')
    code = """
import sys
from pathlib import Path
from ecglens.store import read_json
from tests.attacks.bounded import bounded
with bounded(2**22):
    print(read_json(Path(sys.argv[1])))
"""  # another process: here memory may be free already
    said = subprocess.check_output(
        [sys.executable, "-c", code, tmp_path / "small.json"],
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert said == "{'a': 1}\n"


YAMLS = {
    "aliases": "a: &a [x]\n" + "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ),
    "nested": "[" * 100_000,
    "no yaml": "{a: [",
    "a command": "!!python/object/apply:os.system [touch owned]",
    "a word": "hydra",
    "a list": "[1, 2]",
}  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["hydra.yaml", "overrides.yaml", "config.yaml"])
@pytest.mark.parametrize("kind", YAMLS)
def test_settings_of_a_foreign_job_are_plain(kind: str, name: str, foreign: Path, command) -> None:
    (foreign / ".hydra" / name).write_text(YAMLS[kind])
    status, said = command("collect", foreign)
    assert status in (1, 2)  # 1: such settings give a command that repeats the job
    assert "Traceback" not in said
    assert status == 1 or said.count("\n") == 1
    assert len(said) < 1000
    assert not Path("owned").exists()


@pytest.mark.heavy
@pytest.mark.parametrize("how", ["explain", "benchmark", "config"])
def test_a_yaml_of_aliases_is_refused_in_a_line(how: str, tmp_path: Path) -> None:
    (tmp_path / "a.dcm").touch()  # a file that is not there is told first
    file = tmp_path / "conf" / "method" / "bomb.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(YAMLS["aliases"])
    words = {
        "explain": ("explain", tmp_path / "a.dcm", "--network", file),
        "benchmark": ("benchmark", file),
        "config": ("prepare", f"--config-dir={file.parent.parent}"),
    }[how]
    done = subprocess.run(
        [sys.executable, "-m", "ecglens", *map(str, words)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 2
    assert "expected yaml without aliases in" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("text", ["[" * 100_000, '{"settings": 1, "settings": 2}', "{"])
def test_settings_in_a_store_that_are_no_plain_json_are_damage(text: str, tmp_path: Path) -> None:
    made = Store(tmp_path).folder(Step("beats", 1), {}, lambda part: None)
    (made / "settings.json").write_text(text)
    (entry,) = entries(tmp_path)
    assert entry.damage() == "settings.json is not what was written"


def test_a_finding_that_no_one_changed_is_read(finding: Path) -> None:
    assert load_finding(finding).methods
