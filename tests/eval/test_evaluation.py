"""An evaluation of one's own has to say what it is, at every door."""

from dataclasses import dataclass

import pytest
from ecglens.eval import AttributionCallback, Evaluation, Finding, Networks, Subject
from ecglens.explain import Saliency

from .networks import Smooth, exact_ecgs


@dataclass(frozen=True)
class WithoutQuestion(Evaluation):
    name = "largest"
    source = "own definition"

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        raise AssertionError("not reached")


@dataclass(frozen=True)
class WithoutName(WithoutQuestion):
    name = None  # pyright: ignore[reportAssignmentType]
    question = "How large are the maps?"


LINES = {
    WithoutQuestion: "the evaluation WithoutQuestion to have name, question, source, got no quest",
    WithoutName: 'the evaluation WithoutName .* got no name; write name = "…" in the class',
}


@pytest.mark.parametrize("kind", LINES)
def test_an_evaluation_that_lacks_an_attribute_is_refused_in_one_line(kind):
    subject = Subject(exact_ecgs(2), {"saliency": Saliency()}, progress=False)
    with pytest.raises(ValueError, match=LINES[kind]) as refusal:
        kind()(Networks([Smooth()]), subject)
    assert "\n" not in str(refusal.value)
    with pytest.raises(ValueError, match=LINES[kind]):
        AttributionCallback({"saliency": Saliency()}, kind())
