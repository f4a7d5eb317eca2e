"""A card of a season as HTML and JSON, and cards of one season on a page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from ecglens.explain import controls
from ecglens.report import GREY, INK, RULE, environment, style, write_table
from ecglens.report.figures import inline_svg, quiet
from ecglens.report.text import counted, fixed
from ecglens.store import write_json, write_text
from matplotlib.figure import Figure

from ..pages import each_once
from ..standings import mean, place_words
from .cards import Card, Standing, by_part, excluded, of_one_season, order, part_of, told_apart
from .parts import PARTS
from .run import NOT_ISOLATED, PUBLISHED

ROW = 0.36  # inches of a part
LEFT = -0.5  # what is further below the floor is drawn here
EFFECT = ("effect", "low", "high")
NO_PLACE = "The method has no place among others."


def write_season_card(card: Card, folder: Path) -> Path:
    """Write card.html and card.json into `folder`; the path of the page."""
    page = environment("ecglens_benchmark").get_template("season_card.html")
    text = page.render(
        card=card,
        label=_label(card),
        answer=answer(card),
        warnings=warnings(card),
        figure=inline_svg(effects_figure(card), "effects"),
        rows=part_rows(card),
        controls=[style(name).label for name in controls()],
        described=card["described"],
        refused=sorted(card["refused"].items()),
        effect=_effect,
    )
    write_json(folder / "card.json", card)
    return write_text(folder / "card.html", text)


def answer(card: Card) -> str:
    """The card in a sentence."""
    above = [each for each in card["parts"] if (each["low"] or 0.0) > 0]
    return (
        f"{_label(card)} is above the floor in {len(above)} of {len(card['parts'])} parts of "
        f"season {card['season']['name']}."
    )


def warnings(card: Card) -> list[str]:
    """What a reader should know first."""
    found = [each["said"] for each in card["checks"] if each["said"]]
    if not card["isolated"]:
        found.append(NOT_ISOLATED)
    if card["season"]["published"]:
        found.append(PUBLISHED)
    if excluded(card):
        found.append(NO_PLACE)
    if card["refused"]:
        refused = counted(len(card["refused"]), "network")
        found.append(f"{refused} refused: a refused network counts as its worst control.")
    return found


def part_rows(card: Card) -> list[dict[str, Any]]:
    """A row for each part: effect with interval, what 0 and 1 are, and the controls' means."""
    rows = []
    for each in card["parts"]:
        part = PARTS[each["name"]]
        means = [mean(each["rows"].get(name, ())) for name in controls()]
        units = len(each["rows"][card["method"]["name"]])
        about = {**vars(part), "over": f"{units} {part.over}", "controls": means}
        rows.append(about | {name: each[name] for name in EFFECT})
    return rows


def effects_figure(card: Card) -> Figure:
    """Effect of each part with its interval, between floor and ceiling; controls hollow."""
    parts = card["parts"]
    figure = Figure(figsize=(7.0, 0.9 + ROW * len(parts)), dpi=150, layout="constrained")
    axes = figure.subplots()
    name = card["method"]["name"]
    for place, each in enumerate(parts):
        axes.plot([0, 1], [place, place], color=RULE, linewidth=0.8, zorder=0)
        for control in controls():
            own = mean(each["rows"].get(control, ()))
            if own is not None:
                axes.plot(max(own, LEFT), place, "o", ms=4, color=GREY, mfc="none", zorder=1)
        if each["low"] is not None:
            ends = [max(each["low"], LEFT), max(each["high"], LEFT)]
            axes.plot(ends, [place, place], color=style(name).colour, linewidth=1.6, zorder=2)
        if each["effect"] is not None:
            effect = max(each["effect"], LEFT)
            axes.plot(effect, place, "o", ms=6, color=style(name).colour, zorder=3)
    quiet(axes, "0: floor of the part · 1: its ceiling")
    labels = [PARTS[each["name"]].label for each in parts]
    axes.set_yticks(range(len(parts)), labels, fontsize=7.5, color=INK, parse_math=False)
    axes.set_ylim(len(parts) - 0.4, -0.6)
    axes.set_xlim(LEFT - 0.05, 1.05)
    axes.axvline(0, color=GREY, linewidth=0.8, zorder=0)
    axes.plot([], [], "o", color=style(name).colour, label=_label(card))
    axes.plot([], [], "o", color=GREY, mfc="none", label="controls")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2, frameon=False, fontsize=7)
    return figure


def write_season_board(cards: Sequence[Card], folder: Path) -> Path:
    """Write leaderboard.html and leaderboard.csv into `folder`; the path of the page.

    Raises ValueError for cards of two seasons, and for two cards of one name.
    """
    of_one_season(cards)
    each_once(cards, "make one of the cards again with --name NAME")
    named = {each["method"]["name"]: each for each in cards}
    places, apart, standings = by_part(cards), told_apart(cards), order(cards)
    page = environment("ecglens_benchmark").get_template("season_board.html")
    text = page.render(
        season=cards[0]["season"],
        parts=[*PARTS.values()],
        apart=[apart[name] for name in PARTS],
        rows=[
            {
                "label": _label(named[each.method]),
                "standing": each,
                "cells": [_cell(named[each.method], name, places[name]) for name in PARTS],
            }
            for each in standings
        ],
        controls=[(style(name).label, _means(cards[0], name)) for name in controls()],
        warnings=[f"{_label(each)}: {said}" for each in cards for said in warnings(each)
                  if said not in (PUBLISHED, NO_PLACE)],
        published=any(each["season"]["published"] for each in cards),
        effect=_effect,
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    write_table(_table(standings, named, apart), folder / "leaderboard.csv")
    return write_text(folder / "leaderboard.html", text)


def _effect(value: float | None) -> str:
    """Two decimals: effects go from 0 to 1, and their intervals are as wide as a tenth."""
    return fixed(value, 2)


def _means(card: Card, control: str) -> list[float | None]:
    return [mean(part_of(card, part)["rows"].get(control, ())) for part in PARTS]


def _cell(
    card: Card, part: str, places: Mapping[str, tuple[int, int]]
) -> Mapping[str, float | str | None]:
    found = part_of(card, part)
    first, last = places.get(card["method"]["name"], (0, 0))
    words = place_words(first, last) if first else ""
    return {**{name: found[name] for name in EFFECT}, "place": words}


def _table(
    standings: Sequence[Standing], named: Mapping[str, Card], apart: Mapping[str, float]
) -> pd.DataFrame:
    """A row for each method and part, in order of the methods; `apart` is the part's."""
    rows = []
    for each in standings:
        card = named[each.method]
        about = {"method": each.method, "place": each.words, "mean": round(each.mean, 4)}
        for part in card["parts"]:
            own = {name: part[name] for name in EFFECT}
            about_part = {"part": part["name"], **own, "apart": round(apart[part["name"]], 4)}
            rows.append({**about, **about_part, "hash": card["hash"]})
    return pd.DataFrame(rows)


def _label(card: Card) -> str:
    return style(card["method"]["name"]).label
