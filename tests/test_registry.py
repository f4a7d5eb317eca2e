"""Names of yaml files, and those that installed packages offer: commands, functions of ecglens."""

import ast
import os
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import ecglens
import pytest
from ecglens.registry import (
    BESIDE,
    NEEDS,
    config_folder,
    folders,
    missing,
    names,
    not_installed,
    offered,
    places,
    printed,
    settings,
)

COMMAND = """'''`ecglens hello`: greet the reader.

More.
'''


def main():
    print("hello")
"""


def install(folder: Path, name: str, code: str, points: str) -> Path:
    """A folder for the path, with a module and what pip leaves of its package."""
    (folder / f"{name}.py").write_text(code)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(points)
    return folder


def called(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """`ecglens words…` where the packages of a folder are installed."""
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.run(
        [sys.executable, "-m", "ecglens", *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_a_command_of_an_installed_package_runs_and_is_in_the_help(tmp_path: Path) -> None:
    install(tmp_path, "greetings", COMMAND, "[ecglens.commands]\nhello = greetings\n")
    assert called(tmp_path, "hello").stdout == "hello\n"
    (line,) = [each for each in called(tmp_path).stdout.splitlines() if "hello" in each]
    assert line.split(maxsplit=1) == ["hello", "greet the reader"]
    unknown = called(tmp_path, "helo")
    assert unknown.returncode == 1
    assert "got 'helo'; did you mean hello?" in unknown.stderr


def test_a_command_that_cannot_be_loaded_leaves_the_help_of_the_others(tmp_path: Path) -> None:
    install(tmp_path, "greetings", COMMAND, "[ecglens.commands]\nhello = no_such_module\n")
    done = called(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "cannot be loaded: No module named 'no_such_module'" in done.stdout
    assert "train" in done.stdout


@pytest.mark.parametrize("name", ["train", "hello"])
def test_two_commands_of_one_name_are_refused_in_one_line(tmp_path: Path, name: str) -> None:
    install(tmp_path, "greetings", COMMAND, f"[ecglens.commands]\n{name} = greetings\n")
    if name == "hello":
        install(tmp_path, "others", COMMAND, f"[ecglens.commands]\n{name} = others\n")
    done = called(tmp_path, name)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert name in line
    assert "greetings" in line


def test_a_function_of_an_installed_package_is_found_in_ecglens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not hasattr(ecglens, "hello")
    code = "def hello(name):\n    return f'hello {name}'\n"
    install(tmp_path, "greetings_api", code, "[ecglens.api]\nhello = greetings_api:hello\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert ecglens.hello("Ada") == "hello Ada"
    assert "hello" in dir(ecglens)
    monkeypatch.undo()
    assert "hello" not in dir(ecglens)


def test_what_is_beside_the_core_and_not_installed_is_said_with_its_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ecglens.offered", lambda group: {})
    with pytest.raises(ImportError, match=r"pip install \./apps/study"):
        _ = ecglens.create_study
    assert "ecglens-reproductions" in missing("commands", "reproduce")
    assert not missing("commands", "train")


def test_every_name_of_a_package_in_apps_is_known_as_such() -> None:
    """So that a user who lacks the package is told of it."""
    for group in {group for each in BESIDE.values() for group in each}:
        for point in entry_points(group=f"ecglens.{group}"):
            if point.value.startswith("ecglens_"):
                assert point.name in BESIDE[_package(point.value)][group].split()
                assert point.name in offered(group)


def _package(module: str) -> str:
    return module.partition(".")[0].partition(":")[0].removeprefix("ecglens_")


def test_every_yaml_file_of_a_package_in_apps_is_known_as_such() -> None:
    for point in entry_points(group="ecglens.configs"):
        if point.value.startswith("ecglens_"):
            (folder,) = places(point.value)
            found = {(file.parent.name, file.stem) for file in folder.glob("*/*.yaml")}
            known = {
                (group, name)
                for group, names in BESIDE[_package(point.value)].items()
                for name in names.split()
                if group not in ("commands", "api", "files")
            }
            assert found == known


def test_what_to_install_names_the_folders_that_a_package_needs():
    files = (Path(__file__).parents[1] / "apps").glob("*/pyproject.toml")
    projects = {file.parent.name: tomllib.loads(file.read_text("utf-8")) for file in files}
    direct = {
        name: {
            each.removeprefix("ecglens-")
            for each in project["project"]["dependencies"]
            if each.startswith("ecglens-")
        }
        for name, project in projects.items()
    }
    for name, needed in direct.items():
        every = needed.union(*(direct[each] for each in needed))
        assert {*NEEDS.get(name, "").split()} == every
        words = " ".join(f"./apps/{each}" for each in (*sorted(every), name))
        assert f"pip install {words} in a copy" in not_installed(name)


def test_a_name_of_a_package_that_is_not_installed_is_said_with_its_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ecglens.registry.folders", lambda: (config_folder(),))
    with pytest.raises(ValueError, match=r"^net1d comes with .*ecglens-zoo.* \./apps/zoo"):
        settings("model", "net1d")
    with pytest.raises(ValueError, match=r"^expected a model \("):
        settings("model", "net2d")


SOURCE = Path(ecglens.__file__).parent


def readers(file: Path) -> list[str]:
    """Calls that list yaml files or ask for our folder, other than to tell Hydra its path."""
    calls = [n for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.Call)]
    told = [each for call in calls if ast.unparse(call.func) == "str" for each in call.args]
    asked = [call for call in calls if ast.unparse(call.func).endswith("config_folder")]
    listed = [call for call in calls if [*map(ast.unparse, call.args)] == ["'*.yaml'"]]
    return [ast.unparse(call) for call in (*asked, *listed) if call not in told]


def test_the_registry_alone_reads_the_folders_of_yaml_files() -> None:
    found = {file.relative_to(SOURCE).as_posix(): readers(file) for file in SOURCE.rglob("*.py")}
    assert {name for name, each in found.items() if each} == {"registry.py"}


def test_yaml_files_of_an_installed_package_follow_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf = tmp_path / "of_mine" / "conf"
    (conf / "target").mkdir(parents=True)
    (conf / "target" / "of_mine.yaml").write_text("name: of_mine\nunit: ms\n")
    install(tmp_path, "greetings_conf", "", "[ecglens.configs]\nmine = of_mine.conf\n")
    own = names("target")
    monkeypatch.syspath_prepend(tmp_path)
    assert {*names("target")} - {*own} == {"of_mine"}
    assert folders()[-1] == conf
    given = settings("target", "of_mine")
    given["unit"] = "mV"
    assert settings("target", "of_mine")["unit"] == "ms"
    (conf / "target" / "pr.yaml").write_text("name: pr\n")
    monkeypatch.syspath_prepend(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="another name than target/pr"):
        names("target")


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("methods: {mine: Mine}", r"a group \(method, .*got 'methods'"),
        ("method: {mien: Mine}", r"a yaml file in method/ \(mine\), got 'mien'"),
        ("method: {mine: {color: '#112233'}}", r"method mine: .* \(colour, label\), got 'color'"),
        ("method: {mine: {colour: teal-ish}}", "method mine: expected a colour .* got 'teal-ish'"),
        ("method: {mine: {colour: '#12345'}}", "'#rrggbb' in quotes, got '#12345'"),
        ("method: {mine: {colour: #112233}}", r"expected yaml in .* \(colours in quotes\), got: "),
        ("method: {mine: 3}", "method mine: expected a label or a mapping, got 3"),
        ("evaluation: {gentel: Gentle}", r"\(gentle, own\), got 'gentel'"),
        ("target: {of_mine: {label: A, colour: '#112233'}}", "got 'colour'"),
    ],
)
def test_a_slip_in_the_printed_names_of_a_package_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, complaint: str
) -> None:
    with_printed(tmp_path, said)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=complaint) as refused:
        names("method")
    assert str(tmp_path / "of_mine" / "conf" / "printed.yaml") in str(refused.value)


