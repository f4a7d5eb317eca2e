"""Ballots and guesses from the storage, and an analysis equal to that of exported files."""

import numpy as np
import pandas as pd
import pytest
from ecglens_study import analyse, import_study, load_study, write_votes
from ecglens_study.agreement import BETWEEN, MEAN, WITHIN, agreement_table, kappa_so_far
from ecglens_study.ballots import NONE, frame_of
from ecglens_study.storage.database import Decided, Refused
from ecglens_study.storage.voting import Vote

from .conftest import METHODS, draw_all, joined, kept, vote_on

ATTACK = 'Robert\'); DROP TABLE votes;-- "{{7*7}}" <script>alert(1)</script>'


def voted(make, task: str = "pick", **settings):
    """Study in which two experts voted on everything at random."""
    storage = joined(make(task=task, **settings), "ann", "bob")
    draw = np.random.default_rng(0)
    lowest, highest = {"pick": (0, 3), "rate": (1, 1), "pair": (1, 2)}[task]
    for name in ("ann", "bob"):
        vote_on(
            storage,
            name,
            choose=lambda _: Vote(
                int(draw.integers(lowest, highest + 1)),
                rating=int(draw.integers(1, 6)) if task == "rate" else 0,
                second=["", "P wave"][draw.integers(2)],
                comment=["", "=1+1\r\nµV, \"quoted\"\r and 'so'  "][draw.integers(2)],
                seconds=float(draw.uniform(0, 1e-3)),
            ),
        )
    return storage


@pytest.mark.parametrize("task", ["pick", "rate", "pair"])
def test_a_ballot_says_what_was_on_the_screen(make, task):
    storage = voted(make, task)
    ballots = [ballot for ballot in storage.ballots() if ballot.expert == "bob"]
    turns = [storage.turn("bob", order) for order in range(2, len(ballots) + 2)]
    assert [ballot.order for ballot in ballots] == [*range(1, len(turns) + 1)]
    for ballot, turn in zip(ballots, turns, strict=True):
        item, vote = storage.items[turn.item], kept(storage, "bob", turn.order)
        assert (ballot.ecg, ballot.target, ballot.view) == (item.ecg, item.target, item.view)
        assert (ballot.showing, ballot.catch) == (turn.showing, item.catch)
        chosen = turn.methods[vote.position - 1] if vote.position else NONE
        left = [each for each in turn.methods if each != chosen]
        assert ballot.choice == chosen
        assert ballot.other == (left[0] if task == "pair" else "")
        assert (ballot.position, ballot.rating) == (vote.position, vote.rating)
    assert len({ballot.decision for ballot in storage.ballots()}) == len(storage.ballots())


@pytest.mark.heavy
@pytest.mark.parametrize("task", ["pick", "rate", "pair"])
def test_a_served_study_is_the_same_as_its_exported_files(make, tmp_path, task):
    storage = voted(make, task)
    draw_all(storage)
    for expert in ("ann", "bob"):
        storage.finish(expert)
    storage.guess("bob", {"1": "saliency", "2": "unknown", "3": "unknown"})
    storage.guess("ann", {"1": "deeplift", "2": "smoothgrad", "3": "unknown"})
    storage.guesses().to_csv(tmp_path / "guesses.csv", index=False)
    votes = write_votes(storage.ballots(), tmp_path / "votes.csv")
    imported = import_study(votes, tmp_path / "kept", METHODS, tmp_path / "guesses.csv")
    served = load_study(tmp_path / "study")
    assert (served.name, served.methods, served.task) == ("s", METHODS, task)
    assert served.none == (task == "pick")
    assert (served.name, served.methods) == (imported.name, imported.methods)
    for table in ("ballots", "counts", "guesses"):
        pd.testing.assert_frame_equal(getattr(served, table), getattr(imported, table))
    pd.testing.assert_frame_equal(analyse(served).agreement, analyse(imported).agreement)
    with pytest.raises(ValueError, match="expected a new folder"):
        import_study(votes, tmp_path / "study")


def test_an_analysis_of_a_study_that_is_not_locked_says_so(make, tmp_path):
    storage = voted(make, "pick")
    assert any("not locked" in note for note in analyse(load_study(tmp_path / "study")).notes)
    storage.lock()
    assert not any("not locked" in note for note in analyse(load_study(tmp_path / "study")).notes)


