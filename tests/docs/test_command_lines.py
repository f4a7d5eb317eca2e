"""Command lines of the README and the pages are taken by the parsers of their commands."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ecglens.cli.commands import commands as names
from ecglens.cli.commands import module_of

from ..test_docs import DOORS, INLINE, PAGES, ROOT, commands, each_page, prose

# Their options may stand between the words.
INTERMIXED = ("figure", "reproduce")
# Pages about one command, by its name.
PAGE_OF = {
    "benchmark": "benchmark",
    "explain": "explain_records",
    "figure": "figures",
    "reproduce": "reproduction",
    "study": "study",
}
INCOMPLETE = "the following arguments are required", "one of the arguments"


def after(words: list[str]) -> list[str]:
    """What follows ecglens, or python -m ecglens; nothing for any other command."""
    if Path(words[0]).name == "ecglens":
        return words[1:]
    module = Path(words[0]).name.startswith("python") and words[1:3] == ["-m", "ecglens"]
    return words[3:] if module else []


def lines(page: Path) -> Iterator[list[str]]:
    """Calls of the commands that take options as --name value."""
    return (found for words in commands(page) if (found := after(words)) and found[0] not in DOORS)


def parser_of(name: str) -> argparse.ArgumentParser:
    main = module_of(name).main
    return sys.modules[main.__module__]._parser()


def options(parser: argparse.ArgumentParser) -> set[str]:
    """Options of a parser and of its subcommands."""
    found = set(parser._option_string_actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= set().union(*map(options, action.choices.values()))
    return found


def parse(name: str, words: list[str]) -> None:
    """Raise SystemExit for words that the command does not take, and for shortened options."""
    parser = parser_of(name)
    asked = {word.split("=")[0] for word in words if word.startswith("--")}
    if unknown := asked - options(parser):
        parser.error(f"unknown {', '.join(unknown)}")
    (parser.parse_intermixed_args if name in INTERMIXED else parser.parse_args)(words)


@each_page
def test_options_on_the_page_are_those_of_the_command(page, capsys):
    for name, *words in lines(page):
        assert name in names(), f"ecglens {name}"
        try:
            parse(name, words)
        except SystemExit:
            said = capsys.readouterr().err
            # The text may name a command or a folder alone, as in `ecglens study create`.
            assert not any(word.startswith("-") for word in words), said
            assert any(each in said for each in INCOMPLETE), said


def test_every_command_is_shown_with_all_that_it_needs():
    complete = set()
    for page in PAGES:
        for name, *words in lines(page):
            try:
                parse(name, words)
                complete.add(name)
            except SystemExit:
                pass
    assert complete == {*names()} - {*DOORS}


@pytest.mark.parametrize(
    "line", ["figure demo --t figures", "study invite my_study", "store purge", "explain a.csv"]
)
def test_a_line_with_a_fault_is_found(line, capsys):
    name, *words = line.split()
    with pytest.raises(SystemExit):
        parse(name, words)
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("name", PAGE_OF)
def test_options_in_the_text_are_those_of_the_command_that_the_page_is_about(name):
    text = prose(ROOT / "docs" / f"{PAGE_OF[name]}.md")
    named = {code.split()[0] for code in INLINE.findall(text) if code.startswith("--")}
    assert named
    assert named <= options(parser_of(name))


@each_page
def test_benchmarks_that_the_page_runs_are_there(page):
    for program, *words in commands(page):
        if Path(program).name.startswith("python") and words[:1] == ["-m"]:
            place = ROOT / words[1].replace(".", "/")
            if place.is_relative_to(ROOT / "benchmarks"):
                assert place.with_suffix(".py").is_file() or place.is_dir(), words[1]
