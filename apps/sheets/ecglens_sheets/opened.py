"""Networks opened without training: of a finished run, or from the settings in a yaml file."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from ecglens.cli import composed
from ecglens.datamodules import SAMPLES, EcgData, Target
from ecglens.ecg import LEADS
from ecglens.engine import accelerate
from ecglens.eval import UNEVALUATED, About, Finding, main_finding
from ecglens.explain import Method
from ecglens.jobs import HYDRA, Job, command_of, findings_in, is_fitted, kept_network, read_yaml
from ecglens.library import with_table
from ecglens.models import ModelFile, is_model_file, network_key
from ecglens.report import installed_versions
from ecglens.store import Store
from ecglens.trust import check_trusted, find_own_modules
from omegaconf import DictConfig, OmegaConf
from torch import nn
from yaml import YAMLError


@dataclass(frozen=True, eq=False)
class Opened:
    """A network in evaluation mode with what a finished run, or a yaml file, says of it.

    `findings` are on this network; of a yaml file one without ECGs, which says that it was not
    evaluated. `methods` are those of the run, `training` the ECGs that it was trained on, None
    where they are not known. Prepared ECGs are kept in `store`. `command` would evaluate it.
    """

    net: nn.Module
    findings: Sequence[Finding]
    store: Store
    training: EcgData | None = None
    methods: Mapping[str, Method] = field(default_factory=dict)
    command: str = ""

    @property
    def finding(self) -> Finding:
        """The first finding with curves, else the first."""
        return main_finding(self.findings)

    @property
    def reading(self) -> dict[str, Any]:
        """Settings of the reader of the training ECGs that change ECGs of any format."""
        return {} if self.training is None else self.training.reading


PARTS = ("network", "target", "input")
# Settings that configs/train.yaml has; others are arguments of the network, which take a plus.
NETWORK = ("_target_", "weights", "with_each", "input")
# What Hydra reads as text without quotes.
BARE = re.compile(r"[A-Za-z_./][\w./-]*( [\w./-]+)*", re.ASCII)
BEFORE_QUOTE, QUOTES = re.compile(r"(\\*)('|$)"), {"'": r"\'", "": ""}
WORDS_OF_YAML = ("true", "false", "null", "nan", "inf")
EVALUATION = "data=NAME data.path=FOLDER evaluation=[perturbation,weights] hydra.run.dir=RUN"


def opened_network(file: Path, trust: bool = False) -> Opened:
    """The network of this yaml file, or model file of `ecglens export`.

    With `trust` it may be by any class or callable, also of the current folder. Raises ValueError
    for another file than one with network, target and input, and as the commands do for wrong
    settings, weights that do not fit, and a network that does not read the input.
    """
    settings = _settings(file)
    if settings["network"].get("with_each"):
        raise ValueError(
            f"expected in {file} a network of the ECG alone, got network.with_each; values beside "
            "the ECG are columns of a data set: ecglens evaluate network.with_each=[…] data=…"
        )
    job = Job(composed(words_of(settings)), Path(), "")
    if trust:
        find_own_modules()
    else:
        check_trusted(job.config, file)
    facts = {
        "settings": {part: job.config[part] for part in PARTS},
        "versions": installed_versions(),
    }
    net = accelerate(kept_network(job))
    finding = not_evaluated(net, job.target, job.config["input"]["name"], facts)
    shown = words_of(_without_folders(settings))
    command = shlex.join(["ecglens", "evaluate", *shown, *EVALUATION.split()])
    return Opened(net, [finding], job.store, command=command)


def words_of(settings: Mapping[str, Any]) -> list[str]:
    """The settings of a yaml file as the words of a command line.

    A target is the name of one in configs/target, or the settings of a column or of classes.
    """
    network, target = settings["network"], settings["target"]
    words = []
    for key, value in network.items():
        if key == "input" and isinstance(value, Mapping):
            words += [f"network.input.{own}={_text(each)}" for own, each in value.items()]
        else:
            words.append(f"{'' if key in NETWORK else '+'}network.{key}={_text(value)}")
    if isinstance(target, Mapping):
        words.append(f"target={'diagnosis' if 'classes' in target else 'column'}")
        words += [f"target.{key}={_text(value)}" for key, value in target.items()]
    else:
        words.append(f"target={target}")
    return [*words, f"input={settings['input']}"]


def _settings(file: Path) -> dict[str, Any]:
    """The parts of the file; ValueError where one is missing or there is another."""
    if is_model_file(file):
        found = ModelFile.read(file).settings(file)
        target = found["target"]
        return {**found, "target": target if isinstance(target, str) else with_table(target)}
    try:
        read_yaml(file)  # refuses aliases, of which a few lines may stand for all memory
        found = OmegaConf.load(file)
        plain = OmegaConf.to_container(found) if isinstance(found, DictConfig) else {}
    except (YAMLError, UnicodeDecodeError) as problem:
        raise ValueError(f"expected a yaml file, got {file}: {problem}") from problem
    given = {str(key): value for key, value in plain.items()} if isinstance(plain, dict) else {}
    if {*given} != {*PARTS}:
        raise ValueError(
            f"expected in {file} network, target and input, got {', '.join(given) or 'none'}; "
            "docs/explain_records.md shows such a file"
        )
    if not isinstance(given["network"], Mapping) or not given["network"].get("_target_"):
        raise ValueError(f"expected in {file} the class of the network as network._target_")
    return given


def _without_folders(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The same with the last part of each path: a sheet names no folder of this machine."""
    network = {
        key: PurePath(value).name if isinstance(value, str) else value
        for key, value in settings["network"].items()
    }
    return {**settings, "network": network}