def test_a_study_without_votes_cannot_be_analysed_yet(storage, tmp_path):
    storage.vote("ann", 1, Vote(1))  # practice
    with pytest.raises(ValueError, match="nobody has voted yet"):
        load_study(tmp_path / "study")


@pytest.mark.parametrize("task", ["pick", "rate", "pair"])
def test_live_kappa_is_that_of_the_analysis_and_names_no_method(make, task):
    storage = voted(make, task, ecgs=4)
    joined(storage, "eve")
    vote_on(storage, "eve", 20, choose=lambda _: Vote(1, rating=2 * (task == "rate")))
    votes = frame_of([ballot for ballot in storage.ballots() if not ballot.catch])
    table = agreement_table(votes, lambda _: 5)
    table = table[table["coefficient"] == ("weighted" if task == "rate" else "kappa")]
    of = table.set_index(["target", "view", "kind", "expert"])["value"].to_dict()
    live = kappa_so_far(storage.ballots())
    assert len(live) == 4
    for each in live:
        key = (each.target, each.view)
        assert each.between == pytest.approx(of[*key, BETWEEN, ""])
        assert each.within == pytest.approx(of[*key, WITHIN, MEAN])
        assert each.repeats == 2 * each.items / 2
        assert each.experts in (2, 3)
    assert not any(name in str(live) for name in (*METHODS, "planted"))


def test_there_is_no_kappa_of_one_expert_at_one_showing(storage):
    assert kappa_so_far(storage.ballots()) == []
    vote_on(storage, "ann", 5)
    for each in kappa_so_far(storage.ballots()):
        assert np.isnan([each.between, each.within]).all()
        assert (each.experts, each.items, each.repeats) == (1, 0, 0)


def test_text_stays_text_in_every_field(make):
    storage = make(name=ATTACK, second=ATTACK, second_answers=(ATTACK,), consent=ATTACK)
    name = ATTACK[:60]
    joined(storage, name)
    storage.drawings.keep_sheet(ATTACK, ATTACK, b"samples", {ATTACK: ATTACK})
    storage.note(ATTACK, ATTACK, ATTACK)
    for order in (1, 2):
        storage.vote(name, order, Vote(1, second=ATTACK, comment=ATTACK))
    (ballot,) = storage.ballots()
    assert (ballot.study, ballot.expert) == (ATTACK, name)
    assert (ballot.second, ballot.comment) == (ATTACK, ATTACK)
    assert storage.drawings.sheet(ATTACK, ATTACK)[1] == {ATTACK: ATTACK}
    assert storage.log()[-1].detail == ATTACK
    for ask in (storage.progress, storage.revoke, storage.withdraw, storage.next_turn):
        with pytest.raises(ValueError, match="an expert of this study"):
            ask("x' OR '1'='1")


def test_guesses_are_made_once_after_the_votes_are_final(storage):
    draw_all(storage)
    guesses = {"1": "saliency", "2": "unknown", "3": "saliency"}
    vote_on(storage, "ann")
    with pytest.raises(ValueError, match="after the votes are final"):
        storage.guess("ann", guesses)
    storage.finish("ann")
    assert storage.progress("ann").state == "guessing"
    for wrong in ({"1": "saliency"}, guesses | {"2": "eve"}, guesses | {"4": "unknown"}):
        with pytest.raises(ValueError, match=r"expected (one guess|guesses)"):
            storage.guess("ann", wrong)
    storage.guess("ann", guesses)
    storage.guess("ann", guesses)
    with pytest.raises(Decided):
        storage.guess("ann", guesses | {"1": "deeplift"})
    assert (storage.guessed("ann"), storage.guessed("bob")) == (True, False)
    assert storage.progress("ann").state == "done"
    shown = [item.heat.read_text().split()[-1] for item in storage.guess_items("ann")]
    assert sorted(shown) == sorted(METHODS)
    told = storage.guesses().set_index("method")["guess"].to_dict()
    assert [told[method] for method in shown] == [*guesses.values()]
    assert [*told] == [*METHODS]  # never the order of the screen
    storage.withdraw("ann")
    assert storage.guesses().empty


def test_a_locked_study_takes_no_guesses(storage):
    vote_on(storage, "ann")
    vote_on(storage, "bob")
    storage.finish("ann")
    storage.lock()
    with pytest.raises(Refused, match="locked"):
        storage.guess("ann", dict.fromkeys("123", "unknown"))
    with pytest.raises(Refused, match="locked"):
        storage.finish("bob")
