"""The pack: numbers made again and led to their files, blanks, hashes, texts of strangers."""

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import ecglens
import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.eval import DECIDING, answers_of, finding_of, load_finding, rank
from ecglens.report.text import number
from ecglens.trust import sign
from ecglens_audit import FORMS, audit
from ecglens_audit.command import main
from ecglens_audit.maps import MOST, judged_over, maps
from ecglens_audit.network import doses
from ecglens_audit.pack import content
from ecglens_audit.sources import Cell, Run, opened

from tests import axe
from tests.report.conftest import build

from .conftest import FACTS, of_doses, ranking, write

DIGIT = re.compile(r"\d")
# What every finding carries of network and data, and each ranking of how well it reads.
CARRIED = ("is_/", "data/", "limits/", "error/")


@pytest.fixture(scope="module")
def page(run: Path) -> str:
    """The page of the run's pack."""
    return audit(run, run / "audit").read_text("utf-8")


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def sheets(page: str) -> list[str]:
    return page.split('<section class="sheet">')[1:]


def cells(run: Run) -> dict[str, Cell]:
    """Every cell of the pages by its place."""
    return dict(_cells(run))


def _cells(run: Run) -> Iterator[tuple[str, Cell]]:
    found = content(run, FORMS)
    for part in ("is_", "data", "error", "doses"):
        yield from ((f"{part}/{name}", cell) for name, cell, _ in found[part])
    yield from ((f"limits/{place}", cell) for place, cell in enumerate(found["limits"]))
    for method in found["maps"].methods:
        heads = ("Answer", *found["maps"].heads, *found["claims"])
        row = (method.answer, *method.areas, *method.gates, *method.claims)
        for head, cell in zip(heads, row, strict=True):
            yield f"maps/{method.label}/{head}", cell
    for criterion, _, tests in found["card"][1]:
        for test in tests:
            yield from ((f"card/{criterion}/{test.words}", cell) for cell in test.cells)


def test_each_number_leads_to_a_file_of_the_run_with_its_hash(run, page):
    rows = re.findall(r'<tr id="file(\d+)">.*?<a href="([^"]+)">.*?<code>(\w+)…', page, re.S)
    files = {key: (run / "audit" / address, start) for key, address, start in rows}
    assert len(files) > 10
    for file, start in files.values():
        assert hashlib.sha256(file.read_bytes()).hexdigest().startswith(start)
    numbers = 0
    for sheet in sheets(page)[:3]:
        body = re.sub(r"<thead>.*?</thead>|<ul class=\"untested\">.*?</ul>", "", sheet, flags=re.S)
        for cell in re.findall(r"<(?:td|dd|li)[ >].*?</(?:td|dd|li)>", body, re.S):
            said = text_of(re.sub(r"<small>.*?</small>|<span class=\"yours\">.*?</span>", "", cell))
            if DIGIT.search(said):
                (key,) = re.findall(r'<a class="from" href="#file(\d+)" title="[^"]+:', cell)
                assert key in files
                numbers += 1
    assert numbers > 20


def test_numbers_are_made_again_from_the_curves(run, page, tmp_path):
    finding = load_finding(run / "findings" / "default")
    row = rank(finding).table.set_index("method").loc["saliency"]
    assert f">{number(row['value'])} ({number(row['low'])} to {number(row['high'])})</a>" in page
    (curves,) = finding.curves
    error = np.abs(curves.predictions["saliency"][0, :, 0] - curves.y).mean()
    assert cells(opened(run))["error/Mean absolute error"].text.startswith(number(error))
    reads = answers_of([finding])[0].reads
    assert f"reads: R² {number(reads.value)} ({number(reads.low)} to" in page
    # What finding.json says of areas is not copied.
    shutil.copytree(run, tmp_path / "run")
    file = tmp_path / "run" / "findings" / "default" / "finding.json"
    saved = json.loads(file.read_text())
    (column,) = [each for each in saved["table"] if each["name"] == "value"]
    column["values"] = [77777.0] * len(column["values"])
    file.write_text(json.dumps(saved))
    assert "77777" not in audit(tmp_path / "run", tmp_path / "pack").read_text("utf-8")


