import pytest

CASES = {
    "target=pq": ["target", "pr", "qrs", "qt", "'pq'"],
    "method=[saliency,salency]": ["method", "saliency", "smoothgrad", "'salency'"],
    "data.m=3": ["'m'", "name", "n"],
    "fit.epoch=3": ["'epoch'", "epochs"],
    "network._target_=nowhere.load": ["nowhere"],
}


@pytest.mark.parametrize("word", CASES)
def test_a_wrong_word_gets_three_lines_at_most_with_the_valid_choices(door, word):
    done = door("train.py", word)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3
    for expected in CASES[word]:
        assert expected in done.stderr


def test_evaluating_a_network_that_was_never_trained_says_how_to_train_it(door, tmp_path):
    done = door("evaluate.py", "data=exact", "data.n=40", f"store={tmp_path}/empty")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) <= 3
    assert "python train.py" in done.stderr
