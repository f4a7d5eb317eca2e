"""Claims are decided by their rules, alike each time, and controls as they must be."""

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml
from ecglens.store import Store
from ecglens_benchmark.claim_command import main
from ecglens_benchmark.claims import claim, claims, decided, kept, laboratory, rules, write_page
from ecglens_benchmark.claims.maps import EXPERIMENTS

PART = rules.Part("effect", "at least", 0.5)
BELOW = rules.Part("effect", "below", 0.5)


@pytest.mark.parametrize(
    ("low", "high", "above", "below"),
    [
        (0.6, 0.9, rules.HOLDS, rules.FAILS),
        (0.5, 0.9, rules.HOLDS, rules.FAILS),  # the limit itself is "at least"
        (0.1, 0.49, rules.FAILS, rules.HOLDS),
        (0.4, 0.5, rules.OPEN, rules.OPEN),
    ],
)
def test_a_part_is_decided_by_its_whole_interval(low, high, above, below):
    assert PART.answer(low, high, 6) == above
    assert BELOW.answer(low, high, 6) == below
    assert PART.answer(low, high, 2) == rules.OPEN  # of two networks an interval says nothing


def test_one_part_that_does_not_hold_is_enough_and_reported_parts_decide_nothing():
    parts = {"one": PART, "two": PART, "beside": replace(PART, decides=False)}
    about = replace(claims()["control_true"], parts=parts)
    hold, fail, open_ = rules.HOLDS, rules.FAILS, rules.OPEN
    assert about.answer({"one": hold, "two": hold, "beside": fail}) == hold
    assert about.answer({"one": hold, "two": open_, "beside": fail}) == open_
    assert about.answer({"one": open_, "two": fail, "beside": hold}) == fail


def values(**parts: list[float]) -> pd.DataFrame:
    rows = [
        {"part": name, "network": number, "value": value}
        for name, own in parts.items()
        for number, value in enumerate(own)
    ]
    return pd.DataFrame(rows)


def test_an_effect_is_the_mean_over_networks_with_an_interval_that_narrows_with_them():
    about = claims()["control_true"]
    few = decided(about, values(truth=[0.9, 1.0, 1.0])).parts["truth"]
    many = decided(about, values(truth=[0.9, 1.0, 1.0] * 8)).parts["truth"]
    assert few.effect == pytest.approx(np.mean([0.9, 1.0, 1.0]))
    assert few.low < many.low < many.effect < many.high < few.high
    assert decided(about, values(truth=[1.0, 1.0])).answer == rules.OPEN
    assert decided(about, values(truth=[1.0, np.nan, 1.0])).answer == rules.OPEN


def test_the_interval_of_few_networks_is_students():
    random = np.random.default_rng(0)
    drawn = random.normal(0.5, 0.2, (2000, 4))
    covered = [low <= 0.5 <= high for low, high in map(laboratory._student, drawn)]
    assert 0.935 < np.mean(covered) < 0.965
    # 4.303 is the 97.5 % point of Student's t with two degrees of freedom; SD 1 over √3
    low, high = laboratory._student(np.array([1.0, 2.0, 3.0]))
    assert (low, high) == pytest.approx((2 - 4.303 / 3**0.5, 2 + 4.303 / 3**0.5), abs=1e-3)


def test_a_value_has_the_number_of_its_network_where_one_before_it_has_none():
    found = decided(claims()["control_true"], values(truth=[1.0, np.nan, 0.8, 0.9]))
    kept = laboratory.values_of([found])
    assert dict(zip(kept["network"], kept["value"], strict=True)) == {0: 1.0, 2: 0.8, 3: 0.9}


def test_a_claim_whose_networks_do_not_read_their_label_is_not_decidable(tmp_path, monkeypatch):
    about = claims()["song2023"]
    monkeypatch.setitem(EXPERIMENTS, about.name, lambda *_: ())
    found = decided(about, kept(about, Store.at(tmp_path), lambda _: None))
    assert found.answer == rules.OPEN
    assert not [each.values for each in found.parts.values() if each.values]
    assert write_page([found], tmp_path).is_file()
    assert [*pd.read_csv(tmp_path / "values.csv")] == ["claim", "part", "network", "value"]


