"""The package in examples/plugin brings one of each thing; nothing of ECGLens is changed."""

import json
import os
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import ecglens
import numpy as np
import pytest
from ecglens.datamodules import Target
from ecglens.ecg import draw_exact, exact_record
from ecglens.eval import load_finding
from ecglens.explain import controls, find, methods
from ecglens.report import style
from ecglens.report.text.words import target_words
from ecglens.report.views.views import evaluation_views

from .conftest import ROOT, SHOWN, forked

PLUGIN = ROOT / "examples" / "plugin"
N = 40
Run = Callable[..., "subprocess.CompletedProcess[str]"]
POINTS = tomllib.loads((PLUGIN / "pyproject.toml").read_text())["project"]["entry-points"]


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ECGs, and with what pip leaves of the installed package."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "ecgs").mkdir()
    for n in range(N):
        signal = exact_record(draw_exact(0, n), noise_uv=5.0).signal
        np.save(folder / f"ecgs/p{n}_1.npy", signal)
    np.save(folder / "ecgs/p99_1.npy", np.zeros((12, 100), np.float32))
    installed = folder / "site" / "ecg_plugin-0.1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: ecg-plugin\nVersion: 0.1.0\n")
    lines = [
        f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in POINTS[group].items())
        for group in POINTS
    ]
    (installed / "entry_points.txt").write_text("".join(lines))
    return folder


@pytest.fixture(scope="module")
def run(outside: Path, forks: "subprocess.Popen[str]") -> Run:
    """A command of a user who has installed the package, from a folder of their own."""
    paths = [str(PLUGIN), str(outside / "site"), *filter(None, [os.environ.get("PYTHONPATH")])]

    def ran(script: str, *words: str) -> "subprocess.CompletedProcess[str]":
        return forked(
            forks,
            script,
            *words,
            cwd=outside,
            store=outside / "store",
            PYTHONPATH=os.pathsep.join(paths),
        )

    return ran


def data(outside: Path) -> tuple[str, str]:
    """The words that choose the ECGs."""
    return "data=folder", f"data.path={outside}/ecgs"


@pytest.fixture(scope="module")
def trained(outside: Path, run: Run) -> Path:
    """The folder of a run that uses everything of the package."""
    small = [word for word in SHOWN if not word.startswith(("data", "model", "method"))]
    words = (
        *data(outside),
        "target=qtc",
        "model=two_convolutions",
        "method=[saliency,power_of_gradient]",
        "evaluation=[perturbation,sparsity]",
        "evaluation.noise_10.draws=2",
        "hydra.run.dir=trained",
    )
    done = run("train.py", *small, *words)
    assert done.returncode == 0, done.stderr
    return outside / "trained"


@pytest.mark.heavy
def test_prepare_reads_a_data_set_that_it_does_not_know(outside: Path, run: Run) -> None:
    done = run("ecglens", "prepare", *data(outside), "hydra.run.dir=run")
    assert done.returncode == 0, done.stderr
    assert f"folder: {N + 1} ECGs" in done.stdout
    assert f"{N} usable" in done.stdout
    [block] = (outside / "store/beats").glob("*/settings.json")
    key = json.loads(block.read_text("utf-8"))["settings"]
    assert (key["reader"], key["version"]) == ("ecg_plugin.reader.Folder", 1)


@pytest.mark.heavy
def test_a_network_of_the_package_learns_a_target_that_it_computes(trained: Path) -> None:
    facts = load_finding(trained / "findings" / "default").facts
    assert facts["label_source"] == "qtc, by ecg_plugin.target.CorrectedQT, version 1"
    assert facts["labels_by"] == {"qtc": {"computed": N}}
    assert facts["settings"]["model"]["_target_"] == "ecg_plugin.network.TwoConvolutions"


@pytest.mark.heavy
def test_a_method_of_the_package_is_ranked(trained: Path) -> None:
    finding = load_finding(trained / "findings" / "default")
    assert "power_of_gradient" in finding.curves[0].methods
    assert "power_of_gradient" in {*finding.table["method"]}