BLANK = {
    "default": ["maps/Saliency/default protocol"],
    "noise_10": ["maps/Saliency/noise of 10 %"],
    "weights": ["maps/Saliency/Redrawn weights", "maps/Saliency/Permuted labels",
                "maps/Saliency/About this network", "card/Fidelity/About this network"],
    "return_test": ["maps/Saliency/Specific to its ECG", "card/Fidelity/Specific to its ECG"],
    "effects": ["card/Fidelity/Measured effects"],
    "consistency": ["card/Consistency/Retrained networks"],
    "axioms": ["card/Consistency/Noise, baseline shift, two runs",
               "card/Fidelity/Completeness, infidelity"],
    "localisation_wave": ["card/Plausibility/Waves of the target"],
    "localisation_edge": ["card/Plausibility/Edges of the target"],
    "measure": ["doses/Response to known changes"],
}  # fmt: skip


@pytest.mark.heavy
def test_each_result_that_is_deleted_leaves_a_blank(run, monkeypatch):
    monkeypatch.setattr(Run, "texts", {})  # the methods text has no result of a test of maps
    whole = opened(run)
    before = cells(whole)
    assert {each.about.evaluation for each in whole.made} == {*BLANK}
    for name, blanks in BLANK.items():
        pairs = zip(whole.places, whole.findings, strict=True)
        left = [pair for pair in pairs if pair[1].about.evaluation != name]
        places, found = tuple(each for each, _ in left), tuple(each for _, each in left)
        after = cells(Run(run, places, found))
        for place in blanks:
            assert (after[place].text, after[place].blank) == ("", "not tested"), place
        gone = f"findings/{name}/"
        assert any(gone in each.where for each in before.values()), name
        assert not [place for place, each in after.items() if gone in each.where]
        for place, each in before.items():
            only = each.where and all(gone in one for one in each.where.split("; "))
            if only and not place.startswith(CARRIED):
                assert place not in after or not after[place].text, (name, place)


def test_a_run_without_a_ranking_has_no_number_of_maps(run, tmp_path):
    shutil.copytree(run, tmp_path / "run")
    for name in ("default", "noise_10"):
        shutil.rmtree(tmp_path / "run" / "findings" / name)
    first, second, *_ = sheets(audit(tmp_path / "run", tmp_path / "pack").read_text("utf-8"))
    assert "No map was tested." in text_of(first)
    assert "Reads its target not tested" in text_of(first)
    assert "<table" not in second
    assert "In the settings of the run, without a result: default, noise_10" in text_of(second)


def test_the_manifest_has_every_file_and_its_hash(run, page):
    folder = run / "audit"
    lines = [line.split("  ", 1) for line in (folder / "MANIFEST").read_text().splitlines()]
    for found, name in lines:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == found, name
    names = {(folder / name).resolve() for _, name in lines}
    there = [*folder.rglob("*"), *(run / "findings").rglob("*")]
    assert names == {each.resolve() for each in there if each.is_file()} - {
        (folder / "MANIFEST").resolve()
    }


def test_nothing_of_others_is_removed_from_the_folder(run, tmp_path):
    pack = tmp_path / "pack"
    audit(run, pack)
    (pack / "methods" / "lab_protocol.md").write_text("mine")
    audit(run, pack)
    assert (pack / "methods" / "lab_protocol.md").read_text() == "mine"
    others = tmp_path / "others"
    (others / "methods").mkdir(parents=True)
    (others / "MANIFEST").write_text("include README\n")
    with pytest.raises(ValueError, match="the hashes of an earlier pack, got another file"):
        audit(run, others)
    assert {each.name for each in others.rglob("*")} == {"methods", "MANIFEST"}


