import ast
import json
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "files" / "quickstart.ipynb"


def cells(kind):
    content = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return [cell for cell in content["cells"] if cell["cell_type"] == kind]


def test_code_is_code_and_no_output_is_stored():
    assert len(cells("code")) >= 6
    for cell in cells("code"):
        ast.parse("".join(cell["source"]))
        assert cell["outputs"] == [] and cell["execution_count"] is None


@pytest.mark.slow
def test_the_notebook_runs_from_top_to_bottom():
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    where = {"metadata": {"path": str(NOTEBOOK.parent)}}
    nbclient.NotebookClient(notebook, timeout=600, resources=where).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    text = json.dumps(code[-1].outputs)
    assert "report.html" in text and "top-1 %" in text
    shown = {
        kind for cell in code for each in cell.outputs for kind in each.get("data", {})
    }
    assert "text/plain" in shown
    (kinds,) = (cell for cell in code if "kinds = {" in cell.source)
    answers = ast.literal_eval(kinds.outputs[0]["data"]["text/plain"])
    assert len(answers) > 10 and set(map(tuple, answers.values())) == {("읽",)}
