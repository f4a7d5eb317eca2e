"""The kept results, their page and their figure."""

import pytest

from benchmarks import clock, page, picture
from benchmarks.row import OURS, Results, Row

KEPT = page.DOCS / f"{page.NAME}.json"


@pytest.fixture
def kept() -> Results:
    return Results.load(KEPT)


def test_the_page_shows_the_kept_results(kept):
    text = (page.DOCS / f"{page.NAME}.md").read_text(encoding="utf-8")
    for name, table in page.tables(kept).items():
        begin, end = page.markers(name)
        assert f"{begin}\n{table}\n{end}" in text, f"python -m benchmarks.page ({name})"


def test_the_kept_results_have_every_part_and_name_no_place(kept):
    assert {row.part for row in kept.rows} == set(page.TITLES)
    assert "/" not in KEPT.read_text(encoding="utf-8")


def test_results_come_back_as_they_were_saved(tmp_path):
    rows = (
        Row("curves", "25 steps", "12×600", "batched PyTorch", cpu_ms=10.0, wall_ms=6.0),
        Row("curves", "25 steps", "12×600", OURS, cpu_ms=0.8),
        Row("memory", "predict", "12×600", OURS, memory_mb=250.0, note="a note"),
    )
    results = Results({"date": "2025-01-01"}, rows)
    results.save(tmp_path / "kept.json")
    assert Results.load(tmp_path / "kept.json") == results
    assert [results.times_ours(row) for row in rows] == [12.5, 1.0, None]


def test_a_page_without_a_table_s_place_is_refused(kept, tmp_path):
    path = tmp_path / "page.md"
    path.write_text("nothing here")
    with pytest.raises(ValueError, match="expected one <!-- facts -->"):
        page.write(kept, path)


def test_the_figure_can_be_drawn_from_the_kept_results(kept, tmp_path):
    picture.draw(kept, tmp_path / "drawn.png")
    assert (tmp_path / "drawn.png").stat().st_size > 10_000


def test_the_fastest_run_counts_and_the_slow_task_runs_least_often():
    now, runs = [0.0], {"slow": 0, "fast": 0}

    def task(name: str, *took: float):
        def work() -> None:
            now[0] += took[runs[name] % len(took)]
            runs[name] += 1

        return work

    tasks = {"slow": task("slow", 5.0, 4.0), "fast": task("fast", 0.3, 0.1, 0.2)}
    found = clock.fastest(tasks, lambda: now[0], seconds=3.0)
    assert found == {"slow": pytest.approx(4000.0), "fast": pytest.approx(100.0)}
    assert runs == {"slow": clock.LEAST, "fast": clock.MOST}