def test_an_array_that_was_changed_is_refused(run, tmp_path):
    shutil.copytree(run, tmp_path / "run", ignore=shutil.ignore_patterns("audit"))
    file = tmp_path / "run" / "findings" / "default" / "scores.npz"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(ValueError, match=r"as it was saved: scores\.npz is not what was written"):
        audit(tmp_path / "run", tmp_path / "pack")
    assert not (tmp_path / "pack").exists()


def test_a_finding_that_was_changed_since_it_was_signed_is_named(run, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    own = tmp_path / "run"
    shutil.copytree(run, own, ignore=shutil.ignore_patterns("audit"))
    pack = tmp_path / "pack"
    page = audit(own, pack).read_text("utf-8")
    assert "Without a valid signature by whoever made this pack: all findings." in page
    for file in own.glob("findings/*/finding.json"):
        sign(file)
    assert "every finding.json is as it was then" in audit(own, pack).read_text("utf-8")
    edited = own / "findings" / "axioms" / "finding.json"
    edited.write_text(edited.read_text("utf-8") + " ")
    assert "made this pack: findings/axioms. Nothing else" in audit(own, pack).read_text("utf-8")


def test_what_no_run_knows_is_empty_and_nothing_is_certified(run, page):
    first, _, third, last = sheets(page)
    for name in ("Intended use", "Users", "Patients"):
        assert f"{name} – yours to write" in text_of(first)
    assert "better with the explanation than without? yours to write" in text_of(third)
    assert re.search(r"yours to write: items 2, 3a", text_of(last))
    whole = " ".join(each.read_text("utf-8") for each in (run / "audit").rglob("*.[hm]*"))
    assert not re.search(r"compl(iant|ies|iance)", whole, re.I)


def test_only_the_forms_that_were_asked_for_are_there(run, tmp_path):
    page = ecglens.audit(run, tmp_path, ["future-ai"]).read_text("utf-8")
    assert "FUTURE-AI" in page
    assert "Scorecard" not in page
    assert "TRIPOD" not in page
    with pytest.raises(ValueError, match="expected forms of fda-scorecard, future-ai, tripod-ai, "):
        audit(run, tmp_path, ["fda"])


def test_tables_wider_than_the_screen_are_scrolled_by_keys(browser, run, tmp_path):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(audit(run, tmp_path / "pack").as_uri())
    assert axe.findings(page) == []
    wide = page.evaluate(
        "[...document.querySelectorAll('.wide')].filter((each) =>"
        " each.scrollWidth > each.clientWidth).map((each) => each.tabIndex)"
    )
    assert wide
    assert set(wide) == {0}
    page.close()


def test_texts_of_a_stranger_are_escaped(tmp_path):
    evil = "<script>alert(1)</script>|[x](javascript:0)\n# heading"
    facts = {"label_source": evil, "source": evil, "ecgs": 3, "patients": 3, "cautions": [evil]}
    found = ranking(0, ("saliency",))
    about = found.about
    found = replace(found, about=replace(about, data={**about.data, **facts}))
    page = audit(write(tmp_path / "run", {"default": found}), tmp_path / "pack")
    assert "<script>alert" not in page.read_text("utf-8")
    card = (page.parent / "model_card.md").read_text("utf-8")
    assert "<script" not in card
    assert "\\[x\\]" in card
    assert "\n# heading" not in card


def test_names_of_ecgs_that_stay_are_in_no_file_of_the_pack(tmp_path):
    found = ranking(0, ("saliency",))
    data = {**found.about.data, "may_leave_machine": False, "excluded": [["jones-1950", "flat"]]}
    private = replace(found, about=replace(found.about, data=data))
    page = audit(write(tmp_path / "run", {"default": private}), tmp_path / "pack")
    for file in page.parent.rglob("*"):
        assert file.is_dir() or not re.search(rb"jones|ecg-\d", file.read_bytes()), file


def test_a_run_of_several_targets_is_refused_with_the_folder_of_one(tmp_path):
    one = ranking(0, ("saliency",))
    qt = replace(one.about.target, name="qt")
    other = replace(one, about=replace(one.about, target=qt))
    folder = write(tmp_path / "run", {"default": one, "other": other})
    with pytest.raises(
        ValueError, match=r"one network and target, got 2: pr of .*folder of one job"
    ):
        audit(folder, tmp_path / "pack")
    assert not (tmp_path / "pack").exists()


def test_jobs_of_one_target_are_refused_as_well(tmp_path):
    for job, method in enumerate(("saliency", "deeplift")):
        write(tmp_path / "sweep" / str(job), {"default": ranking(0, (method,))})
    with pytest.raises(ValueError, match="a job of one network and target, got 2: pr of "):
        audit(tmp_path / "sweep", tmp_path / "pack")


def test_each_of_several_networks_is_described_once(tmp_path):
    one = ranking(0, ("saliency",))
    (first,) = one.about.fits
    fits = (first, {**first, "fit": {"mae": 6.2, "r2": 0.4}})
    both = replace(one.about, networks=(*one.about.networks, "b" * 16), fits=fits)
    found = {"default": finding_of(one.curves * 2, both)}
    found["noise_10"] = replace(found["default"], about=replace(both, evaluation="noise_10"))
    shown = cells(opened(write(tmp_path / "run", found)))
    assert shown["is_/Made"].text.startswith("2 networks of type SmallResNet were trained")
    assert "Network" not in shown["is_/Made"].text
    assert "mean absolute error 5.10, 6.20; RMSE 7.20, –; " in shown["error/Test part"].text
    assert "1 of 2 networks read their target poorly" in shown["limits/0"].text


def test_the_command_writes_the_pack_and_refuses_in_a_line(run, tmp_path, monkeypatch, capsys):
    words = ["ecglens audit", str(run), "--for", "tripod-ai", "--to", str(tmp_path / "pack")]
    monkeypatch.setattr(sys, "argv", words)
    main()
    assert capsys.readouterr().out.strip() == str(tmp_path / "pack" / "audit.html")
    monkeypatch.setattr(sys, "argv", ["ecglens audit", str(tmp_path / "pack")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "expected the folder of a run or a sweep" in capsys.readouterr().err


def test_a_model_card_has_data_error_doses_and_limits(run, page):
    card = (run / "audit" / "model_card.md").read_text("utf-8")
    first, second = re.findall(r"\n- (\S+): (\S+) \(.*? ms per (\S+), (.*) \[", card)
    assert first == ("**pr**", "0.913", "ms", "24 ECGs")  # the larger change per SD
    assert second == ("**p**", "1.20", "µV", "21 ECGs")
    assert "ms on 24 explained ECGs [" in card
    assert "## Heatmaps\n\nUse Saliency. Shown – “About this network”: 1 of 1 tested; " in card
    for heading in ("Network", "Data", "Error", "Limits", "Yours to write", "Files"):
        assert f"\n## {heading}\n" in card


def test_a_pack_has_its_own_files_alone(tmp_path):
    run = write(tmp_path / "run", {"default": ranking(0, ("saliency",))})
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "patient.dcm").write_text("…")
    audit(run, pack)
    (pack / "methods" / "of-another-run.txt").write_text("…")
    audit(run, pack)
    manifest = (pack / "MANIFEST").read_text("utf-8")
    assert "  audit.html\n" in manifest
    page = (pack / "audit.html").read_text("utf-8")
    assert "“Specific to its ECG”: not tested. Score by noise of 10 %: not tested." in page
    assert "patient" not in manifest
    assert "another" not in manifest
    assert (pack / "patient.dcm").exists()


def test_claims_are_counted_for_methods_beyond_the_page_and_without_a_test_cite_no_file(tmp_path):
    many = ranking(0, ("saliency", *(f"own_{number}" for number in range(MOST))))
    untested = build(methods=("saliency",), protocol=DECIDING[0], gain=6.0, **FACTS)
    cards = []
    for name, found in (("many", many), ("untested", untested)):
        audit(write(tmp_path / name, {"default": found}), tmp_path / f"of_{name}")
        cards.append((tmp_path / f"of_{name}" / "model_card.md").read_text("utf-8"))
    assert re.search(f"“Beats the target region”: \\d+ of {MOST + 1} tested", cards[0])
    assert "“Beats the target region”: not tested" in cards[1]
    assert "[]" not in cards[1]


def test_an_error_counts_the_explained_ecgs_that_have_a_label(tmp_path):
    found = ranking(0, ("saliency",))
    y = found.curves[0].y.copy()
    y[:6] = np.nan
    found = replace(found, curves=(replace(found.curves[0], y=y),))
    audit(write(tmp_path / "run", {"default": found}), tmp_path / "pack")
    card = (tmp_path / "pack" / "model_card.md").read_text("utf-8")
    assert card.count(" on 18 explained ECGs") == 3  # R², error, bias
    assert "24 explained" not in card


def test_without_labels_the_reading_is_said_to_be_untested(tmp_path):
    found, made = ranking(0, ("saliency",)), of_doses()
    found = replace(found, curves=(replace(found.curves[0], y=np.full(24, np.nan)),))
    made = replace(made, details={"gains": made.details["gains"].head(0)})
    run = write(tmp_path / "run", {"default": found, "measure": made})
    page = audit(run, tmp_path / "pack").read_text("utf-8")
    assert "Whether the network reads its target: not tested." in page
    assert "Response to known changes not tested" in text_of(page)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        *(({"copies": 10}, "5 networks"), ({"copies": 2}, "2 networks")),
        *(({"copies": 1}, "1 network"), ({}, "up to 5 networks")),
    ],
)
def test_the_pack_says_over_how_many_redrawn_networks_an_interval_is(run, page, asked, words):
    found = opened(run)
    settings = {"settings": {"evaluation": {"weights": asked}}}
    set_so = tuple(
        replace(each, about=replace(each.about, fits=(settings,))) for each in found.findings
    )
    assert judged_over(replace(found, findings=set_so)).startswith(f"{words} with redrawn")
    none = tuple(each for each in found.findings if each.about.evaluation != "weights")
    assert judged_over(replace(found, findings=none)) == ""
    said = text_of(page)
    assert "patients crossed with up to 5 networks with redrawn weights" in said
    assert "R², errors and “Specific to its ECG”: percentile bootstrap, 2000 replicates" in said


