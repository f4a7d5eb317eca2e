"""Analysis of a study: simulated agreement and published sums are recovered and on the page."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ecglens.eval import joined, load_finding
from ecglens.eval.statistics import too_few
from ecglens.report import write_report
from ecglens_study import (
    Analysis,
    Experts,
    analyse,
    frame_of,
    import_study,
    sample_size,
    simulate,
    uneven,
    write_study,
    write_votes,
)
from ecglens_study import analysis as votes_and_scores
from ecglens_study.agreement import (
    BETWEEN,
    MEAN,
    TOTAL,
    WITHIN,
    Block,
    agreement_table,
    estimate,
    kappa_so_far,
)
from ecglens_study.analysis import compare_counts, compare_votes
from ecglens_study.ballots import Ballot
from ecglens_study.page import figures_of
from ecglens_study.planning import draw_answers, width_of
from ecglens_study.preference import votes_finding
from scipy import stats

from tests.report.conftest import METHODS, build, changed

PREFERENCE = uneven(METHODS)
# Storås 2025, table 2, full heatmaps: PR, QRS, QT, R, J, T.
TARGETS = ("pr", "qrs", "qt", "r", "j", "t")
PUBLISHED = {
    "deconvolution": (0, 0, 0, 0, 0, 0),
    "deeplift": (33, 0, 2, 0, 117, 0),
    "gradient_shap": (2, 41, 2, 0, 7, 1),
    "guided_backprop": (33, 19, 52, 0, 1, 24),
    "guided_gradcam": (1, 6, 2, 0, 2, 7),
    "input_x_gradient": (1, 0, 2, 306, 8, 272),
    "integrated_gradients": (15, 68, 0, 0, 35, 0),
    "saliency": (105, 42, 65, 0, 34, 0),
    "smoothgrad": (116, 130, 181, 0, 102, 2),
}


@pytest.fixture(scope="module")
def ballots() -> list[Ballot]:
    experts = Experts(3, PREFERENCE, between=0.4, within=0.7)
    return simulate(experts, 40, ["pr", "qt"], ["full"], seed=1)


@pytest.fixture(scope="module")
def study(ballots, tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    (folder / "g.csv").write_text("expert,method,guess\na,saliency,saliency\nb,saliency,deeplift\n")
    votes = write_votes(ballots, folder / "v.csv")
    return import_study(votes, folder / "kept", METHODS, folder / "g.csv")


@pytest.fixture(scope="module")
def analysis(study) -> Analysis:
    return analyse(study, [build(methods=METHODS)])


@pytest.fixture(scope="module")
def written(analysis, tmp_path_factory) -> Path:
    return write_study(analysis, tmp_path_factory.mktemp("page")).parent


def test_tables_of_an_earlier_analysis_go_and_files_beside_them_stay(analysis, ballots, tmp_path):
    write_study(analysis, tmp_path)
    assert (tmp_path / "agreement.csv").is_file()
    beside = [tmp_path / name for name in ("notes.txt", "votes.csv", "panels/mine/a.txt")]
    for path in beside:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    linked = tmp_path / "panels" / "linked"
    linked.symlink_to(write_study(analysis, tmp_path / "other").parent / "panels" / "pr-full")
    less = replace(
        analysis, agreement=analysis.agreement[:0], blinding=analysis.blinding[:0], comparisons=()
    )
    write_study(less, tmp_path)
    gone = {"agreement.csv", "blinding.csv", "votes_and_scores.csv"}
    assert not gone & {path.name for path in tmp_path.iterdir()}
    assert not list(tmp_path.glob("votes-and-scores-*"))
    assert [path.read_text() for path in beside] == ["mine"] * len(beside)
    assert (linked / "finding.json").is_file()  # a folder elsewhere
    (tmp_path / "files.json").unlink()  # an analysis of an earlier version
    (tmp_path / "blinding.csv").touch()
    (tmp_path / "votes.csv").write_text("method,full pr\nlrp,3\n")  # its vote table
    write_study(less, tmp_path)
    assert not (tmp_path / "blinding.csv").exists()
    assert not (tmp_path / "votes.csv").exists()
    votes = write_votes(ballots[:1], tmp_path / "votes.csv")  # put there since
    (tmp_path / "files.json").write_text('{"files": ["votes.csv"]}')
    write_study(less, tmp_path)
    assert votes.is_file()


def test_kappa_of_an_expert_who_stopped_has_no_interval_of_ecgs_that_nobody_compared():
    def of(second: list[str]) -> pd.DataFrame:
        given = {"A": ["a", "b"] * 6, "B": second}
        ballots = [
            Ballot("s", "pick", "pr", "full", f"e{n}", 1, expert, n + 1, choice, "", 0, 1, 1, 5.0)
            for expert, choices in given.items()
            for n, choice in enumerate(choices)
        ]
        table = agreement_table(frame_of(ballots), lambda _: 2)
        return table.loc[table["coefficient"] == "kappa", ["low", "high"]]

    assert of(["a", "b", "b"]).isna().to_numpy().all()
    assert of(["a", "b", "b", "b", "a", "b"]).notna().to_numpy().all()


def test_agreement_on_pairs_does_not_depend_on_the_names_of_the_methods():
    def of(names: dict[str, str]) -> tuple[list[list[float]], list[float]]:
        draw, ballots = np.random.default_rng(5), []
        for ecg in range(12):
            for expert in "AB":
                # The first of each pair is preferred by most.
                one, other = (("w", "x"), ("y", "z"))[ecg % 2]
                pair = (one, other) if draw.random() < 0.8 else (other, one)
                choice, beside = (names[each] for each in pair)
                ballots.append(
                    Ballot("s", "pair", "pr", "full", f"e{ecg:02}", 1, expert, ecg + 1, choice,
                           beside, 0, 1, 1, 5.0)
                )  # fmt: skip
        table = agreement_table(frame_of(ballots), lambda _: 2)
        (so_far,) = kappa_so_far(ballots)
        assert so_far.items == 12
        return table[["value", "low", "high"]].to_numpy().round(9).tolist(), [so_far.between]

    same = of(dict(zip("wxyz", "abcd", strict=True)))
    assert of(dict(zip("wxyz", "bacd", strict=True))) == same
    assert of(dict(zip("wxyz", "bdac", strict=True))) == same
    (kappa, *_, agreement), (between,) = same
    assert kappa[0] == pytest.approx(2 * agreement[0] - 1)
    assert between == pytest.approx(kappa[0])


def test_an_import_without_a_named_method_or_with_guesses_of_another_study_is_refused(tmp_path):
    none = [
        Ballot("s", "pick", "pr", "full", f"e{n}", 1, "A", n + 1, "none", "", 0, 0, 1, 5.0)
        for n in range(4)
    ]
    votes = write_votes(none, tmp_path / "v.csv")
    with pytest.raises(ValueError, match="expected a vote for a method, got none alone"):
        import_study(votes, tmp_path / "to")
    kept = import_study(votes, tmp_path / "kept", ["a", "b"])
    assert (tmp_path / "kept" / "votes.csv").stat().st_mode & 0o777 == 0o600
    ((_, panel),) = analyse(kept).panels.items()
    assert "experts chose no map" in panel.sentence
    for rows, message in (
        ("A,a,B\n", "expected guesses on a, b, got B; name all methods"),
        ("A,a,a\nA,a,b\n", "one guess per expert and method"),
    ):
        (tmp_path / "g.csv").write_text("expert,method,guess\n" + rows)
        with pytest.raises(ValueError, match=message):
            import_study(votes, tmp_path / "to", ["a", "b"], tmp_path / "g.csv")
    assert not (tmp_path / "to").exists()


def rated(ratings: dict[str, list[int]]) -> list[Ballot]:
    """Ballots of task rate: one ECG per place of each expert's ratings."""
    return [
        Ballot("s", "rate", "pr", "full", f"e{ecg}", 1, expert, ecg + 1, "a", "", rating, 1, 1, 5.0)
        for expert, own in ratings.items()
        for ecg, rating in enumerate(own)
    ]


