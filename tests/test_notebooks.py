"""The notebooks run from their first cell to their last."""

from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
PATIENCE_S = 600  # a cell takes half a minute on two idle cores


@pytest.mark.heavy  # nbclient is a package of its own for it
@pytest.mark.parametrize(
    "path",
    [pytest.param(NOTEBOOKS[0], marks=pytest.mark.long), *NOTEBOOKS[1:]],
    ids=lambda path: path.stem,
)
def test_every_cell_runs_and_prints_what_is_said_of_it(path: Path, tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, 4)
    assert not any(cell.outputs for cell in notebook.cells if cell.cell_type == "code")
    where = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=PATIENCE_S, resources=where).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    kinds = {output.output_type for cell in code for output in cell.outputs}
    assert {"stream", "execute_result", "display_data"} <= kinds
    assert "error" not in kinds


def test_there_are_two() -> None:
    assert len(NOTEBOOKS) == 2
