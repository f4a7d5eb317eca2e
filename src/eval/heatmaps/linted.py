"""The linter's findings on a network and the first ECGs of a subject, once for all evaluations."""

from torch import nn

from ...explain import Findings, lint
from ...models import device_of, network_key
from ..subject import Subject
from .probe import CHUNK


def linted(net: nn.Module, subject: Subject) -> Findings:
    """Findings of explain.lint, kept with the subject. Errors as there."""
    key = network_key(net, subject.shape)
    if key not in subject.linted:
        x = subject.ecgs.x[:CHUNK].to(device_of(net))
        subject.linted[key] = lint(net, x, subject.output, subject.background)
    return subject.linted[key]