def test_ratings_have_a_weighted_kappa_by_their_distance_and_choices_none(ballots):
    # Nobody gave a 2: 1 and 3 are two apart all the same.
    table = agreement_table(
        frame_of(rated({"ann": [1, 3, 5, 4], "bob": [3, 3, 5, 5]})), lambda _: 5
    )
    found = table.set_index("coefficient")["value"]
    apart, by_chance = (4 + 0 + 0 + 1) / 4, np.subtract.outer([1, 3, 5, 4], [3, 3, 5, 5]) ** 2
    assert found["weighted"] == pytest.approx(1 - apart / by_chance.mean(), abs=1e-12)
    assert "weighted" not in {*agreement_table(frame_of(ballots), lambda _: 9)["coefficient"]}


def test_published_votes_give_the_sums_of_their_table(tmp_path):
    rows = [
        f"{target},full,{method},{votes}"
        for method, row in PUBLISHED.items()
        for target, votes in zip(TARGETS, row, strict=True)
    ]
    path = tmp_path / "counts.csv"
    path.write_text("\n".join(["target,view,method,votes", *rows]), "utf-8")
    analysis = analyse(import_study(path, tmp_path / "study", decisions=306))
    assert list(analysis.votes["full"].columns) == [*TARGETS]
    assert set(analysis.votes.sum()) == {306}  # 51 ECGs, 3 experts, 2 showings
    for method, row in PUBLISHED.items():
        assert tuple(analysis.votes.loc[method]) == row
    page = write_study(analysis, tmp_path / "out").read_text("utf-8")
    assert "need single ballots" in page
    assert "<strong>272</strong>" in page