def test_every_claim_has_an_experiment_and_a_rule_that_any_change_changes():
    assert {*EXPERIMENTS} == {*claims()}
    every = [each.rule for each in claims().values()]
    assert len({*every}) == len(every)
    own = claims()["control_true"]
    assert replace(own, seed=own.seed + 1).rule != own.rule
    stricter = {"truth": replace(own.parts["truth"], limit=0.95)}
    assert replace(own, parts=stricter).rule != own.rule


@pytest.mark.heavy
def test_two_runs_give_the_same_table(tmp_path):
    small = replace(claims()["control_true"], networks=3, ecgs=2)
    tables, said = [], []
    for place in ("one", "two"):
        store = Store.at(tmp_path / place)
        decision = decided(small, kept(small, store, said.append))
        tables.append(laboratory.table_of([decision]))
    assert laboratory.digest(tables[0]) == laboratory.digest(tables[1])
    assert said[:2] == ["control_true: network 1 of 3", "control_true: network 2 of 3"]


@pytest.mark.heavy
def test_both_controls_are_decided_rightly(tmp_path):
    decisions = claim("control_true", tmp_path, str)
    assert [each.claim.name for each in decisions] == ["control_true", "control_false"]
    assert [each.answer for each in decisions] == [rules.HOLDS, rules.FAILS]
    assert not any(each.wrong for each in decisions)


def test_a_control_that_is_decided_wrongly_is_told():
    found = decided(claims()["control_false"], values(random=[0.9] * 4))
    assert found.answer == rules.HOLDS
    assert found.wrong


def test_what_is_kept_is_not_computed_again(tmp_path, monkeypatch):
    own, calls = claims()["control_true"], []

    def counted(about, number, store):
        calls.append(number)
        yield "truth", 1.0 + number

    monkeypatch.setitem(EXPERIMENTS, "control_true", counted)
    store = Store.at(tmp_path)
    first = kept(own, store, calls.append)
    again = kept(own, store, str)
    assert [each for each in calls if isinstance(each, int)] == [*range(own.networks)]
    pd.testing.assert_frame_equal(first, again)
    kept(replace(own, seed=1), store, str)  # another rule is another experiment
    assert len([each for each in calls if isinstance(each, int)]) == 2 * own.networks


def test_a_name_that_is_not_known_lists_the_valid_ones(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["ecglens claim", "song2024"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert "expected a claim (song2023, all, " in said
    assert "qtcnet2025" in said
    assert len(said.splitlines()) == 1
    monkeypatch.setattr("sys.argv", ["ecglens claim"])
    with pytest.raises(SystemExit):
        main()
    assert "expected a claim (all, control_true" in capsys.readouterr().err


def test_the_list_has_each_claim_in_its_own_words(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["ecglens claim", "--list"])
    main()
    said = capsys.readouterr().out
    expected = [word for name, each in claims().items() for word in (name, *each.said.split())]
    assert said.split() == expected
    assert max(map(len, said.splitlines())) <= 100


def test_a_page_has_every_claim_a_figure_and_tables_with_their_hashes(tmp_path):
    about = claims()
    decisions = [
        decided(about["control_true"], values(truth=[1.0] * 8)),
        decided(about["hooker2019"], values(foreign=[0.3] * 6, no_better=[0.01, 0.2, 0.0])),
    ]
    page = write_page(decisions, tmp_path)
    text = page.read_text("utf-8")
    assert text.count("<figure>") == 2
    assert "not decidable here" in text
    assert "Hooker" in text
    (tmp_path / "mine.svg").touch()
    assert (tmp_path / "hooker2019.svg").is_file()
    table = pd.read_csv(tmp_path / "claims.csv")
    assert table["part"].tolist() == ["truth", "foreign", "no_better"]
    assert table["part_answer"].tolist() == [rules.HOLDS, rules.HOLDS, rules.OPEN]
    for line in (tmp_path / "SHA256SUMS").read_text("utf-8").splitlines():
        expected, name = line.split("  ")
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == expected
    write_page(decisions[:1], tmp_path)  # no figure of a claim that the page no longer has
    assert {path.stem for path in tmp_path.glob("*.svg")} == {"control_true", "mine"}


def test_rules_are_read_as_they_are_written():
    path = rules.files("ecglens_benchmark") / "claims" / "rules.yaml"
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    own = claims()["timing2025"]
    assert own.said == written["timing2025"]["said"]
    assert own.parts["at_once"].limit == written["timing2025"]["parts"]["at_once"]["limit"]
    assert not own.parts["default_protocol"].decides
