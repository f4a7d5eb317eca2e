"""A question that cannot be asked here is kept with its reason."""

import numpy as np
from ecglens.datamodules import Target
from ecglens.eval import Answer, Measure, Panel, Unanswered


def test_a_reason_survives_being_kept(tmp_path):
    reason = Unanswered("counterfactuals", "Cannot be asked here: expected exact ECGs.")
    Answer(Target("pr", "ms", "pr"), "median", ("net",), 8, 8, reason).save(tmp_path)
    after = Answer.load(tmp_path).finding
    assert isinstance(after, Unanswered)
    assert (after.experiment, after.sentence) == (reason.experiment, reason.sentence)


def test_the_last_answer_of_a_folder_is_read_whatever_stood_there(tmp_path):
    numbers = {"saliency": np.ones((1, 2)), "random": np.zeros((1, 2))}
    measure = Measure("mass", "mass", "", True, "plausibility", "ours", "none")
    panel = Panel(
        "counterfactuals",
        "?",
        "ours",
        (measure,),
        {"mass": numbers},
        ("a", "b"),
        ("a", "b"),
        0,
        "!",
    )
    reason = Unanswered("counterfactuals", "Cannot be asked here.")
    for finding in (panel, reason, panel):
        Answer(Target("pr", "ms", "pr"), "median", ("net",), 2, 2, finding).save(tmp_path)
        assert isinstance(Answer.load(tmp_path).finding, type(finding))