def test_planted_agreement_lies_in_its_interval(analysis):
    table = analysis.agreement
    kappa = (
        table[table["coefficient"] == "kappa"].set_index(["target", "kind", "expert"]).sort_index()
    )
    for target in ("pr", "qt", TOTAL):
        for row, planted in (((BETWEEN, ""), 0.4), ((WITHIN, MEAN), 0.7)):
            found = kappa.loc[(target, *row)]
            assert found["low"] < planted < found["high"]
    assert kappa.loc[(TOTAL, BETWEEN, ""), "decisions"] == 2 * 3 * 2 * 40
    total = kappa.loc[(TOTAL, BETWEEN, "")]
    one = kappa.loc[("pr", BETWEEN, "")]
    assert total["high"] - total["low"] < one["high"] - one["low"]


@pytest.mark.heavy  # 600 bootstraps
def test_intervals_hold_the_planted_agreement_as_often_as_they_say():
    names, draw = tuple(f"ecg{number:02d}" for number in range(51)), np.random.default_rng(0)
    held = np.zeros(2)
    for _ in range(600):
        answers = draw_answers(Experts(3, uneven(range_names(9)), 0.4, 0.7), 51, draw)
        between = estimate("kappa", [Block(answers.reshape(3, -1), names * 2)], 9)
        within = estimate("kappa", [Block(own, names) for own in answers], 9)
        held += between.low <= 0.4 <= between.high, within.low <= 0.7 <= within.high
    assert held / 600 == pytest.approx([0.95, 0.95], abs=0.02)


def possible(_: str) -> int:
    return len(METHODS)


def range_names(count: int) -> list[str]:
    return [f"method {number}" for number in range(count)]


def test_the_order_of_the_ballots_changes_nothing(ballots):
    votes = frame_of([ballot for ballot in ballots if ballot.target == "pr"])
    mixed = votes.sample(frac=1, random_state=0)
    key = ["target", "kind", "expert", "coefficient"]
    one, other = (
        agreement_table(each, possible).sort_values(key, ignore_index=True)
        for each in (votes, mixed)
    )
    pd.testing.assert_frame_equal(one, other)


def test_one_category_is_marked_and_missing_showings_leave_no_row(ballots):
    same = [replace(ballot, choice="saliency") for ballot in ballots if ballot.target == "pr"]
    table = agreement_table(frame_of(same), possible)
    row = table[(table["kind"] == BETWEEN) & (table["coefficient"] == "kappa")].iloc[0]
    assert [row["value"], row["low"], row["high"]] == pytest.approx([1, 1, 1])
    assert row["one_category"]
    once = [ballot for ballot in ballots if ballot.showing == 1]
    assert set(agreement_table(frame_of(once), possible)["kind"]) == {BETWEEN}


