"""What comes out of the box: ballots, guesses, and the same study as from exported files."""

import numpy as np
import pandas as pd
import pytest
from ecglens.study import analyse, import_study, load_study, write_votes
from ecglens.study.agreement import agreement_table
from ecglens.study.agreement.tables import BETWEEN, MEAN, WITHIN
from ecglens.study.ballot import NONE
from ecglens.study.box import Decided, Refused, Vote
from ecglens.study.votes import frame_of

from .conftest import METHODS, draw_all, joined, kept, vote_on

ATTACK = 'Robert\'); DROP TABLE votes;-- "{{7*7}}" <script>alert(1)</script>'


def voted(make, protocol: str = "pick", **settings):
    """A study in which two experts decided everything at random."""
    box = joined(make(protocol=protocol, **settings), "ann", "bob")
    draw = np.random.default_rng(0)
    lowest, highest = {"pick": (0, 3), "rate": (1, 1), "pair": (1, 2)}[protocol]
    for name in ("ann", "bob"):
        vote_on(
            box,
            name,
            choose=lambda _: Vote(
                int(draw.integers(lowest, highest + 1)),
                rating=int(draw.integers(1, 6)) if protocol == "rate" else 0,
                second=["", "P wave"][draw.integers(2)],
                comment=["", "=1+1\r\nµV, \"quoted\"\r and 'so'  "][draw.integers(2)],
                seconds=float(draw.uniform(0, 1e-3)),
            ),
        )
    return box


@pytest.mark.parametrize("protocol", ["pick", "rate", "pair"])
def test_a_ballot_says_what_was_on_the_screen(make, protocol):
    box = voted(make, protocol)
    ballots = [ballot for ballot in box.ballots() if ballot.expert == "bob"]
    turns = [box.turn("bob", order) for order in range(2, len(ballots) + 2)]
    assert [ballot.order for ballot in ballots] == [*range(1, len(turns) + 1)]
    for ballot, turn in zip(ballots, turns, strict=True):
        item, vote = box.items[turn.item], kept(box, "bob", turn.order)
        assert (ballot.ecg, ballot.target, ballot.view) == (item.ecg, item.target, item.view)
        assert (ballot.showing, ballot.catch) == (turn.showing, item.catch)
        chosen = turn.methods[vote.position - 1] if vote.position else NONE
        left = [each for each in turn.methods if each != chosen]
        assert ballot.choice == chosen
        assert ballot.other == (left[0] if protocol == "pair" else "")
        assert (ballot.position, ballot.rating) == (vote.position, vote.rating)
    assert len({ballot.decision for ballot in box.ballots()}) == len(box.ballots())


@pytest.mark.parametrize("protocol", ["pick", "rate", "pair"])
def test_a_served_study_is_the_same_as_its_exported_files(make, tmp_path, protocol):
    box = voted(make, protocol)
    draw_all(box)
    box.guess("bob", {"1": "saliency", "2": "unknown", "3": "unknown"})
    box.guess("ann", {"1": "deeplift", "2": "smoothgrad", "3": "unknown"})
    box.guesses().to_csv(tmp_path / "guesses.csv", index=False)
    votes = write_votes(box.ballots(), tmp_path / "votes.csv")
    imported = import_study(votes, tmp_path / "kept", METHODS, tmp_path / "guesses.csv")
    served = load_study(tmp_path / "study")
    assert (served.name, served.methods, served.protocol) == ("s", METHODS, protocol)
    assert (served.name, served.methods) == (imported.name, imported.methods)
    for table in ("ballots", "counts", "guesses"):
        pd.testing.assert_frame_equal(getattr(served, table), getattr(imported, table))
    pd.testing.assert_frame_equal(analyse(served).agreement, analyse(imported).agreement)
    with pytest.raises(ValueError, match="expected a new folder"):
        import_study(votes, tmp_path / "study")


def test_an_analysis_of_a_study_that_is_not_locked_says_so(make, tmp_path):
    box = voted(make, "pick")
    assert any("not locked" in note for note in analyse(load_study(tmp_path / "study")).notes)
    box.lock()
    assert not any("not locked" in note for note in analyse(load_study(tmp_path / "study")).notes)


