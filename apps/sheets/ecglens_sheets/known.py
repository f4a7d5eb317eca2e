"""A network with what is known of it: what its evaluation found, and its training ECGs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ecglens.datamodules import EcgData, Prepared
from ecglens.ecg import draw_exact, exact_beat, exact_record
from ecglens.engine import evaluating, of_any_signal, points_read
from ecglens.eval import UNEVALUATED, Finding, linted_ecgs, main_finding
from ecglens.explain import Findings, Inputs, Method, attribute
from ecglens.models import device_of
from ecglens.report import (
    Pseudonyms,
    RunViews,
    banner,
    command_of,
    protocols,
    run_views,
    style,
    words_of,
)
from ecglens.report.text import counted, level_words
from ecglens.store import Step, Store, fingerprint, read_json, write_json
from jaxtyping import Float, Int
from torch import Tensor, nn

from .content import Supported, TrainingRange
from .opened import Opened

NO_MAP = f"{UNEVALUATED}: which method's map can be trusted on it is not known."
NO_RANKING = "This run has no perturbation evaluation, so that no method was judged."
UNTESTED = (
    "Drawn by request. It was not tested on this network: nothing shows that it tells more about "
    "the network than a map of random numbers would."
)
AMPLITUDES = Step("amplitudes", version=1)
RANGE = "range.json"
CHUNK = 256  # training ECGs read at once: beats take 29 kB each, strips 240 kB


@dataclass(frozen=True, eq=False)
class KnownNetwork:
    """A network in evaluation mode with what its sheets say of it.

    `finding` is on this network; one without ECGs says that it was not evaluated. `supported` and
    `method` are what is drawn, None for no heatmap. `training` are the ECGs that it was trained on,
    None where they are not known. Prepared ECGs are kept in `store`. Raises ValueError for a method
    that compares with training ECGs where they are not known.
    """

    net: nn.Module
    finding: Finding
    supported: Supported
    method: Method | None
    training: EcgData | None
    store: Store

    def __post_init__(self) -> None:
        if self.training is None and self.method and self.method.facts.needs_background:
            raise ValueError(
                f"expected a method that needs no training ECGs, which are not known here, got "
                f"{self.method}"
            )

    def outputs(self, x: Tensor) -> np.ndarray:
        """Outputs of the network for one ECG, (1, 12, time) in µV, in the target's unit."""
        with torch.no_grad(), evaluating(self.net):
            return self.net(x)[0].double().numpy()

    def heatmap(self, x: Tensor, segments: Tensor, name: str) -> np.ndarray | None:
        """Heatmap of one ECG; None for no method. ValueError where it would be wrong."""
        if self.method is None:
            return None
        index, seed = self.finding.about.target.index, self.finding.about.seed
        needed = self.training if self.method.facts.needs_background else None
        inputs = Inputs([name], segments, None if needed is None else needed.background)
        return attribute(self.method, self.net, x, index, seed, inputs)[0].numpy()

    def read(self, time: int) -> np.ndarray | None:
        """Points, (12, time), that the network declares to read; None where it declares nothing."""
        found = points_read(self.net, time)
        return None if found is None else found.numpy()

    def drawn_by(self, name: str, method: Method) -> "KnownNetwork":
        """The same with a map by this method, which the finding does not support.

        Without a map where the method would be wrong on the network.
        """
        said = replace(self.supported, method=name, reason=UNTESTED)
        drawn = replace(self, method=method, supported=said)
        if not (why := self.wrong(method)):
            return drawn
        reason = f"{style(name).label} is wrong on this network: {why}"
        return replace(self, supported=replace(self.supported, reason=reason))

    def wrong(self, method: Method) -> str | None:
        """Reason why this method would be wrong on the network; None where it is right.

        The network is tried on an exact ECG, so that the answer does not depend on which ECGs are
        explained; what the linter finds is kept in the store.
        """
        about, drawn = self.finding.about, draw_exact(seed=0, index=0)
        record = exact_record(drawn) if about.input == "rhythm" else exact_beat(drawn)
        x = torch.from_numpy(record.signal[None].astype(np.float32)).to(device_of(self.net))
        target = about.target.index
        with of_any_signal(self.net):  # no values are known of an ECG that is made up
            found = linted_ecgs(self.net, x, target, self.store)
            errors = tuple(filter(None, (*found.errors, found.gradients)))
            return Findings(errors, (), self.net, x, target, bool(found.gradients)).left_out(method)

    @property
    def reading(self) -> dict[str, Any]:
        """Settings of the reader of the training ECGs that change ECGs of any format."""
        return {} if self.training is None else self.training.reading

    @cached_property
    def ranges(self) -> tuple[TrainingRange, ...]:
        """Ranges of the training ECGs: label, rate and largest amplitude, where they are known."""
        data, target = self.training, self.finding.about.target
        if data is None or not len(rows := data.cohort.parts["train"]):
            return ()
        known = {
            ("amplitude", "mV"): amplitudes(data.prepared, rows, self.store),
            ("rate", "/min"): data.prepared.table["rate"].to_numpy(float)[rows],
        }
        if target.kind == "regression":
            known["prediction", target.unit] = data.cohort.y[rows, target.index]
        return tuple(
            TrainingRange(name, unit, float(np.nanmin(values)), float(np.nanmax(values)))
            for (name, unit), values in known.items()
            if np.isfinite(values).any()
        )