def test_votes_are_an_evaluation_that_the_report_reads(analysis, written, tmp_path):
    panel = analysis.panels["pr", "full"]
    table = panel.table.set_index("method")
    counted = analysis.votes["full", "pr"]
    assert table["value"].to_dict() == pytest.approx((counted / counted.sum()).to_dict())
    assert {measure.about for measure in panel.measures} == {"plausibility"}
    finding = load_finding(written / "panels" / "pr-full")
    page = write_report([finding], tmp_path).read_text("utf-8")
    assert "Which maps on twelve leads do experts prefer?" in page
    other = load_finding(written / "panels" / "qt-full")
    assert other.measures == analysis.panels["qt", "full"].measures


def test_the_page_has_every_table_and_asks_for_nothing_outside(written):
    page = (written / "study.html").read_text("utf-8")
    for heading in ("Votes", "Votes and scores", "Agreement", "Rater behaviour", "Blinding"):
        assert f"<h2>{heading}</h2>" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    star = "at least one pair of raters all answers are equal (0/0), and that pair counts as 1.00"
    assert star in " ".join(page.split())
    assert "So does each resample of ECGs in which they are equal" in page
    tables = (
        "vote_table",
        "agreement",
        "rater_behaviour",
        "blinding",
        "ranking",
        "votes_and_scores",
    )
    for name in tables:
        assert len(pd.read_csv(written / f"{name}.csv"))
    for kind in ("png", "pdf", "svg"):
        assert (written / f"votes-and-scores-pr.{kind}").stat().st_size > 5_000


def test_votes_that_follow_the_score_correlate_with_it_and_turned_ones_the_other_way(analysis):
    # The made-up result ranks the methods in the given order.
    with_it, panel = analysis.comparisons[0], analysis.panels["pr", "full"]
    turned = compare_votes(panel, build(methods=METHODS[::-1]), "full")
    expected = stats.kendalltau(with_it.table["votes"], with_it.table["auc"])[0]
    assert with_it.tau == pytest.approx(expected)
    assert with_it.low <= with_it.tau <= with_it.high
    assert with_it.tau > 0 > turned.tau
    assert "in opposite ways" in turned.sentence


@pytest.mark.parametrize(("seed", "favourites"), [(26, "saliency"), (13, "saliency, smoothgrad")])
def test_methods_with_equally_many_votes_are_tied_whatever_their_sums_round_to(seed, favourites):
    made = frame_of(simulate(Experts(3, PREFERENCE, 0.2, 0.5), 12, ["pr"], ["full"], seed))
    found = compare_votes(
        votes_finding(made, METHODS, len(METHODS)), build(methods=METHODS), "full"
    )
    counts = made["choice"].value_counts().reindex(found.table["method"])
    assert found.tau == pytest.approx(stats.kendalltau(counts, found.table["auc"])[0])
    assert f"experts chose {favourites} most often; by the score rank 1" in found.sentence


def test_sums_of_votes_have_an_order_and_no_interval():
    counts = pd.DataFrame({"method": METHODS, "votes": range(90, 90 - len(METHODS), -1)})
    found = compare_counts(counts, build(methods=METHODS), "full")
    assert found.tau == pytest.approx(1)
    assert np.isnan([found.low, found.high]).all()
    assert found.sentence.startswith("The data do not show whether experts and the score order")
    assert "τ 1.00, sums of votes have no interval)" in found.sentence


def test_printed_votes_and_tau_are_of_the_same_ecgs():
    one, two, three = METHODS[:3]
    # By all ratings the first is highest; on the ECGs that all three share, the second.
    given = {one: [3, 3, 5], two: [3, 4], three: [2, 1]}
    made = [
        replace(each, choice=name)
        for name, ratings in given.items()
        for each in rated({"ann": ratings})
    ]
    other = replace(made[-1], ecg="e9", choice="other")  # no ECG has all four
    panel = votes_finding(frame_of([*made, other]), [*given, "other"], len(METHODS))
    found = compare_votes(panel, build(methods=METHODS), "full")
    assert found.table["votes"].tolist() == [3.0, 3.5, 1.5]
    expected = stats.kendalltau(found.table["votes"], found.table["auc"])[0]
    assert found.tau == pytest.approx(expected)
    assert f"experts rated {two} highest" in found.sentence
    assert "votes on 2 ECGs, with so few ECGs without an interval" in found.sentence


