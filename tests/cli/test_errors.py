import subprocess
import sys

import numpy as np
import pytest
import wfdb
from ecglens.ecg import LEADS

CASES = {
    "target=pq": ["target", "pr", "qrs", "qt", "'pq'"],
    "target=pqr": ["'pqr'", "did you mean target=pr or target=qrs?"],
    "targt=pr": ["'targt'", "did you mean target?"],
    "method=[saliency,salency]": ["smoothgrad", "'salency'", "did you mean saliency?"],
    "data.m=3": ["'m'", "name", "n"],
    "evaluation.default.zero=3": ["expected one of _target_, name", "'zero'"],
    "epochs=3": ["'epochs'", "did you mean fit.epochs?"],
    "fit.epoch=3": ["'epoch'", "did you mean fit.epochs?"],
    "fit.epochs.x=3": ["no setting below fit.epochs"],
    "--epochs=3": ["name=value", "'--epochs=3'"],
    "fit.lr=nan": ["lr above 0, got nan"],
    "permute_labels=no": ["permute_labels to be a bool, got 'no'"],
    "+foo=3": ["configs/train.yaml, got foo, which nothing reads"],
    "trust=x": ["trust to be a bool, got 'x'"],
    "store=5": ["path of a folder, got 5"],
    "--experimental-rerun=job.pickle": ["pickle", "any code"],
    "--config-path=conf": ["absolute path, got 'conf'"],
    "network._target_=nowhere.load": ["nowhere"],
    "network=x": ["settings below network", "got 'x'"],
    "network.input=abc": ["settings below network.input", "got 'abc'"],
    "data.path=ä/*.csv": ["name=value", """quotes: 'data.path="ä/*.csv"'"""],
    "~target": ["got none for target; leave out ~"],
    "~seed": ["got none for seed; leave out ~"],
    "~store": ["path of a folder, got ''"],
    "--config-name=prepare": ["got none for seed, ecgs", "leave out ~ and --config-name"],
    "input=[1]": ["expected input=… to be one of: median, rhythm", "got [1]"],
    "fit=1": ["expected fit=… to be one of: ", "quick", "got 1"],
    "model=[[small]]": ["expected model=… to be one of: ", "small", "got [[small]]"],
    "data@data.external=true": ["expected data@data.external=… to be one of: ", "got true"],
    "target=pr,3": ["expected target=… to be one of: ", "qrs", "got pr,3"],
    "experiment=null": ["expected experiment=… to be one of: ", "experiment=[] chooses none"],
    "method=[saliency,null]": ["smoothgrad", "got [saliency,null]; method=[] chooses none"],
    "+method=[Null]": ["smoothgrad", "got [Null]; method=[] chooses none"],
    "fit={name: own, start: null, epochs: 0}": ["expected epochs above 0, got 0"],
    "+method.foo.x=1": ["method.foo._target_", "got none in {'x': 1}"],
    "+logger.foo.x=1": ["logger.foo._target_", "got none in {'x': 1}"],
    "method.saliency=5": ["settings below method.saliency", "got 5"],
    "trainer.accelerator=abacus": ["accelerator='abacus'"],
    "fit.start=": ["fit.start a run or a file of weights, got ''"],
    "network.weights=fold.pt": ["network._target_ beside network.weights"],
}


@pytest.mark.heavy
@pytest.mark.parametrize("word", CASES)
def test_a_wrong_word_gets_one_line_with_the_valid_choices(door, word):
    done = door("train.py", word)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    for expected in CASES[word]:
        assert expected in line


def test_settings_on_both_sides_of_an_option_get_one_line(door):
    done = door("train.py", "ecgs=8", "-m", "seed=0,1")
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert line.endswith(
        "expected all settings side by side, got 'seed=0,1' behind an option such as -m"
    )


def test_a_setting_of_the_class_that_the_yaml_does_not_name_is_added_with_a_plus(door):
    done = door("train.py", "evaluation=[lerf]", "evaluation.lerf.noise_scope=lead")
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert line.endswith(
        "got 'noise_scope'; write +evaluation.lerf.noise_scope=… to add this setting of "
        "ecglens.eval.Perturbation"
    )