def test_a_claim_without_a_share_leads_to_the_verdict(run):
    found = opened(run)
    blank = tuple(
        replace(each, table=each.table.assign(redrawn_kept=np.nan))
        if each.about.evaluation == "weights"
        else each
        for each in found.findings
    )
    for findings, key in ((found.findings, "_kept"), (blank, "table.verdict")):
        shown = maps(replace(found, findings=findings, files={}))
        assert shown.methods[0].claims[0].where.endswith(key)


def test_a_bent_response_is_told_without_a_gain(page):
    assert "no one gain, bent: lines leave 30 % of the squared responses" in text_of(page)


def test_the_largest_gains_of_the_explained_class_come_first_and_those_without_sd_last(tmp_path):
    made = of_doses()
    gains = [
        (change, output, "ms", gain, gain, gain, per_sd, 24, "")
        for output, factor in (("af", 100.0), ("lbbb", 1.0))
        for change, gain, per_sd in (
            ("qrs_end", factor, np.nan), ("r", factor, 2.0), ("t", factor, np.nan),
            ("pr", factor, -30.0), ("q", factor, 5.0),
        )
    ]  # fmt: skip
    table = pd.DataFrame(gains, columns=made.details["gains"].columns)
    target = Target("diagnosis", "", kind="binary", classes=("af", "lbbb"), explain="lbbb")
    of_classes = replace(made, about=replace(made.about, target=target), details={"gains": table})
    run = write(tmp_path / "run", {"default": ranking(0, ("saliency",)), "measure": of_classes})
    rows = doses(opened(run), 4)
    assert [name for name, *_ in rows] == ["pr", "q", "r", "qrs end"]
    assert all(cell.text.startswith(f"{number(1.0)} (") for _, cell, _ in rows)
