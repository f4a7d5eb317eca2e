"""Names of the package load on first use, and the former place of the package forwards to it."""

import importlib

import ecglens
import ecglens_study
import pytest


def test_every_public_name_loads():
    listed = {*ecglens_study.__all__}
    assert {*dir(ecglens_study)} >= listed
    for name in listed:
        found = getattr(ecglens_study, name)
        assert type(found).__name__ != "module", name
    assert ecglens.create_study is ecglens_study.create_study


def test_the_former_place_forwards_and_names_the_new_one():
    study = importlib.import_module("ecglens.study")
    with pytest.warns(DeprecationWarning, match=r"ecglens\.study\.analyse is now ecglens_study"):
        from ecglens.study import analyse
    assert analyse is ecglens_study.analyse
    with pytest.warns(DeprecationWarning, match=r"ecglens_study\.create_from_inputs"):
        assert study.create_study is ecglens_study.create_from_inputs
    with pytest.warns(DeprecationWarning, match="now"), pytest.raises(AttributeError, match="such"):
        _ = study.no_such_name


def test_the_former_place_without_the_package_says_what_to_install(monkeypatch):
    study = importlib.import_module("ecglens.study")
    monkeypatch.setattr("ecglens.study.offered", lambda group: {})
    with pytest.raises(ImportError, match=r"pip install \./apps/study"):
        _ = study.analyse