def test_evaluating_a_network_that_was_never_trained_says_how_to_train_it(door, tmp_path):
    done = door("evaluate.py", "data=exact", "data.n=40", f"store={tmp_path}/empty")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) <= 3
    assert "python train.py" in done.stderr


# A folder with one record in it, and what of it is said.
RECORDS = {
    "11 leads": ({"leads": 11}, "V6"),
    "NaN": ({"missing": True}, "NaN"),
    "50 Hz": ({"fs": 50}, "50"),
    "2 s": ({"seconds": 2}, "2"),
    "all zero": ({"height": 0.0}, "all zero"),
}


def write_record(folder, leads=12, missing=False, fs=500, seconds=10, height=1.0) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "RECORDS").write_text("data/1\n")
    time = np.arange(seconds * fs) / fs
    beats = height * np.exp(-(((time % 0.8) - 0.4) ** 2) / 2e-4)
    signal = np.repeat(beats[:, None], leads, axis=1)
    if missing:
        signal[10:20] = np.nan
    names = [name.lower() for name in LEADS[:leads]]
    form = {"fmt": ["16"] * leads, "adc_gain": [1000.0] * leads, "baseline": [0] * leads}
    wfdb.wrsamp("1", fs, ["mV"] * leads, names, signal, write_dir=str(folder / "data"), **form)


@pytest.mark.heavy
@pytest.mark.parametrize("kind", RECORDS)
def test_an_unusable_record_is_named_with_its_reason_in_three_lines_at_most(door, tmp_path, kind):
    fault, said = RECORDS[kind]
    write_record(tmp_path / "ludb", **fault)
    done = door("train.py", "data=ludb", f"data.path={tmp_path}/ludb", f"store={tmp_path}/store")
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3
    assert said in done.stderr


def test_an_own_evaluation_without_a_question_is_refused_before_anything_is_prepared(door):
    own = "+evaluation.own._target_=tests.eval.test_evaluation.WithoutQuestion"
    done = door("train.py", own)
    assert done.returncode == 2
    assert "WithoutQuestion to have name, question, source, got no question" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.heavy  # two processes that load torch
def test_a_network_in_the_working_directory_is_found_by_the_command(tmp_path):
    """As by `python -m ecglens`; the first of the path is here the folder of the script."""
    script, here = tmp_path / "bin" / "ecglens", tmp_path / "here"
    script.parent.mkdir()
    here.mkdir()
    script.write_text("from ecglens.cli.commands import main\nmain()\n")
    (here / "my_own.py").write_text('def load():\n    raise ValueError("loaded from here")\n')
    words = ("evaluate", "network._target_=my_own.load", "data=exact", "data.n=40")
    command = [sys.executable, str(script), *words]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=600)
    assert done.returncode == 2
    assert "loaded from here" in done.stderr.splitlines()[-1]
    safe = subprocess.run(
        [sys.executable, "-P", *command[1:]], cwd=here, capture_output=True, text=True, timeout=600
    )
    assert "my_own" in safe.stderr.splitlines()[-1]
    assert "loaded from here" not in safe.stderr


@pytest.mark.heavy
def test_one_logit_of_five_can_be_asked_for_by_command(door, tmp_path):
    words = ("data=exact", "data.n=40", "ecgs=4", "gallery=0", "method=[saliency]")
    words += (
        "evaluation=default",
        "evaluation.default.draws=1",
        "network._target_=tests.cli.own_networks.five",
    )
    several = door("evaluate.py", *words)
    assert several.returncode == 2
    line = "one output, for pr, got 5 outputs; name the one that is explained as "
    assert f"{line}network.input.column=…" in several.stderr.splitlines()[-1]
    done = door("evaluate.py", *words, "network.input.column=3")
    assert done.returncode == 0, done.stderr
    assert "Saliency" in done.stdout
    assert "\n- Only 4 ECGs: " in done.stdout  # what to know is printed under the sentence
    missing = door("evaluate.py", *words, "network.input.column=5")
    assert "expected an output with column 5, got (2, 5)" in missing.stderr.splitlines()[-1]
