"""How well each of several networks reads its target, and what was cautioned of it."""

from collections.abc import Callable

from ecglens.datamodules import Target
from ecglens.eval import Finding
from ecglens.report.page import html
from ecglens.report.text.cautions import cautions
from ecglens.report.text.differences import network_table
from ecglens.report.views.perturbation import perturbation_views

from ..conftest import changed, of_views

Make = Callable[..., Finding]
EXTERNAL = {"source": "ludb", "fit": {"mae": 11.0, "r2": 0.31}}


def network(make_finding: Make, seed: int, zeros: float, **facts: object) -> Finding:
    finding = make_finding(settings={"seed": seed}, **facts)
    shares = {**finding.curves[0].zero_share, "guided_gradcam": zeros}
    return changed(finding, {"networks": (f"{seed}" * 16,)}, zero_share=shares)


def test_network_table_has_a_row_on_each_set_of_ecgs(make_finding: Make) -> None:
    good = network(make_finding, 0, 0.1)
    poor = network(make_finding, 1, 0.43, fit={"mae": 19.0, "r2": 0.2}, external=EXTERNAL)
    table = network_table([good, poor])
    assert table is not None
    assert table.metrics == ("Mean absolute error (ms)", "RMSE (ms)", "Bias (ms)", "R²")
    rows = [(row.network, row.where, row.values) for row in table.rows]
    assert rows == [
        ("seed 0 · 000000", "test part", ("5.10", "7.20", "−0.300", "0.910")),
        ("seed 1 · 111111", "test part", ("19.0", "", "", "0.200")),
        ("seed 1 · 111111", "external (ludb) ECGs", ("11.0", "", "", "0.310")),
    ]
    poorly = "reads its target poorly (R²)"
    assert [row.cautions for row in table.rows] == [
        ("Guided backprop left out",),
        (poorly, "Guided backprop left out", "many zeros in Guided Grad-CAM (43\u00a0%)"),
        (poorly,),
    ]
    assert network_table([good]) is None


def test_what_is_wrong_with_a_later_network_is_on_the_page(make_finding: Make) -> None:
    each = [
        network(make_finding, 0, 0.1, ease="Near."),
        network(make_finding, 1, 0.43, ease="Near.", fit={"mae": 19.0, "r2": 0.2}),
    ]
    (section,) = perturbation_views(each)
    told = cautions(each, section.ranking)
    assert told.count("Near.") == 1  # of the data: once for all
    assert (
        "1 of 2 networks read their target poorly (R² 0.200 on the test part): "
        "heatmaps then explain a network that has not learned the target."
    ) in told
    assert any(text.endswith(": Guided Grad-CAM (up to 43\u00a0%).") for text in told)
    page = html(of_views(section))
    assert '<th scope="row">seed 1 · 111111</th>' in page
    assert "The networks and their data" in page
    assert f"{'0' * 16}, {'1' * 16}" in page


def test_a_classifier_is_told_by_the_area_of_the_class_explained(make_finding: Make) -> None:
    target = Target("dx", "", kind="binary", classes=("af", "lvh"), explain="lvh")
    fit = {"auroc/af": 0.9, "auroc/lvh": 0.7, "auprc/lvh": 0.4}
    each = [network(make_finding, seed, 0.1, target=target, fit=fit) for seed in (0, 1)]
    table = network_table(each)
    assert table is not None
    assert table.metrics == ("AUROC", "AUPRC")
    assert table.rows[1].values == ("0.700", "0.400")
    assert table.rows[1].cautions[0] == "reads its target poorly (AUROC)"