def test_votes_on_few_ecgs_are_told_without_an_interval_and_in_the_words_of_their_task():
    ranked = build(methods=METHODS)
    made = [
        replace(one, choice=name, rating=5 - place)
        for ecgs in (rated({"ann": [1] * 5, "bob": [1] * 5}),)
        for one in ecgs
        for place, name in enumerate(METHODS[:3])
    ]
    panel = votes_finding(frame_of(made), METHODS[:3], len(METHODS))
    found = compare_votes(panel, ranked, "full")
    assert found.tau == pytest.approx(1)
    assert np.isnan([found.low, found.high]).all()
    assert "The data do not show" in found.sentence
    assert "with so few ECGs without an interval" in found.sentence
    assert f"experts rated {METHODS[0]} highest" in found.sentence


def test_votes_are_compared_with_the_first_of_several_networks(analysis):
    panel, first = analysis.panels["pr", "full"], build(methods=METHODS)
    other = changed(build(methods=METHODS[::-1]), {"networks": ("b",)})
    both = joined([first, other])
    alone, among = (compare_votes(panel, one, "full") for one in (first, both))
    pd.testing.assert_frame_equal(alone.table, among.table)
    assert (alone.tau, alone.sentence) == (among.tau, among.sentence)


def test_kappa_of_five_ecgs_has_no_interval_and_of_six_one():
    for ecgs in (5, 6):
        ratings = np.random.default_rng(0).integers(0, 3, (3, ecgs))
        found = estimate("kappa", [Block(ratings, tuple(range_names(ecgs)))], 3)
        assert np.isfinite(found.low) == np.isfinite(found.high) == (ecgs == 6)


def test_resamples_without_the_one_differing_answer_count_as_1():
    ratings = np.zeros((2, 12), int)
    ratings[1, 0] = 1  # not drawn in (11/12)¹² of the resamples: 35 %
    found = estimate("kappa", [Block(ratings, tuple(range_names(12)))], 2)
    assert found == (0.0, 0.0, 1.0, False)


def test_of_few_ecgs_the_page_has_no_interval_without_ends(tmp_path):
    made = simulate(Experts(2, PREFERENCE, 0.4, 0.7), 4, ["pr"], ["full"], seed=1)
    votes = write_votes([replace(one, seconds=np.nan) for one in made], tmp_path / "votes.csv")
    analysis = analyse(import_study(votes, tmp_path / "study", METHODS), [build(methods=METHODS)])
    page = write_study(analysis, tmp_path / "page").read_text("utf-8")
    assert "– to –" not in page
    assert "over ECGs, none for 5 or fewer" in page
    (figure,) = (each for name, each in figures_of(analysis) if name.endswith("-scores-pr"))
    tau = f"twelve leads: τ = {analysis.comparisons[0].tau:.2f}"
    assert (figure.axes[0].get_title("left"), figure.get_suptitle()) == (tau, "PR")


def test_equal_votes_or_scores_give_one_sentence_and_no_order(analysis, monkeypatch):
    ranked, panel = build(methods=METHODS), analysis.panels["pr", "full"]
    counts = pd.DataFrame({"method": METHODS, "votes": 5})
    equal_votes = compare_counts(counts, ranked, "full")
    monkeypatch.setattr(votes_and_scores, "_aucs", lambda _, names: np.ones((len(names), 24)))
    for found in (equal_votes, compare_votes(panel, ranked, "full")):
        assert np.isnan(found.tau)
        assert found.sentence == (
            "Votes or scores are equal for all methods: there is no order to compare."
        )