@pytest.mark.heavy
def test_an_evaluation_of_the_package_has_its_view_in_the_report(trained: Path) -> None:
    finding = load_finding(trained / "findings" / "sparsity")
    shares = finding.scores["half"]
    assert {"saliency", "power_of_gradient", "random"} <= {*shares}
    # A square makes large values larger: fewer points hold half of the map.
    assert shares["power_of_gradient"].mean() < shares["saliency"].mean()
    page = (trained / "report.html").read_text("utf-8")
    assert "Power of gradient" in page
    assert "QTc" in page
    assert "How few points hold half of a map?" in page
    assert "<caption>Share of points over the ECGs</caption>" in page
    assert (trained / "qtc-median-sparsity-distribution.png").is_file()


@pytest.mark.heavy
@pytest.mark.usefixtures("installed")
def test_its_figure_writes_methods_and_controls_as_the_page_does(trained: Path) -> None:
    (one,) = evaluation_views([load_finding(trained / "findings" / "sparsity")])
    labels = [each.get_text() for each in one.figures["distribution"].axes[0].get_xticklabels()]
    assert {"Power of gradient", "|x| (control)"} <= {*labels}
    assert not {"power_of_gradient", "abs_x"} & {*labels}


@pytest.mark.heavy
def test_a_command_of_the_package_reads_the_run(trained: Path, run: Run) -> None:
    done = run("ecglens", "sparsity", str(trained))
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{load_finding(trained / 'findings' / 'sparsity')}\n"


@pytest.fixture
def installed(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package, installed for this Python."""
    monkeypatch.syspath_prepend(PLUGIN)
    monkeypatch.syspath_prepend(outside / "site")


@pytest.mark.heavy
@pytest.mark.usefixtures("installed")
def test_everything_of_the_package_is_found_by_name_from_python(outside: Path) -> None:
    ecgs = ecglens.load_ecgs("folder", "qtc", path=outside / "ecgs", store=outside / "store")
    assert ecgs.target.unit == "ms"
    net = ecglens.fit(ecgs, "two_convolutions", epochs=1)
    (finding,) = ecglens.evaluate(net, ecgs, "sparsity", ["power_of_gradient", "saliency"], n=4)
    assert "power_of_gradient" in finding.methods
    ranked = ecglens.rank_methods(net, ecgs.test_batch(4).x, methods=["power_of_gradient"])
    assert "power_of_gradient" in {*ranked.table["method"]}


@pytest.mark.usefixtures("installed")
def test_names_of_the_package_stand_among_those_of_ecglens() -> None:
    assert str(find("power_of_gradient", power=3.0)) == "PowerOfGradient"
    assert methods()[-1] == "power_of_gradient"
    assert controls() == ("random", "abs_x", "abs_dx")
    with pytest.raises(ValueError, match=r"a method \(power_of_gradient, .*got 'power_of_gradien'"):
        find("power_of_gradien")


@pytest.mark.usefixtures("installed")
def test_names_of_the_package_are_printed_as_it_says() -> None:
    assert style("power_of_gradient").label == "Power of gradient"
    assert style("power_of_gradient").colour == "#882255"
    assert target_words(Target("qtc", "ms", "qtc")) == "QTc"
    assert style("saliency").label == "Saliency"


def test_without_the_package_its_names_are_unknown() -> None:
    with pytest.raises(ValueError, match="got 'power_of_gradient'"):
        find("power_of_gradient")
    with pytest.raises(ValueError, match="got 'qtc'"):
        ecglens.load_ecgs("exact", "qtc", n=8)


def test_a_slip_in_its_settings_is_named_in_the_last_line(outside: Path, run: Run) -> None:
    done = run("ecglens", "prepare", *data(outside), "data.fs_hz=high")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "expected data.fs_hz to be a float, got 'high'" in done.stderr.splitlines()[-1]
