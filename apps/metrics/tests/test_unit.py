from dataclasses import replace

from ecglens.explain import find
from ecglens_metrics.prediction import slopes

from tests.eval.evaluations.sanity.networks import made_subject, trained

SQUARED = ("smoothgrad_squared", "vargrad")
SLOPES = ("saliency", "smoothgrad", "guided_backprop", "deconvolution", "undivided", *SQUARED)
CONTRIBUTIONS = ("input_x_gradient", "integrated_gradients", "deeplift", "gradient_shap")


def test_a_slope_halves_where_the_input_is_doubled_and_a_contribution_does_not(tmp_path):
    names = [name for name in (*SLOPES, *CONTRIBUTIONS) if name != "undivided"]
    methods = {name: find(name) for name in names}
    methods["undivided"] = find("integrated_gradients", multiply_by_inputs=False)
    subject = replace(made_subject(tmp_path), methods=methods)
    found = slopes(trained(0), subject, [*methods, "random", "abs_x"])
    expected = {name: name in SLOPES for name in [*methods, "random", "abs_x"]}
    assert found == expected
