import numpy as np
from ecglens.eval.statistics.ranks import friedman
from ecglens.report.figures.intervals import critical_difference_figure


def test_each_group_has_a_bar_over_its_methods_and_each_method_a_dot_at_its_rank():
    random = np.random.default_rng(0)
    means = np.array([3.0, 2.8, 0.0, 0.1, 1.5])
    names = ["saliency", "smoothgrad", "deeplift", "deconvolution", "guided_gradcam"]
    test = friedman(names, means[:, None] + random.normal(size=(5, 40)))
    assert len(test.groups) == 2
    axes = critical_difference_figure(test, "PR").axes[0]
    lines = [np.asarray(line.get_xydata()) for line in axes.lines]
    dots = {float(line[0, 0]): float(line[0, 1]) for line in lines if len(line) == 1}
    assert [*dots] == sorted(test.mean_ranks)
    assert [*dots.values()] == [0, 1, 2, 3, 4]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    upright = [line for line in lines if len(line) == 2 and line[0, 0] == line[1, 0]]
    covered = [
        [labels[place] for place in range(5) if low <= place <= high]
        for low, high in (bar[:, 1] for bar in upright)
    ]
    assert [{*each} for each in covered] == [
        {"Saliency", "SmoothGrad"}, {"Deconvolution", "DeepLIFT"}
    ]  # fmt: skip
    (level,) = [line for line in lines if len(line) == 2 and line[0, 1] == line[1, 1]]
    assert np.isclose(level[1, 0] - level[0, 0], test.critical_difference)