def amplitudes(
    prepared: Prepared, rows: Int[np.ndarray, " row"], store: Store
) -> Float[np.ndarray, " end"]:
    """Smallest and largest amplitude of these ECGs: peak to peak of the lead that has most, mV.

    Every ECG is read, once: the two numbers are kept in the store.
    """

    def build(folder: Path) -> None:
        chunks = (rows[at : at + CHUNK] for at in range(0, len(rows), CHUNK))
        found = np.concatenate([np.ptp(prepared.x(each), axis=2).max(1) for each in chunks]) / 1e3
        write_json(folder / RANGE, {"mv": [float(found.min()), float(found.max())]})

    settings = {
        "blocks": fingerprint({"blocks": [each.name for each in prepared.blocks]}),
        "rows": fingerprint({"rows": rows.tolist()}),
    }
    return np.array(read_json(store.folder(AMPLITUDES, settings, build) / RANGE)["mv"])


def evaluated(
    net: nn.Module,
    findings: Sequence[Finding],
    methods: Mapping[str, Method],
    training: EcgData,
    store: Store,
) -> KnownNetwork:
    """A network with what its findings say of it, drawn by the method that they support.

    Raises ValueError where that is not among `methods`.
    """
    shown, finding = supported(run_views(findings, Pseudonyms())), main_finding(findings)
    if finding.facts.get("generated"):
        shown = replace(shown, tested_on=shown.tested_on.replace(" ECG", " generated ECG", 1))
    if shown.method and shown.method not in methods:
        raise ValueError(f"expected {shown.method} among the methods, got {', '.join(methods)}")
    return KnownNetwork(
        net=net,
        finding=finding,
        supported=shown,
        method=methods[shown.method] if shown.method else None,
        training=training,
        store=store,
    )


def supported(run: RunViews) -> Supported:
    """The strongest method that the answer says to use; none where there is none.

    The findings are all of one network, or of networks that differ in their seed.
    """
    if not run.answers:
        return Supported("", NO_RANKING)
    answer = run.answers[0]
    words, unread = words_of(answer), banner(answer)
    if unread:
        command = command_of(answer, answer.next)
        return Supported("", unread, command=command, unread=unread)
    best = answer.best or answer.candidate or next(iter(words), None)
    if best is None:
        return Supported("", "No method could explain this network.")
    said, count = words[best], len(words)
    if answer.best is None:
        of = f"None of the {count} methods is" if count > 1 else "No method is"
        reason = f"{of} supported by this run. {style(best).label}: {said.use}. {said.reason}"
        return Supported("", reason, command=said.command)
    return Supported(
        method=best,
        reason=said.reason,
        level=level_words(answer.of[best].level, answer.target),
        number=answer.of[best].level,
        command=said.command,
        about_ecg=answer.of[best].this_ecg.verdict == "shown",
        tested_on=f"{counted(answer.ecgs, 'ECG')} ({', '.join(protocols(answer))})",
    )


def unevaluated(net: nn.Module, finding: Finding, store: Store, command: str) -> KnownNetwork:
    """A network of which nothing is known but what it reads (not_evaluated)."""
    return KnownNetwork(net, finding, Supported("", NO_MAP, command=command), None, None, store)


def known_of(found: Opened) -> KnownNetwork:
    """What is known of an opened network; errors as in `evaluated`."""
    if found.training is None:
        return unevaluated(found.net, found.finding, found.store, found.command)
    return evaluated(found.net, found.findings, found.methods, found.training, found.store)
