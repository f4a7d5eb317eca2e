"""The views of a run are made once for its page, the terminal and W&B."""

from ecglens.report import Pseudonyms, ranking_lines, run_views, write_page
from ecglens.report.views import perturbation, view
from ecglens.report.wandb.panels import panels

from ..findings import of_rho


def test_page_terminal_and_wandb_rank_once_and_draw_each_picture_once(
    make_finding, tmp_path, monkeypatch
):
    calls = []
    for module, name in ((perturbation, "rank"), (view, "png")):
        own = getattr(module, name)

        def counting(given, own=own, name=name):
            calls.append(name)
            return own(given)

        monkeypatch.setattr(module, name, counting)
    run = run_views([make_finding(), of_rho()], Pseudonyms())
    write_page(run, tmp_path, Pseudonyms())
    ranking_lines(run)
    panels(run)
    assert calls.count("rank") == 1
    assert calls.count("png") == sum(len(each.figures) for each in (*run.ranked, *run.others))
