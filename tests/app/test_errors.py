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
    "network._target_=nowhere.load": ["nowhere"],
}


@pytest.mark.parametrize("word", CASES)
def test_a_wrong_word_gets_one_line_with_the_valid_choices(door, word):
    done = door("train.py", word)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    # Hydra adds a line when a job fails that it has begun.
    begun = word.startswith("network")
    assert len(done.stderr.strip().splitlines()) == (2 if begun else 1)
    for expected in CASES[word]:
        assert expected in done.stderr


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