def _text(value: Any) -> str:
    """A value of a yaml file as Hydra reads it on a command line."""
    if isinstance(value, Mapping):
        return f"{{{','.join(_pairs(value))}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return repr(value)
    if BARE.fullmatch(value) and value.lower() not in WORDS_OF_YAML:
        return value
    # Backslashes count only before a quote, where each is written twice.
    return "'" + BEFORE_QUOTE.sub(lambda found: 2 * found[1] + QUOTES[found[2]], value) + "'"


def _pairs(settings: Mapping[str, Any]) -> Iterator[str]:
    return (f"{key}:{_text(value)}" for key, value in settings.items())


def opened_run(folder: Path, trust: bool = False) -> Opened:
    """The network of the run in this folder; nothing is trained.

    `trust` is that of findings_in. Raises ValueError for a folder without findings or with those of
    several networks, and for a network that is no longer in the store or is another one.
    """
    findings = [each for each in findings_in(folder, trust) if each.about.networks]
    if not findings:
        raise ValueError(
            f"expected the folder of a finished run, found no finding on a network beneath {folder}"
            "; run `python train.py` first and give its folder, such as demo"
        )
    _check_one(folder, findings)
    finding = main_finding(findings)
    job = Job.of_finding(finding)
    net = _network(job, folder)
    shape = (12, job.config["input"]["samples"])
    if network_key(net, shape) != finding.about.networks[0]:
        raise ValueError(
            f"expected the network of the run in {folder}, got another one under its settings; "
            f"run `{_command(folder)}` again"
        )
    return Opened(accelerate(net), findings, job.store, job.data, job.methods())


def _network(job: Job, folder: Path) -> nn.Module:
    if job.own_network is None and not is_fitted(job):
        raise ValueError(
            f"expected the network of the run in {folder} in {job.store.root}, found none; "
            f"name its store as ECGLENS_STORE=FOLDER, or `{_command(folder)}` trains it again"
        )
    return kept_network(job)


def _check_one(folder: Path, findings: Sequence[Finding]) -> None:
    """Raise ValueError unless all findings are about one network or its other seeds."""
    first = {(each.about.networks[0], each.about.target) for each in findings}
    if len(first) > 1:
        names = ", ".join(sorted({target.name for _, target in first}))
        raise ValueError(
            f"expected the folder of a run on one network, got {len(first)} ({names}) beneath "
            f"{folder}; give the folder of one job, such as {folder / '0'}"
        )


def _command(folder: Path) -> str:
    """The command of the run, with the words that it was started with where they are known."""
    known = (folder / HYDRA / "hydra.yaml").is_file()
    return command_of(folder) if known else "ecglens train"


def not_evaluated(net: nn.Module, target: Target, input: str, facts: Mapping[str, Any]) -> Finding:
    """Finding without ECGs on a network of which nothing is known but what it reads.

    `input` is "median" or "rhythm". `facts` (plain JSON) describe it: its settings, versions.
    """
    about = About(
        evaluation="",
        question="",
        source="",
        target=target,
        input=input,
        networks=(network_key(net, (len(LEADS), SAMPLES[input])),),
        records=(),
        patients=(),
        fits=(facts,),
    )
    return Finding(about, sentence=f"{UNEVALUATED}.", reason=UNEVALUATED)
