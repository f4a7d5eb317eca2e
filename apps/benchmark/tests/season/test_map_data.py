"""Maps with truth as files: what is in them, and scores of maps of one's own."""

import hashlib
import json
import secrets
import shutil

import numpy as np
import pytest
import torch
from ecglens.explain import controls, find_all
from ecglens.store import write_json
from ecglens_benchmark import dataset_command, read_network, score_maps, write_map_data
from ecglens_benchmark.map_data import _world, _write_index
from ecglens_benchmark.season.seasons import SUITE, Season

METHODS = ["saliency", "integrated_gradients"]


@pytest.fixture(scope="module")
def secret():
    """A season whose seed is not published."""
    return Season("trial", SUITE, secrets.token_hex(32), published=False)


@pytest.fixture(scope="module")
def data(tmp_path_factory, secret):
    """A small data set with a hidden part, and the store behind it."""
    store = tmp_path_factory.mktemp("store")
    folder = tmp_path_factory.mktemp("data") / "maps"
    write_map_data(
        folder, "2026c", secret, METHODS, ecgs=3, strips=2, store=store, say=lambda _: None
    )
    return folder, store


@pytest.mark.heavy
def test_every_network_has_ecgs_maps_and_truth_that_fit_its_outputs(data):
    folder, _ = data
    index = json.loads((folder / "index.json").read_text())
    networks = {name for name in index["networks"] if name.startswith("open/")}
    assert len(networks) == 12
    for name in networks:
        with (
            np.load(folder / name / "ecgs.npz") as ecgs,
            np.load(folder / name / "maps.npz") as maps,
        ):
            x, outputs = ecgs["x"], ecgs["outputs"]
            assert {*maps} == {*METHODS, *controls()}
            assert all(maps[each].shape == x.shape for each in maps)
        net = read_network(folder / name)
        with torch.no_grad():
            again, zero = net(torch.from_numpy(x))[:, 0], net(torch.zeros(1, *x.shape[1:]))[0, 0]
        np.testing.assert_allclose(again, outputs, rtol=1e-5, atol=1e-6)
        # Contributions from 0 µV add up to the change of the output (Aumann & Shapley).
        truth = np.load(folder / name / "truth.npy")
        np.testing.assert_allclose(truth.sum((1, 2)), outputs - zero.item(), rtol=2e-3, atol=2e-3)


@pytest.mark.heavy
def test_the_hidden_part_has_no_truth_and_its_names_say_nothing(data):
    folder, _ = data
    hidden = sorted((folder / "hidden").iterdir())
    assert [each.name for each in hidden] == [f"{number:02d}" for number in range(1, 13)]
    assert not [*(folder / "hidden").rglob("truth*")]
    assert len([*(folder / "open").rglob("truth.npy")]) == 12
    words = "\n".join(path.read_text() for path in (folder / "hidden").rglob("*.json"))
    assert not [kind for kind in ("window", "steep", "suppressor", "redundancy") if kind in words]
    scores = (folder / "scores.csv").read_text()
    assert not [each.name for each in hidden if f"\n{each.name}," in scores]


@pytest.mark.heavy
def test_true_maps_score_1_and_hidden_ones_are_scored_by_the_season(data, secret, tmp_path):
    folder, store = data
    for network in (folder / "open").iterdir():
        np.save(tmp_path / f"{network.name}.npy", np.load(network / "truth.npy"))
    assert score_maps(folder, tmp_path)["cosine"].to_numpy() == pytest.approx(1.0)
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    for number in ("01", "02", "03"):
        with np.load(folder / "hidden" / number / "maps.npz") as maps:
            np.save(hidden / f"{number}.npy", maps["integrated_gradients"])
    found = score_maps(folder, hidden, secret, store)
    # As much as in the open part, where maxima and medians of copies have the least.
    assert (found["cosine"] > 0.5).all()
    with pytest.raises(ValueError, match=r"expected maps of contributions-largest, .*got 01.npy"):
        score_maps(folder, hidden)
    with pytest.raises(ValueError, match="expected the season of the hidden part"):
        score_maps(folder, hidden, "2026c", store)


@pytest.mark.long
def test_the_same_call_writes_the_same_bytes(data, secret, tmp_path, monkeypatch):
    folder, store = data
    again = tmp_path / "again"
    small(again)  # of an earlier call
    monkeypatch.chdir(again)
    write_map_data(".", "2026c", secret, METHODS, ecgs=3, strips=2, store=store, say=lambda _: None)
    sums = (folder / "SHA256SUMS").read_text()
    assert (again / "SHA256SUMS").read_text() == sums
    for line in sums.splitlines():
        own, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == own
    assert not (again / "open" / "one").exists()
    shutil.rmtree(again)


def test_the_readme_names_the_command_that_makes_these_files(tmp_path):
    for names, sizes, words in (
        (["saliency"], (3, 2), " --methods saliency --ecgs 3 --strips 2"),
        (find_all("all"), (64, 16), ""),
    ):
        worlds = {"open": _world("2026c", *sizes, tmp_path / "store")}
        _write_index(tmp_path, worlds, {}, dict.fromkeys(names, "slope"))
        said = (tmp_path / "README.md").read_text("utf-8")
        assert f"`ecglens dataset maps --season 2026c{words}`" in said


