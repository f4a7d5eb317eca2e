"""Opening what a stranger gave never runs code of theirs."""

import os
import pickle
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from ecglens.cli.own_configs import find_own_configs
from ecglens.eval import load_finding
from ecglens.explain import Captum
from ecglens.jobs.slurm_step import rank_command
from ecglens.trust import sign
from hydra.errors import HydraException

from ..front_doors import SMALL
from .conftest import Answer, refused
from .crafted import Payload, program, run, settings

# Hydra still uses the mappings of `typing`.
pytestmark = pytest.mark.filterwarnings("ignore:.*PEP 585")
ROOT = Path(__file__).parents[2]
ECG = ROOT / "tests" / "data" / "ludb" / "data" / "1.hea"
LOAD = "ecglens.models.load_program"
NETWORK = "ecglens.models.SmallResNet"
OPEN = {
    "study": ("study", "create", "run", "--to", "study", "--ecgs", "2"),
    "explain": ("explain", ECG, "--run", "run"),
    "measure": ("measure", "run", "--ecgs", "2", "--changes", "pr"),
    "whatif": ("whatif", ECG, "--run", "run", "--change", "pr=+20"),
}
READ = {  # numbers and words of a run alone
    "plan": ("plan", "--from", "run"),
    "audit": ("audit", "run"),
    "compare": ("compare", "run", "run"),
    "collect": ("collect", "run"),
}


@pytest.fixture
def module(theirs: Path, ran: Path) -> str:
    """Name of a module in the stranger's folder that makes `ran` when it is imported."""
    (theirs / "surprise.py").write_text(f"open({str(ran)!r}, 'w').close()\nclass Thing: ...\n")
    return "surprise"


@pytest.mark.parametrize("words", OPEN.values(), ids=OPEN)
def test_a_program_in_a_finding_is_not_opened(theirs, ran, ecglens, words):
    file = program(theirs / "net.pt2", ran)
    run(theirs / "run", settings(f"network._target_={LOAD}", f"+network.path={file}"))
    refused(ecglens(*words), f"{LOAD}(", "net.pt2", "--trust")
    assert not ran.exists()


@pytest.mark.heavy
@pytest.mark.parametrize("words", READ.values(), ids=READ)
def test_what_reads_numbers_alone_calls_nothing(theirs, ran, module, ecglens, words):
    file = program(theirs / "net.pt2", ran)
    method = f"+method.mine._target_={module}.Thing"
    run(theirs / "run", settings(f"network._target_={LOAD}", f"+network.path={file}", method))
    answer = ecglens(*words)
    assert answer.status in (0, 2)
    assert "Traceback" not in answer.err
    assert not ran.exists()


@pytest.mark.heavy
@pytest.mark.parametrize("words", OPEN.values(), ids=OPEN)
@pytest.mark.parametrize(
    "word",
    [
        "network._target_={}.Thing",
        "model._target_={}.Thing",
        "data._target_={}.Thing",
        "+method.mine._target_={}.Thing",
        "+evaluation.mine._target_={}.Thing",
        "+logger.mine._target_={}.Thing",
        "+target.label._target_={}.Thing",
    ],
)
def test_a_class_that_a_finding_names_is_not_imported(theirs, ran, module, ecglens, words, word):
    sys.path.append(str(theirs))  # as if it were installed
    run(theirs / "run", settings("method=saliency", word.format(module)))
    refused(ecglens(*words), f"{module}.Thing", "--trust")
    assert not ran.exists()


def test_a_class_within_a_class_of_captum_is_not_imported(theirs, ran, module):
    sys.path.append(str(theirs))
    for method, init in (
        (f"{module}.Thing", {}),
        ("captum.attr.NoiseTunnel", {"attribution_method": f"{module}.Thing"}),
    ):
        with pytest.raises(ValueError, match="an attribution class of captum"):
            Captum(method, init)
    assert not ran.exists()


@pytest.mark.heavy
@pytest.mark.parametrize("own_yaml", [False, True])
def test_a_run_that_a_fit_begins_with_is_not_opened_unasked(tmp_path, ran, door, own_yaml):
    (tmp_path / "surprise.py").write_text(f"open({str(ran)!r}, 'w').close()\nclass Thing: ...\n")
    run(tmp_path / "run", settings("network._target_=surprise.Thing"))
    words = ["target=pr", *SMALL, "fit.start=run"]
    if own_yaml:  # which gives the word in the user's place
        file = tmp_path / "conf/experiment/theirs.yaml"
        file.parent.mkdir(parents=True)
        file.write_text("# @package _global_\ntrust: true\n")
        words = ["--config-dir=conf", *words, "experiment=theirs"]
    done = door("train.py", *words)
    refused(Answer(done.returncode, done.stdout, done.stderr), "surprise.Thing(", "add trust=true")
    assert not ran.exists()
    door("train.py", *words, "trust=true")
    assert ran.exists()  # the word is what keeps it out


def test_figures_of_a_run_call_nothing(theirs, ran, module, ecglens):
    sys.path.append(str(theirs))  # as if it were installed
    file = program(theirs / "net.pt2", ran)
    classes = (f"+{room}.mine._target_={module}.Thing" for room in ("method", "evaluation"))
    given = settings(f"network._target_={LOAD}", f"+network.path={file}", *classes)
    run(theirs / "run", {**given, "model": {"_target_": f"{module}.Thing"}})
    answer = ecglens("figure", "run", "ranking", "--format", "svg")
    assert answer.status == 0, answer.err
    assert [*theirs.glob("figures/*.svg")]  # it came to its end
    assert not ran.exists()