def test_printed_names_are_those_of_files_of_what_they_hold_and_of_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "method: {mine: {label: Mine, colour: '#a0B1c2'}}\n"
    with_printed(tmp_path, said + "evaluation: {gentle: Gentle}\ntarget: {height: Height}")
    monkeypatch.syspath_prepend(tmp_path)
    assert printed("method", "mine") == {"label": "Mine", "colour": "#a0B1c2"}
    assert printed("evaluation", "gentle") == {"label": "Gentle"}
    assert printed("target", "height") == {"label": "Height"}


def with_printed(folder: Path, said: str) -> None:
    """An installed package with a method, an evaluation of another name, and printed.yaml."""
    conf = folder / "of_mine" / "conf"
    for group, text in {"method": "mine: {}\n", "evaluation": "own: {name: gentle}\n"}.items():
        (conf / group).mkdir(parents=True)
        stem = text.partition(":")[0]
        (conf / group / f"{stem}.yaml").write_text(text)
    (conf / "printed.yaml").write_text(said)
    install(folder, "greetings_conf", "", "[ecglens.configs]\nmine = of_mine.conf\n")


def test_an_unknown_name_is_answered_with_the_nearest_first() -> None:
    with pytest.raises(ValueError, match=r"expected an evaluation \(default, .*\), got 'defaults'"):
        settings("evaluation", "defaults")