def test_a_study_without_votes_cannot_be_analysed_yet(box, tmp_path):
    box.vote("ann", 1, Vote(1))  # practice
    with pytest.raises(ValueError, match="nobody has voted yet"):
        load_study(tmp_path / "study")


@pytest.mark.parametrize("protocol", ["pick", "rate", "pair"])
def test_live_kappa_is_that_of_the_analysis_and_names_no_method(make, protocol):
    box = voted(make, protocol, ecgs=4)
    joined(box, "eve")
    vote_on(box, "eve", 20, choose=lambda _: Vote(1, rating=2 * (protocol == "rate")))
    votes = frame_of([ballot for ballot in box.ballots() if not ballot.catch])
    table = agreement_table(votes, 5).query("coefficient == 'kappa'")
    of = table.set_index(["target", "view", "kind", "expert"])["value"].to_dict()
    live = box.agreement()
    assert len(live) == 4
    for each in live:
        key = (each.target, each.view)
        assert each.between == pytest.approx(of[*key, BETWEEN, ""])
        assert each.within == pytest.approx(of[*key, WITHIN, MEAN])
        assert each.repeats == 2 * each.items / 2
        assert each.experts in (2, 3)
    assert not any(name in str(live) for name in (*METHODS, "planted"))


def test_there_is_no_kappa_of_one_expert_at_one_showing(box):
    assert box.agreement() == []
    vote_on(box, "ann", 5)
    for each in box.agreement():
        assert np.isnan([each.between, each.within]).all()
        assert (each.experts, each.items, each.repeats) == (1, 0, 0)


def test_text_stays_text_in_every_field(make):
    box = make(name=ATTACK, second=ATTACK, second_answers=(ATTACK,), consent=ATTACK)
    name = ATTACK[:60]
    joined(box, name)
    box.keep_sheet(ATTACK, ATTACK, b"png", {ATTACK: ATTACK})
    box.note(ATTACK, ATTACK, ATTACK)
    for order in (1, 2):
        box.vote(name, order, Vote(1, second=ATTACK, comment=ATTACK))
    (ballot,) = box.ballots()
    assert (ballot.study, ballot.expert) == (ATTACK, name)
    assert (ballot.second, ballot.comment) == (ATTACK, ATTACK)
    assert box.sheet(ATTACK, ATTACK)[1] == {ATTACK: ATTACK}
    assert box.audit()[-1].detail == ATTACK
    for ask in (box.progress, box.revoke, box.withdraw, box.next_turn):
        with pytest.raises(ValueError, match="an expert of this study"):
            ask("x' OR '1'='1")


def test_guesses_are_made_once_after_the_last_vote_and_then_nothing_is_undone(box):
    draw_all(box)
    guesses = {"1": "saliency", "2": "unknown", "3": "saliency"}
    with pytest.raises(ValueError, match="after the last vote"):
        box.guess("ann", guesses)
    vote_on(box, "ann")
    assert box.progress("ann").state == "guessing"
    for wrong in ({"1": "saliency"}, guesses | {"2": "eve"}, guesses | {"4": "unknown"}):
        with pytest.raises(ValueError, match=r"expected (a guess|guesses)"):
            box.guess("ann", wrong)
    box.guess("ann", guesses)
    box.guess("ann", guesses)
    with pytest.raises(Decided):
        box.guess("ann", guesses | {"1": "deeplift"})
    with pytest.raises(ValueError, match="before the guesses"):
        box.undo("ann")
    assert (box.guessed("ann"), box.guessed("bob")) == (True, False)
    assert box.progress("ann").state == "done"
    shown = [item.heat.read_text().split()[-1] for item in box.guess_items("ann")]
    assert sorted(shown) == sorted(METHODS)
    told = box.guesses().set_index("method")["guess"].to_dict()
    assert [told[method] for method in shown] == [*guesses.values()]
    assert [*told] == [*METHODS]  # never the order of the screen
    box.withdraw("ann")
    assert box.guesses().empty


def test_a_locked_study_takes_no_guesses(box):
    vote_on(box, "ann")
    box.lock()
    with pytest.raises(Refused, match="locked"):
        box.guess("ann", dict.fromkeys("123", "unknown"))