def small(folder):
    """A data set of one network whose truth is one point of each ECG."""
    network = folder / "open" / "one"
    network.mkdir(parents=True)
    truth = np.zeros((2, 12, 600), np.float32)
    truth[:, 0, 300] = 1.0
    np.save(network / "truth.npy", truth)
    write_json(folder / "index.json", {"seasons": {}, "sizes": {"ecgs": 2, "strips": 1}})
    return truth


def test_a_score_is_the_cosine_with_the_truth(tmp_path):
    truth = small(tmp_path / "data")
    maps = truth.copy()
    maps[0, 1, 10] = 1.0  # half of what this map holds lies elsewhere: 45° from the truth
    maps[1] = -truth[1]
    (tmp_path / "own").mkdir()
    np.save(tmp_path / "own" / "one.npy", maps)
    found = score_maps(tmp_path / "data", tmp_path / "own")
    assert found["cosine"].item() == pytest.approx((np.sqrt(0.5) - 1) / 2)


@pytest.mark.parametrize("size", [1e-200, 1e200, 1e306])
def test_the_size_of_a_map_changes_no_score_and_drops_no_ecg(tmp_path, size):
    truth = small(tmp_path / "data")
    (tmp_path / "own").mkdir()
    maps = truth.astype(float)
    maps[1] = -size * maps[1]
    np.save(tmp_path / "own" / "one.npy", maps)
    (found,) = score_maps(tmp_path / "data", tmp_path / "own").to_dict("records")
    assert (found["ecgs"], found["cosine"]) == (2, pytest.approx(0))


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("two", np.zeros((2, 12, 600)), "expected maps of one, got two.npy"),
        ("one", np.zeros((2, 12, 599)), "of shape .2, 12, 600. in .*, got float64 .2, 12, 599"),
        ("one", np.full((2, 12, 600), np.nan), "expected finite maps"),
        ("one", np.full((2, 12, 600), "x"), "of shape .2, 12, 600. in one.npy, got <U1"),
        ("", None, "expected maps as .*NETWORK.npy, found none"),
    ],
)
def test_maps_that_do_not_fit_are_one_line(tmp_path, name, values, said):
    small(tmp_path / "data")
    (tmp_path / "own").mkdir()
    if name:
        np.save(tmp_path / "own" / f"{name}.npy", values)
    with pytest.raises(ValueError, match=said):
        score_maps(tmp_path / "data", tmp_path / "own")


def test_an_empty_file_is_one_line(tmp_path):
    small(tmp_path / "data")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "one.npy").touch()
    with pytest.raises(ValueError, match=r"in one.npy, got: No data left in file"):
        score_maps(tmp_path / "data", tmp_path / "own")


def test_a_stopped_call_leaves_the_users_folders_as_they_were(tmp_path, monkeypatch):
    mine, here = tmp_path / "maps.partial" / "notes.txt", tmp_path / "here"
    mine.parent.mkdir()
    mine.write_text("mine")
    here.mkdir()
    monkeypatch.chdir(here)

    def stop(_):
        raise KeyboardInterrupt

    for folder in (tmp_path / "maps", "."):
        with pytest.raises(KeyboardInterrupt):
            write_map_data(folder, "2026c", store=tmp_path / "store", say=stop)
    assert mine.read_text() == "mine"
    assert {each.name for each in tmp_path.iterdir()} <= {"here", "maps.partial", "store"}


def test_wrong_use_is_refused_before_anything_is_made(tmp_path, monkeypatch, capsys):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="expected a new folder or one of this command"):
        write_map_data(tmp_path / "full", "2026c")
    site = tmp_path / "site"
    site.mkdir()
    for files in ({"index.json": '{"my": "site"}'}, {"index.json": '{"seasons": {}}', "a.tex": ""}):
        for name, text in files.items():
            (site / name).write_text(text)
        with pytest.raises(ValueError, match="expected a new folder or one of this command"):
            write_map_data(site, "2026c")
    with pytest.raises(ValueError, match="expected a hidden season whose seed is secret"):
        write_map_data(tmp_path / "new", "2026c", "2026c", store=tmp_path / "store")
    with pytest.raises(ValueError, match="expected at least 1 ECG and 1 strip, got -3 and 16"):
        write_map_data(tmp_path / "new", "2026c", ecgs=-3)
    unknown = Season("trial", SUITE, secrets.token_hex(32), published=False)
    with pytest.raises(ValueError, match="whose truth would be given away"):
        write_map_data(tmp_path / "new", unknown, unknown, store=tmp_path / "store")
    with pytest.raises(ValueError, match="expected a folder of `ecglens dataset maps`"):
        score_maps(tmp_path / "full", tmp_path)
    monkeypatch.chdir(tmp_path)
    for words, said in (
        (["--season", "1999"], "expected a season, got 1999"),
        (["--ecgs", "0"], "expected at least 1 ECG and 1 strip, got 0 and 16"),
    ):
        monkeypatch.setattr("sys.argv", ["ecglens dataset", "maps", "--to", "x", *words])
        with pytest.raises(SystemExit) as stopped:
            dataset_command.main()
        assert stopped.value.code == 2
        assert said in capsys.readouterr().err
