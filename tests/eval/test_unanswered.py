"""A question that cannot be asked here is kept with its reason."""

from ecglens.datamodules import Target
from ecglens.eval import Answer, Unanswered


def test_a_reason_survives_being_kept(tmp_path):
    reason = Unanswered("counterfactuals", "Cannot be asked here: expected exact ECGs.")
    Answer(Target("pr", "ms", "pr"), "median", ("net",), 8, 8, reason).save(tmp_path)
    after = Answer.load(tmp_path).finding
    assert isinstance(after, Unanswered)
    assert (after.experiment, after.sentence) == (reason.experiment, reason.sentence)
