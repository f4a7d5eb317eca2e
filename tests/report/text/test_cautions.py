"""Cautions are said once, with the methods they are about."""

from collections.abc import Callable
from dataclasses import replace

from ecglens.eval import DEFAULT, Finding, rank
from ecglens.report.text.cautions import cautions, cautions_of

from ..conftest import METHODS, changed

Make = Callable[..., Finding]


def test_one_caution_names_all_maps_with_many_zeros(make_finding: Make) -> None:
    shares = dict.fromkeys(METHODS, 0.524) | {"saliency": 0.0, "guided_gradcam": 0.43}
    told = cautions_of(changed(make_finding(), zero_share=shares))
    assert [text for text in told if "exactly 0" in text] == [
        "Maps in which many points are exactly 0, whose order is drawn at random: "
        "SmoothGrad, Integrated gradients and DeepLIFT (52\u00a0%), Guided Grad-CAM (43\u00a0%)."
    ]


def test_one_caution_names_all_maps_with_fewer_points_than_steps(make_finding: Make) -> None:
    short = {"saliency": 3, "smoothgrad": 0, "deeplift": 3, "guided_gradcam": 1}
    told = cautions_of(changed(make_finding(), short=short))
    assert [text for text in told if "non-zero" in text] == [
        "Maps with fewer non-zero points than the curve has steps, of which the rest are random: "
        "Saliency and DeepLIFT (3 ECGs), Guided Grad-CAM (1 ECG)."
    ]


def test_a_deciding_protocol_that_was_run_by_other_rules_says_so(make_finding: Make) -> None:
    zeros = make_finding(protocol=replace(DEFAULT, fill="zero", draws=1))
    assert cautions_of(zeros)[0] == "Run with fill=zero: not the protocol that decides."
    assert not any("decides" in each for each in cautions_of(make_finding()))


def test_methods_left_out_for_one_reason_share_a_line(make_finding: Make) -> None:
    left_out = {"lime": "too slow", "kernel_shap": "too slow", "lrp_epsilon": "no rule"}
    finding = changed(make_finding(), left_out=left_out)
    told = cautions([finding, finding], rank(finding))
    assert [text for text in told if "left out:" in text] == [
        "LIME and KernelSHAP were left out: too slow.",
        "LRP-ε was left out: no rule.",
    ]


def test_notes_name_methods_as_they_are_printed(make_finding: Make) -> None:
    finding = changed(make_finding(), notes=("smoothgrad maps are 0 on 2 of 4 ECGs",))
    assert "SmoothGrad maps are 0 on 2 of 4 ECGs." in cautions([finding], rank(finding))


def test_a_method_above_the_maps_of_the_ecg_is_not_called_below_them(make_finding: Make) -> None:
    """Eight methods: corrected over all controls saliency is not above, over |x| and |dx/dt| is."""
    finding = make_finding()
    ranking = rank(finding)
    method = ranking.table["kind"] == "method"
    table = ranking.table.assign(
        beats_random=method,
        beats_controls=False,
        beats_data_controls=method & (ranking.table["method"] == "saliency"),
    )
    told = cautions([finding], replace(ranking, table=table))
    (text,) = (text for text in told if "maps that know only the ECG" in text)
    assert text.endswith("(|x|, |dx/dt|): SmoothGrad, Integrated gradients, DeepLIFT and Guided "
                         "Grad-CAM.")  # fmt: skip