def test_ratings_have_no_largest_count_and_no_value_of_chance(tmp_path, written):
    made = rated({"ann": [1, 3, 5, 4], "bob": [3, 3, 5, 5]})
    votes = write_votes(made, tmp_path / "votes.csv")
    study = import_study(votes, tmp_path / "study")
    ratings = write_study(analyse(study), tmp_path / "out").read_text("utf-8")
    picked = (written / "study.html").read_text("utf-8")
    said = ("the largest number of each column is bold", "random choices among the maps.")
    pages = [" ".join(page.split()) for page in (ratings, picked)]
    assert [[words in page for words in said] for page in pages] == [[False, False], [True, True]]
    of_votes = [page.split('<section id="votes">')[1].split("</table>")[0] for page in pages]
    assert ["<strong>" in table for table in of_votes] == [False, True]
    for table in of_votes:
        assert "Sum" in table.split("<tfoot>")[1]


def test_none_is_a_possible_answer_where_it_was_offered_or_given(study):
    given = study.ballots.assign(choice="none")
    found = [
        each.possible("pr") - len(METHODS)
        for each in (study, replace(study, none=True), replace(study, ballots=given))
    ]
    assert found == [0, 1, 1]


def test_ac1_counts_the_answers_that_were_possible_for_its_target(study, ballots):
    others = {"pr": ("a", "b"), "qt": ("c", "d", "e")}
    votes = [
        replace(each, choice=own[each.order % 2], position=0, shown=len(own))
        for each in ballots
        for own in [others[each.target]]
    ]
    study = replace(study, methods=tuple("abcde"), ballots=frame_of(votes))
    assert [study.possible(target) for target in (*others, "")] == [2, 3, 5]
    of_pr = replace(study, shown_on={"pr": tuple("abf")})
    assert of_pr.possible("pr") == 3
    begun = of_pr.ballots.query("target == 'pr'")  # nobody has voted on the others yet
    assert replace(of_pr, ballots=begun).possible("pr") == 3
    table = analyse(study).agreement
    of_pr = table[(table["target"] == "pr") & (table["kind"] == BETWEEN)]
    alone = [each for each in votes if each.target == "pr"]
    own = agreement_table(frame_of(alone), lambda _: 2)
    assert [*of_pr["value"]] == [*own.loc[own["kind"] == BETWEEN, "value"]]


def test_kappa_within_is_the_mean_over_experts_who_saw_an_ecg_twice(ballots):
    pr = [each for each in ballots if each.target == "pr" and each.expert == "expert 1"]
    twice = [*pr, *(replace(each, expert="expert 2") for each in pr)]
    showing = {f"ecg{number:03d}": 1 + number % 2 for number in range(1, 41)}
    apart = [replace(each, expert="eve") for each in pr if each.showing == showing[each.ecg]]
    for votes in (twice, [*twice, *apart]):
        table = agreement_table(frame_of(votes), possible)
        mean = table[table["expert"] == MEAN].set_index("coefficient")["value"]
        assert mean["kappa"] == pytest.approx(kappa_so_far(votes)[0].within)
        assert 0.4 < mean["kappa"] < 1


def test_agreement_within_experts_counts_each_by_the_items_judged_twice():
    draw = np.random.default_rng(0)
    blocks = [
        Block(draw.integers(0, 3, (2, len(ecgs))), ecgs)
        for ecgs in (tuple(range_names(20)), ("late 1", "late 2"))
    ]
    # Many replicates draw nothing of the expert who judged two ECGs twice.
    ratings = np.concatenate([block.ratings for block in blocks], axis=1)
    pooled = Block(ratings, blocks[0].ecgs + blocks[1].ecgs)
    expected = estimate("agreement", [pooled], 3)
    assert estimate("agreement", blocks, 3) == pytest.approx(expected, abs=1e-12)


