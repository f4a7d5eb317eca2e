"""From a finished run to one file for its network, and from the file to the network."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from ecglens.datamodules import Target
from ecglens.ecg import LEADS
from ecglens.engine import BlackBox
from ecglens.eval import Finding, answers_of
from ecglens.jobs import Job, kept_network
from ecglens.library import TABLE
from ecglens.models import Adapted, InputSpec, ModelFile, is_model_file, network_key
from ecglens.registry import TARGET, names, settings
from ecglens.report import across
from ecglens.store import atomic_path, class_at, read_json
from ecglens.trust import check_trusted, find_own_modules
from ecglens_sheets import opened_run
from torch import nn

from . import YOURS

# Settings of a network that are no arguments of its class.
NO_ARGUMENTS = ("name", "weights", "input", "with_each")
MEASURE = "measure"  # the evaluation that measures a data sheet


def export(
    run: str | Path,
    to: str | Path = "model.ecglens",
    *,
    licence: str = YOURS,
    sheet: str | Path | None = None,
    trust: bool = False,
) -> Path:
    """Write the network of a finished run as one file; its path.

    `sheet` is a data_sheet.json of `ecglens measure` on this network alone. The file is read back,
    and its network has to be that of the run: equal weights and equal outputs. With `trust` classes
    that the run of somebody else names may be called. Raises ValueError for a network that is a
    program or reads values beside the ECG, for another name than *.ecglens, and as `ecglens explain
    --run` does.
    """
    if not is_model_file(to):
        raise ValueError(f"expected a file named *.ecglens, got {to}; give --to model.ecglens")
    opened = opened_run(Path(run), trust)
    main = opened.finding
    job = Job.of_finding(main)
    config, key = job.config, main.about.networks[0]
    network, spec, net = _class_and_weights(job)
    texts = {
        "about.json": {"errors": main.facts.get("fit", {}), "versions": main.facts["versions"]},
        "answer.json": _answer(opened.findings),
        **_sheet(opened.findings, sheet, main.about.target, key),
    }
    found = ModelFile(
        network=network,
        tensors=net.state_dict(),
        in_units=job.own_network is None,
        spec=spec,
        target=_target(config["target"]),
        input=config["input"]["name"],
        key=key,
        licence=licence,
        texts=texts,
    )
    with atomic_path(Path(to).expanduser()) as temporary:
        found.write(temporary)
        again = _opened(ModelFile.read(temporary), temporary)
        if network_key(again, (len(LEADS), config["input"]["samples"])) != key:
            raise ValueError(
                f"expected a network that {network[TARGET]}, its arguments and its weights make "
                "again, got another one; hand over what makes it (docs/share_model.md)"
            )
    return Path(to).expanduser()


def load_network(path: str | Path, *, trust: bool = False) -> nn.Module:
    """The network in a file of `export`, from (batch, 12, time) in µV to its target's unit.

    Classes that neither ECGLens nor an installed package offers are called with `trust` alone, also
    from the current folder. Raises ValueError for those, where no file is, and as
    ModelFile.read does.
    """
    if not Path(path).expanduser().is_file():
        raise ValueError(f"expected a file of `ecglens export`, found none at {path}")
    found = ModelFile.read(path)
    if trust:
        find_own_modules()
    else:
        check_trusted(found.network, path, "trust=True")
    return _opened(found, Path(path))


def _opened(found: ModelFile, path: Path) -> nn.Module:
    given = {name: each for name, each in found.network.items() if name != TARGET}
    kind = class_at(found.network[TARGET], f"{path}, network")
    if not (isinstance(kind, type) and issubclass(kind, nn.Module)):
        raise ValueError(f"expected in {path} the class of a network, got {found.network[TARGET]}")
    try:
        fresh = kind(**given)
    except (TypeError, RuntimeError) as problem:
        raise ValueError(
            f"expected in {path} arguments that {found.network[TARGET]} takes, got {problem}"
        ) from problem
    net = found.around(fresh)
    return InputSpec.from_plain(found.spec).adapt(net) if found.spec else net


def _class_and_weights(job: Job) -> tuple[dict[str, Any], dict[str, Any], nn.Module]:
    """The class with its arguments, the settings of the spec, and the network that has weights."""
    net = job.own_network
    if net is None:
        given, outputs = dict(job.config["model"]), len(job.target.outputs)
        given |= {"targets": outputs} if outputs > 1 else {}
        return _arguments(given), {}, kept_network(job)
    given = job.config["network"]
    if given.get("with_each"):
        raise ValueError(
            "expected a network of the ECG alone, got one with network.with_each; such a network "
            "is not exported yet"
        )
    spec = {name: each for name, each in (given.get("input") or {}).items() if each is not None}
    # A spec is around one network here, which is the first of an ensemble.
    inner = cast(nn.ModuleList, net.core.nets)[0] if isinstance(net, Adapted) else net
    if not isinstance(inner, nn.Module) or isinstance(inner, BlackBox) or not inner.state_dict():
        raise ValueError(
            f"expected a network with a class and weights, got {given[TARGET]}, a program or a "
            "function; hand over that file itself"
        )
    return _arguments(given), spec, inner


def _arguments(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in given.items() if name not in NO_ARGUMENTS}


def _target(given: Mapping[str, Any]) -> str | dict[str, Any]:
    """Name of a target that everybody has, else its settings without the path of its table."""
    name = str(given["name"])
    if name in names("target") and settings("target", name) == given:
        return name
    plain = {key: each for key, each in given.items() if key != "table"}
    return plain | ({"table": TABLE} if given.get("table") else {})


def _answer(findings: Sequence[Finding]) -> dict[str, Any]:
    """Which heatmaps may be used, as the page of the run says it."""
    answers = answers_of(findings)
    return {
        "said": across(answers) if answers else "not tested",
        "answers": [
            {
                "target": each.target.name,
                "use": [*each.use],
                "not_shown": [*each.not_shown],
                "do_not_use": [*each.do_not_use],
                "ecgs": each.ecgs,
                "protocols": [*each.protocols],
                "next": each.next,
            }
            for each in answers
        ],
    }


def _sheet(
    findings: Sequence[Finding], given: str | Path | None, target: Target, key: str
) -> dict[str, Any]:
    """The data sheet of the user's file, else that of the run, of this network alone; or none."""
    if given is not None:
        path = Path(given).expanduser()
        sheet = read_json(path) if path.is_file() else None
        if not isinstance(sheet, dict) or "gains" not in sheet:
            got = "another one" if path.is_file() else "none"
            raise ValueError(
                f"expected a data_sheet.json of `ecglens measure` at {path}, got {got}"
            )
        if (sheet.get("target"), sheet.get("unit")) != (target.name, target.unit):
            raise ValueError(
                f"expected the data sheet of this network, of {target.name} in {target.unit}, got "
                f"one of {sheet.get('target')} in {sheet.get('unit')} at {path}"
            )
        if (networks := sheet.get("networks", [])) != [key]:
            got = ", ".join(map(str, networks or [])) or "a sheet that names none"
            raise ValueError(
                f"expected the data sheet of network {key} alone, got {got} at {path}; make it by "
                "`ecglens measure` on this run alone"
            )
        return {"data_sheet.json": sheet}
    for each in findings:
        # Gains of several networks are means over them.
        if each.about.evaluation == MEASURE and each.about.networks == (key,) and not each.reason:
            gains = each.details["gains"]
            rows = gains.astype(object).where(gains.notna(), None).to_dict("records")
            named = {"target": target.name, "unit": target.unit, "networks": [key]}
            return {"data_sheet.json": {"answer": each.sentence, **named, "gains": rows}}
    return {}