THING = {"_target_": "surprise.Thing"}
# What a shared file names, and a word of the line that refuses it.
SHARED = {
    "class in the network": ({"network": {"_target_": NETWORK, "body": THING}}, "surprise.Thing()"),
    "class in the input": ({"network": {"_target_": NETWORK, "input": THING}}, "network.input"),
    "class in the target": ({"target": {"classes": ["AF"], **THING}}, "target"),
    "function of Python": (
        {"network": {"_target_": "os.system", "command": "touch ../ran"}},
        "os.system(command='touch ../ran')",
    ),
    "TorchScript": ({"network": {"_target_": LOAD, "path": "net.ts"}}, "--trust"),
    "ONNX": ({"network": {"_target_": LOAD, "path": "net.onnx"}}, "--trust"),
    "program as weights": ({"network": {"_target_": NETWORK, "weights": "net.pt2"}}, "net.pt2"),
    "pickle as weights": ({"network": {"_target_": NETWORK, "weights": "net.pkl"}}, "runs code"),
}


@pytest.mark.heavy
@pytest.mark.parametrize(("given", "word"), SHARED.values(), ids=SHARED)
def test_no_part_of_a_yaml_of_a_network_is_called(theirs, ran, module, ecglens, given, word):
    sys.path.append(str(theirs))
    program(theirs / "net.pt2", ran)
    (theirs / "net.pkl").write_bytes(pickle.dumps(Payload(ran)))
    whole = {"network": {"_target_": NETWORK}, "target": "rate", "input": "median", **given}
    (theirs / "shared.yaml").write_text(yaml.safe_dump(whole))
    refused(ecglens("explain", ECG, "--network", "shared.yaml"), word)
    assert not ran.exists()


@pytest.mark.parametrize("network", [{"_target_": "surprise.Thing"}, {"_target_": LOAD}])
def test_a_yaml_of_a_network_calls_nothing_unasked(theirs, ran, module, ecglens, network):
    if network["_target_"] == LOAD:
        network = {**network, "path": str(program(theirs / "net.pt2", ran))}
    given = {"network": network, "target": "rate", "input": "median"}
    (theirs / "shared.yaml").write_text(yaml.safe_dump(given))
    said = ecglens("explain", ECG, "--network", "shared.yaml")
    refused(said, network["_target_"], "--trust", "shared.yaml")
    assert not ran.exists()
    with suppress(HydraException):  # the program is broken otherwise
        ecglens("explain", ECG, "--network", "shared.yaml", "--trust")
    assert ran.exists()  # the flag is what keeps it out


BESIDE = {
    "collect": ("collect", "run"),
    "compare": ("compare", "run", "run"),
    "figure": ("figure", "run"),
    "explain": ("explain", ECG, "--network", "shared.yaml"),
    "python -m": ("collect", "run"),
}


@pytest.mark.heavy
@pytest.mark.parametrize("start", BESIDE)
def test_a_module_beside_a_file_is_not_imported(theirs, ran, start):
    run(theirs / "run", settings())
    shared = {"network": {"_target_": "os.system"}, "target": "rate", "input": "median"}
    (theirs / "shared.yaml").write_text(yaml.safe_dump(shared))
    for name in ("yaml", "csv", "numpy"):
        (theirs / f"{name}.py").write_text(f"open({str(ran)!r}, 'w').close()\n")
    command = theirs.parent / "ecglens-command"
    command.write_text("from ecglens.cli.commands import main\nmain()\n")
    door = ["-m", "ecglens"] if start == "python -m" else [str(command)]
    done = subprocess.run(
        [sys.executable, *door, *map(str, BESIDE[start])],
        cwd=theirs,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert "Traceback" not in done.stderr
    assert not ran.exists()


def test_a_rank_of_a_fit_imports_no_module_of_the_current_folder(theirs, ran):
    (theirs / "yaml.py").write_text(f"open({str(ran)!r}, 'w').close()\n")
    command = rank_command("job.json")
    imports = [*command[: command.index("-m")], "-c", "import yaml"]
    subprocess.run(imports, check=True, cwd=theirs, timeout=60)
    assert not ran.exists()


def test_a_signature_holds_for_this_file_in_this_folder_alone(theirs, tmp_path, monkeypatch):
    file = run(theirs / "run", settings("network._target_=my.load")) / "findings/default"
    assert not load_finding(file).trusted
    sign(file / "finding.json")
    assert load_finding(file).trusted
    monkeypatch.chdir(tmp_path)  # where my.load may be another
    assert not load_finding(file).trusted
    monkeypatch.chdir(theirs)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "another"))
    assert not load_finding(file).trusted
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    assert load_finding(file).trusted
    (file / "finding.json").write_text((file / "finding.json").read_text().replace("my.", "os."))
    assert not load_finding(file).trusted


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("model/theirs.yaml", "name: theirs\n_target_: surprise.Thing\n"),
        ("logger/theirs.yaml", '{own: {"\\x5ftarget_": surprise.Thing}}\n'),
        ("data/theirs.yaml", "# @package hydra.callbacks\nown: {}\n"),
        ("data/theirs.yaml", "n: ${oc.decode:'{_targ'}\n"),
    ],
)
@pytest.mark.parametrize("option", ["--config-dir=", "--config-path="])
def test_a_folder_of_yaml_files_changes_nothing_that_is_called(
    theirs, monkeypatch, name, text, option
):
    file = theirs / "conf" / name
    file.parent.mkdir(parents=True)
    file.write_text(text)
    words = ["ecglens train", f"{option}{theirs}/conf", f"{name.replace('/', '=')[:-5]}"]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(ValueError, match=r"conf/.*theirs\.yaml .*trust=true"):
        find_own_configs()
    monkeypatch.setattr(sys, "argv", [*words, "trust=true"])
    find_own_configs()
