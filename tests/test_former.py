"""Names that have moved, out of an inner room to its room's face or beside the core."""

from importlib import import_module

import pytest


@pytest.mark.parametrize(
    ("old", "name", "now"),
    [
        ("ecglens.cli", "opened_run", "ecglens_sheets.opened_run"),
        ("ecglens.cli.opened", "opened_run", "ecglens_sheets.opened.opened_run"),
        ("ecglens.datamodules", "rows_hash", "ecglens_formats.tables.rows_hash"),
        ("ecglens.engine.incremental", "Walker", "ecglens.engine.Walker"),
        ("ecglens.eval.answer", "answers_of", "ecglens.eval.answers_of"),
        ("ecglens.explain.methods", "Captum", "ecglens.explain.Captum"),
        ("ecglens.explain.methods", "Saliency", "ecglens.explain.Saliency"),
        ("ecglens.models.spec", "InputSpec", "ecglens.models.InputSpec"),
        ("ecglens.models.spec", "UNITS", "ecglens.models.spec.declared.UNITS"),
    ],
)
def test_a_former_place_hands_its_name_on_and_says_the_new_one(old, name, now):
    module, _, _ = now.rpartition(".")
    with pytest.warns(DeprecationWarning, match=f"{old}.{name} is now {now};"):
        found = getattr(import_module(old), name)
    assert found is getattr(import_module(module), name)


def test_a_former_place_has_no_other_names():
    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        import_module("ecglens.explain.methods").nothing_of_this_name  # noqa: B018
