"""A season is committed to before it is drawn from, and can be checked afterwards."""

import json
import stat
import sys

import pytest
from ecglens_benchmark.card_command import main
from ecglens_benchmark.season.seasons import (
    SUITE,
    Season,
    commitment,
    open_season,
    publish_season,
    season_of,
    seed_file,
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A user's configuration, and the current folder."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def test_a_season_is_committed_to_by_a_hash_and_its_seed_is_secret(home):
    path = open_season("ours", home / "here")
    public = json.loads(path.read_text())
    season = season_of("ours")
    assert public["seed"] == ""
    assert season.seed not in path.read_text()
    assert public["commitment"] == season.commitment == commitment("ours", SUITE, season.seed)
    assert not season.published


@pytest.mark.skipif(sys.platform == "win32", reason="rights of files are those of POSIX")
def test_only_its_owner_reads_the_seed(home):
    open_season("ours", home / "here")
    (kept,) = (home / "config").rglob("ours.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_published_season_is_drawn_by_anybody_and_says_so(home, tmp_path, monkeypatch):
    path = open_season("ours", home / "here")
    own = season_of("ours")
    publish_season("ours", home / "here")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "somebody else"))
    theirs = season_of(str(path))
    assert theirs.published
    assert theirs.seed == own.seed
    assert theirs.numbers("a", 1).random() == own.numbers("a", 1).random()


def test_numbers_depend_on_season_and_names_alone():
    one, other = Season("a", 1, "0" * 64, False), Season("a", 1, "1" * 64, False)
    assert one.number("x") == one.number("x")
    assert len({one.number("x"), one.number("y"), one.number("x", 1), other.number("x")}) == 4


def test_without_its_seed_a_season_runs_nothing(home, monkeypatch):
    path = open_season("ours", home / "here")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "somebody else"))
    with pytest.raises(ValueError, match="expected the seed of ours, got none: it is secret"):
        season_of(str(path))
    with pytest.raises(ValueError, match=r"expected the seed of ours in .*, got none"):
        publish_season("ours", home / "here")


@pytest.mark.parametrize("method", [[], ["saliency"]])
def test_a_withdrawn_season_says_why_and_what_to_do_in_one_line(method, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["ecglens benchmark", *method, "--season", "2026a"])
    with pytest.raises(SystemExit):
        main()
    (line,) = capsys.readouterr().err.splitlines()
    assert "2026a, which is withdrawn: its seed was lost" in line
    assert line.endswith("--open-season NAME")


def test_who_opens_a_season_is_told_where_its_seed_is(home, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["ecglens benchmark", "--open-season", "ours"])
    main()
    seed, copy, public = capsys.readouterr().out.splitlines()
    assert seed.endswith(str(seed_file("ours")))
    assert seed_file("ours").is_file()
    assert "second place" in copy
    assert public.endswith("ours.season.json")


def test_words_beside_the_opening_of_a_season_are_refused(home, monkeypatch, capsys):
    monkeypatch.setattr(
        "sys.argv", ["ecglens benchmark", "--open-season", "ours", "--tier", "full"]
    )
    with pytest.raises(SystemExit):
        main()
    assert "expected --open-season alone, got also tier" in capsys.readouterr().err
    assert not seed_file("ours").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": "ab" * 32}, "expected the seed that ours was committed to"),
        ({"seed": "x"}, "expected the seed that ours was committed to"),
        ({"name": "theirs"}, "expected the seed"),
        ({"name": "x/../../theirs"}, "a name of a season, got 'x/../../theirs'"),
        ({"suite": SUITE + 1}, f"expected a season of suite {SUITE}, got {SUITE + 1}"),
    ],
)
def test_a_season_that_was_changed_is_refused(change, said, home):
    open_season("ours", home / "here")
    path = publish_season("ours", home / "here")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ValueError, match=said):
        season_of("ours")


@pytest.mark.parametrize("name", ["", "Ours", "../ours", "a" * 40, "a b"])
def test_a_name_that_no_file_can_have_is_refused(name, home):
    with pytest.raises(ValueError, match="expected a name of small letters"):
        open_season(name, home / "here")


def test_a_season_is_opened_once(home):
    open_season("ours", home / "here")
    with pytest.raises(ValueError, match="expected a new season, got ours"):
        open_season("ours", home / "here")


def test_an_unknown_season_is_told_with_the_way_to_one(home):
    with pytest.raises(ValueError, match="Open one of your own"):
        season_of("none")


def test_a_file_that_is_no_season_is_told(home):
    (home / "here" / "bad.season.json").write_text("[1, 2]")
    with pytest.raises(ValueError, match=r"expected a season in .*, got something else"):
        season_of("bad")
