"""One job of a run or a sweep: its settings as plain data, and the objects they name."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, cast

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig
from pytorch_lightning.loggers import Logger
from torch import nn

from ..datamodules import EcgData, Target, all_may_leave, cores, overlap
from ..engine import with_modes
from ..eval import Evaluation, Finding
from ..explain import Method, captum_settings
from ..library import check_evaluations, fresh_body
from ..models import InputSpec, ModelFile, is_model_file, load_weights
from ..report import Identity, Pseudonyms, identity, plain_settings
from ..store import Shard, Store, check_types, write_json
from ..trust import TRUST, check_trusted, store_of
from .finished import code
from .folders import command_words
from .loggers import group_of, open_loggers
from .settings import built, called, checked

EXTERNAL = "external"
ALL_TEST = {"train": 0.0, "val": 0.0, "test": 1.0}


@dataclass(frozen=True)
class Job:
    """Settings without Hydra's own, the folder of this run, and the sweep it belongs to.

    `swept` says that there is one: other jobs follow. `command` is train, evaluate, or fit for a
    process that only takes part in a fit, `words` the command line of this job alone. `trusting`
    is the user's word that files which the settings name may call what they name.
    """

    config: Mapping[str, Any]
    folder: Path
    group: str = ""
    swept: bool = False
    command: str = ""
    words: Sequence[str] = ()
    trusting: bool = False

    @classmethod
    def from_hydra(cls, config: DictConfig) -> "Job":
        """The job that Hydra is running now."""
        hydra = HydraConfig.get()
        folder = Path(hydra.runtime.output_dir)
        swept = hydra.mode == RunMode.MULTIRUN
        group = group_of(folder.parent) if swept else ""
        words = command_words(cast(Mapping[str, Any], hydra), hydra.overrides.task)
        command, given = hydra.job.config_name or "", hydra.overrides.task
        # Not of the settings, which a file of others may have.
        return cls(checked(config), folder, group, swept, command, words, TRUST in given)

    @classmethod
    def of_finding(cls, finding: Finding, allow: str = "--trust") -> "Job":
        """The job that a saved finding is of; the store of somebody else's is not used.

        Raises ValueError where it is somebody else's and names what is not offered here; `allow` is
        the word by which the command takes it.
        """
        settings = finding.facts["settings"]
        if not finding.trusted:
            check_trusted(settings, f"a run on {finding.about.target.name}", allow)
        store = store_of(str(settings.get("store", "store")), own=finding.own)
        return cls({**settings, "store": str(store.root)}, Path(), "")

    def save(self, path: Path) -> None:
        """Write the job so that another process can take part in it."""
        plain = {"folder": str(self.folder), "safe": sys.flags.safe_path}
        write_json(path, {**asdict(self), **plain})

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds of the networks; the first is the job's own."""
        return tuple(self.config["seeds"])

    def variant(self, name: str, **changed: Any) -> "Job":
        """The same job but for these settings, with a folder of its own and no W&B run."""
        tables = {key: each for key, each in self.config["logger"].items() if key == "csv"}
        config = {**self.config, "logger": tables, **changed}
        return replace(self, config=config, folder=self.folder / "networks" / name)

    @cached_property
    def store(self) -> Store:
        """Store of everything that costs time, outside the dated run folders."""
        return Store.at(self.config["store"])

    @cached_property
    def target(self) -> Target:
        check_types(Target, self.config["target"], "target")
        return Target.from_plain(self.config["target"])

    @cached_property
    def data(self) -> EcgData:
        given = self.config["data"]
        return self._ecgs({key: given[key] for key in given if key != EXTERNAL}, self.target)

    @cached_property
    def external(self) -> EcgData | None:
        """The ECGs of a second data set, all in the test part; None when there is none.

        Their labels are a column of their own, never of the target's table: one id may name
        ECGs of both. Raises ValueError when it has ECGs of the first one.
        """
        given = self.config["data"].get(EXTERNAL)
        if given is None:
            return None
        found = self._ecgs({**given, "split": ALL_TEST}, replace(self.target, table=None))
        if overlap(found.records.reader, self.data.records.reader):
            raise ValueError(
                "expected in data.external another data set than data, got ECGs of it again; "
                "give another folder, or another seed of generated ECGs, as data.external.…"
            )
        return found

    @property
    def workers(self) -> int:
        """Processes that prepare ECGs and make heatmaps and curves."""
        return self.config.get("workers") or cores()

    @property
    def shard(self) -> Shard | None:
        """The share of the work that this run makes; None for a run that gathers."""
        text = self.config.get("shard")
        return None if text is None else Shard.parse(text)

    def _ecgs(self, source: Mapping[str, Any], target: Target) -> EcgData:
        ecgs = EcgData(
            source=source,
            input=self.config["input"]["name"],
            target=target,
            batch_size=self.config["fit"]["batch_size"],
            seed=self.config["seed"],
            store=self.store,
        )
        ecgs.preparers = self.workers
        if not self.config["permute_labels"]:
            return ecgs
        return ecgs.with_permuted_labels(self.config.get("permuted_ecgs"))

    @cached_property
    def names(self) -> Pseudonyms:
        """Names for ECGs that may not leave this machine; the same in every run with this store."""
        return Pseudonyms(self.store)

    @cached_property
    def loggers(self) -> list[Logger]:
        """Loggers of the fit and of the evaluation; opened on first use."""
        return open_loggers(self.config, self.folder, self.names, lambda: self.identity)

    @property
    def identity(self) -> Identity:
        """Identity of this run on W&B."""
        group = self.group
        if group and not all_may_leave(self.config["data"]):
            group = self.names.of("group", group)  # the last folders of a path: the user's words
        return identity([plain_settings(self.config, self.names)], self.command, code(), group)

    def body(self) -> nn.Module:
        """A fresh network, the same for the same seed whatever was drawn before."""
        build = partial(built, where="model", kind=nn.Module)
        return fresh_body(self.config["model"], self.target, self.config["seed"], build)

    @cached_property
    def own_network(self) -> Any:
        """The user's own network in evaluation mode, with its weights, behind its spec.

        It is None where one is trained. Raises ValueError for weights or a spec without a network.
        """
        own = dict(self.config["network"])
        weights, given = own.pop("weights", None), own.pop("input", None) or {}
        beside = own.pop("with_each", None)
        spec = {key: value for key, value in given.items() if value is not None}
        if own["_target_"] is None:
            if beside:
                raise ValueError(
                    "expected network._target_ beside network.with_each, got none; networks that "
                    "are trained here read the ECG alone"
                )
            if weights is not None:
                raise ValueError(
                    "expected network._target_ beside network.weights, got none; name their class, "
                    "as network._target_=ecglens_zoo.Inception"
                )
            if spec:
                raise ValueError(
                    f"expected network._target_ beside network.input.{next(iter(spec))}, got none; "
                    "networks that are trained here read 12 leads in µV at 500 Hz"
                )
            return None
        net = called(own, "network")
        if weights is not None and is_model_file(weights):
            net = ModelFile.read(weights).around(net)
        elif weights is not None:
            net = load_weights(net, weights)
        net = InputSpec.from_plain(spec).adapt(net) if spec else net
        if isinstance(net, nn.Module) and any(each.training for _, each in with_modes(net)):
            net.eval()  # a class gives it in training mode
        return net

    def methods(self) -> dict[str, Method]:
        """The attribution methods by name."""
        chosen = self.config.get("method", {}).items()  # method=[] leaves the group out
        return {
            name: built(captum_settings(each), f"method.{name}", Method) for name, each in chosen
        }

    def evaluations(self) -> list[Evaluation]:
        """The evaluations of this job.

        Raises ValueError for something that is none, for a true value that is compared with logits,
        for a logit where there is none, for fewer networks than an evaluation compares, and for
        permuted labels twice.
        """
        given = self.config.get("evaluation", {}).items()  # evaluation=[] leaves the group out
        evaluations = [built(each, f"evaluation.{name}", Evaluation) for name, each in given]
        if not evaluations:
            raise ValueError("expected at least one evaluation, got none; leave evaluation= out")
        check_evaluations(evaluations, self.target)
        if self.config["permute_labels"] and any(each.permuted for each in evaluations):
            raise ValueError(
                "expected a network that learns, which experiments compare with one on permuted "
                "labels of their own, got permute_labels=true; leave it out"
            )
        for each in evaluations:
            if len(self.seeds) < each.networks:
                raise ValueError(
                    f"expected for evaluation={each.name} at least {each.networks} networks that "
                    f"differ in their seed, got {len(self.seeds)}; give seed=[0,1,2,3,4]"
                )
        return evaluations
