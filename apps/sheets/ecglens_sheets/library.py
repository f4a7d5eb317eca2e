"""The door from Python: sheets of ECGs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from ecglens.datamodules import (
    IN_MEMORY,
    MAY_LEAVE,
    SAMPLES,
    EcgData,
    GivenRecords,
    Records,
    Target,
    may_leave,
    target_of,
)
from ecglens.ecg import LEADS, Record
from ecglens.engine import accelerate, full_precision
from ecglens.eval import Finding
from ecglens.explain import Method, find
from ecglens.inputs import methods_of
from ecglens.library import own_of
from ecglens.models import network_key
from ecglens.report import installed_versions
from ecglens.store import Store

from .files import Given, check_set, open_files
from .known import KnownNetwork, evaluated, unevaluated
from .opened import not_evaluated
from .write import write_sheets

COMMAND = "evaluate(net, ecgs, ['perturbation', 'weights'])"


@full_precision()
def explain_records(  # noqa: PLR0913 - a front door: settings come by name
    records: Any,
    net: Any,
    ecgs: EcgData | Target | str,
    findings: Sequence[Finding] = (),
    folder: str | Path = "sheets",
    *,
    input: str = "median",
    method: str = "",
    methods: str | Sequence[str] | Mapping[str, Method] = "all",
    store: str | Path = "store",
    also: Sequence[str] = (),
    **settings: Any,
) -> Path:
    """Write a sheet for each ECG into `folder`; the page that lists them.

    `records` are paths of files and folders, or ecg.Record, one or several; `settings` are those of
    the reader, such as fs_hz, and `may_leave_machine`. `ecgs` are those that `net` was fitted and
    evaluated on, and `findings` those of `evaluate`: they decide which heatmap is shown
    (eval.Answer), made as `methods` say. Without findings the error is unknown and no heatmap
    is shown, unless `method` names one; `ecgs` may then be a target, or its name, with `input` and
    `store`. `also` are further formats beside each sheet, "fhir" and "dicom". Raises ValueError for
    findings on another network, and as `ecglens explain` does.
    """
    if method and findings:
        raise ValueError("expected no method beside findings, which decide what is shown")
    alone = not findings
    known = _unknown(net, ecgs, input, store) if alone else _known(net, ecgs, findings, methods)
    shown = known.drawn_by(method, find(method)) if method else known
    return write_sheets(_opened(records, settings, shown), shown, Path(folder), also).page


def _known(net: Any, ecgs: Any, findings: Sequence[Finding], methods: Any) -> KnownNetwork:
    about = findings[0].about
    if not isinstance(ecgs, EcgData) or about.input != ecgs.input:
        raise ValueError(
            "expected the ECGs that the findings are on, as in evaluate(net, ecgs) with "
            f"ecgs = load_ecgs(…), got {type(ecgs).__name__} and findings on {about.input}"
        )
    if about.target != ecgs.target:
        raise ValueError(
            f"expected the ECGs that the findings are on, whose target is {about.target.name}, got "
            f"others with the target {ecgs.target.name}"
        )
    if network_key(net, (len(LEADS), SAMPLES[ecgs.input])) not in about.networks[:1]:
        raise ValueError("expected findings on this network, got those of another one")
    return evaluated(accelerate(net), findings, methods_of(methods), ecgs, ecgs.store)


def _unknown(net: Any, ecgs: EcgData | Target | str, input: str, folder: Any) -> KnownNetwork:
    facts = {"versions": installed_versions()}
    if isinstance(ecgs, EcgData):
        target, input, store = ecgs.target, ecgs.input, ecgs.store
    else:
        target, store = target_of(ecgs), Store.at(folder)
    if input not in SAMPLES:
        raise ValueError(f"expected an input of {', '.join(SAMPLES)}, got {input!r}")
    net = own_of(net, torch.zeros(2, len(LEADS), SAMPLES[input]), target)
    finding = not_evaluated(net, target, input, facts)
    return unevaluated(accelerate(net), finding, store, COMMAND)


def _opened(records: Any, settings: Mapping[str, Any], known: KnownNetwork) -> list[Given]:
    """The ECGs with their reader."""
    several = records if isinstance(records, list | tuple) else [records]
    if all(isinstance(each, Record) for each in several):
        check_set(settings, ("missing_lead", MAY_LEAVE))
        missing_lead = {**known.reading, **settings}.get("missing_lead", "exclude")
        leaves = may_leave({MAY_LEAVE: settings.get(MAY_LEAVE, False)})
        return [Given(Records(IN_MEMORY, GivenRecords(several, missing_lead)), leaves)]
    if others := [each for each in several if not isinstance(each, str | Path)]:
        raise ValueError(
            "expected paths of files, or each ECG as an ecglens.ecg.Record, got "
            f"{type(others[0]).__name__}"
        )
    return open_files([Path(each) for each in several], "", settings, known.reading)