def test_kappa_within_weights_an_expert_who_stopped_by_what_was_judged_twice(ballots):
    pr = [each for each in ballots if each.target == "pr" and each.expert == "expert 1"]
    few = [replace(each, expert="eve") for each in pr if each.ecg <= "ecg004"]
    table = agreement_table(frame_of([*pr, *few]), possible)
    kappa = table[table["coefficient"] == "kappa"].set_index("expert")["value"]
    expected = (40 * kappa["expert 1"] + 4 * kappa["eve"]) / 44
    assert kappa["expert 1"] != pytest.approx(kappa["eve"], abs=0.05)
    assert kappa[MEAN] == pytest.approx(expected, abs=1e-12)
    assert kappa_so_far([*pr, *few])[0].within == pytest.approx(expected, abs=1e-12)


def test_the_blinding_index_counts_every_method_that_was_guessed_or_shown(study):
    chosen = replace(study, methods=("saliency", "deeplift"))
    others = pd.DataFrame({"expert": "c", "method": ["lrp"], "guess": ["unknown"]})
    guesses = pd.concat([study.guesses, others], ignore_index=True)
    found = analyse(replace(chosen, guesses=guesses)).blinding.set_index("method")["index"]
    assert found["saliency"] == pytest.approx((3 * 0.5 - 1) / (3 - 1))


def test_ratings_without_two_ecgs_in_common_are_not_compared_with_scores(study):
    votes = [
        replace(each, choice=METHODS[place], rating=3)
        for place, each in enumerate(rated({"ann": [3] * len(METHODS)}))
    ]
    found = analyse(replace(study, ballots=frame_of(votes)), [build(methods=METHODS)])
    assert found.comparisons == ()
    assert "pr, full: votes are not compared with scores" in found.notes[-1]


def test_results_that_do_not_fit_the_votes_are_refused(study, analysis):
    made = build()
    qrs = changed(made, {"target": replace(made.about.target, name="qrs")})
    with pytest.raises(ValueError, match="expected a result on pr, qt, got qrs"):
        analyse(study, [qrs])
    with pytest.raises(ValueError, match="one result per target"):
        analyse(study, [build(), build()])
    with pytest.raises(ValueError, match="at least 3 methods in both"):
        compare_votes(analysis.panels["pr", "full"], build(methods=METHODS[:2]), "full")


def test_a_plan_has_the_width_that_an_analysis_then_finds():
    experts = Experts(3, PREFERENCE, between=0.4, within=0.7)
    planned = sample_size(experts, width=0.2)
    assert planned.width == pytest.approx(0.2, rel=0.02)
    assert width_of(experts, planned.ecgs, seed=7) == pytest.approx(0.2, rel=0.1)
    draw, names = np.random.default_rng(3), range_names(planned.ecgs)
    found = [
        estimate("kappa", [Block(answers.reshape(3, -1), tuple(names) * 2)], len(METHODS))
        for answers in (draw_answers(experts, planned.ecgs, draw) for _ in range(10))
    ]
    assert np.mean([each.high - each.low for each in found]) == pytest.approx(0.2, rel=0.1)


def test_a_plan_asks_for_the_ecgs_of_which_an_analysis_has_an_interval():
    assert sample_size(Experts(5, PREFERENCE, 0.6, 0.8), width=0.9).ecgs == 6
    experts = Experts(5, PREFERENCE, 0.6, 0.8)
    planned, draw = sample_size(experts, width=0.5), np.random.default_rng(4)
    assert not too_few(planned.ecgs)
    found = [
        estimate(
            "kappa",
            [Block(answers.reshape(5, -1), tuple(range_names(planned.ecgs)) * 2)],
            len(METHODS),
        )
        for answers in (draw_answers(experts, planned.ecgs, draw) for _ in range(30))
    ]
    assert np.nanmean([each.high - each.low for each in found]) == pytest.approx(0.5, rel=0.12)


@pytest.mark.parametrize("width", [0.0, 1.0])
def test_an_impossible_plan_is_refused(width: float):
    with pytest.raises(ValueError, match="expected a width"):
        sample_size(Experts(3, PREFERENCE, 0.4, 0.7), width)
    with pytest.raises(ValueError, match="at least 2 experts"):
        sample_size(Experts(1, PREFERENCE, 0.4, 0.7), 0.1)
    with pytest.raises(ValueError, match="0 ≤ κ between experts ≤ κ within"):
        Experts(3, PREFERENCE, 0.7, 0.4)
