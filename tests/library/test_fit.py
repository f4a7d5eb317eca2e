"""Networks and evaluations from Python."""

import logging
from dataclasses import replace
from inspect import signature, unwrap
from pathlib import Path
from typing import Any, cast

import ecglens
import numpy as np
import pytest
import pytorch_lightning as pl
import torch
import yaml
from ecglens.datamodules import Target
from ecglens.engine import has_gradient, sample_ids
from ecglens.eval import Perturbation
from ecglens.inputs import check_order
from ecglens.library import evaluations_of, with_columns
from ecglens.models import ModelFile, SmallResNet, network_key
from ecglens.registry import config_folder, offered
from ecglens.store import say_once
from omegaconf import ListConfig
from pytorch_lightning.strategies import SingleDeviceStrategy
from torch import nn
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    RandomSampler,
    SubsetRandomSampler,
    TensorDataset,
)

QUICK = yaml.safe_load((config_folder() / "fit" / "quick.yaml").read_text("utf-8"))


def body(leads: int = 12) -> nn.Module:
    torch.manual_seed(0)
    layers = (nn.Conv1d(leads, 4, 9), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten())
    return nn.Sequential(*layers, nn.Linear(4, 1))


def test_the_settings_are_those_of_the_quick_fit(ecgs):
    given = signature(ecglens.fit).parameters
    for name in ("epochs", "lr", "schedule"):
        assert given[name].default == QUICK[name]
    assert ecgs.batch_size == QUICK["batch_size"]


def test_a_fit_is_the_same_for_the_same_seed_and_leaves_lightning_as_it_was(ecgs, capsys):
    level = logging.getLogger("pytorch_lightning").level
    first, same, other = (ecglens.fit(ecgs, body(), epochs=2, seed=seed) for seed in (0, 0, 1))
    assert network_key(first) == network_key(same) != network_key(other)
    assert not first.training
    assert logging.getLogger("pytorch_lightning").level == level
    assert "litlogger" not in capsys.readouterr().err


def test_an_ecg_alone_in_the_last_batch_of_a_batch_norm_is_one_line(ecgs, tmp_path):
    size = ecgs.counts["train"] - 1
    few = ecglens.load_ecgs("exact", "pr", store=tmp_path, n=80, batch_size=size)
    layers = (nn.Conv1d(12, 4, 9), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.BatchNorm1d(4))
    said = rf"at least 2 ECGs in each .* got {size + 1} ECGs for fit\.batch_size={size}, 1 in the"
    with pytest.raises(ValueError, match=said):
        ecglens.fit(few, nn.Sequential(*layers, nn.Linear(4, 1)), epochs=1)


def test_a_fitted_network_is_never_wrapped_twice(ecgs):
    first = ecglens.fit(ecgs, body(), epochs=2)
    x = ecgs.test_batch(4).x
    before = first(x)
    again = ecglens.fit(ecgs, first, epochs=0)
    torch.testing.assert_close(again(x), before, rtol=0, atol=0)
    assert again is not first
    further = ecglens.fit(ecgs, first, epochs=1)
    same = ecglens.fit(ecgs, body(), epochs=1, start=first)
    assert network_key(further) == network_key(same) != network_key(first)
    torch.testing.assert_close(first(x), before, rtol=0, atol=0)


def test_a_function_of_tensors_reads_columns_and_keeps_its_gradient(ecgs):
    inside = body()
    net = with_columns(lambda x, rate: inside(x / 1000) * rate[:, None], [ecgs], ["rate"])
    batch = ecgs.test_batch(3)
    rate = torch.as_tensor(ecgs.columns(["rate"])["rate"])
    own = rate[[ecgs.test_ids.index(each) for each in sample_ids(batch.x)]]
    torch.testing.assert_close(net(batch.x), inside(batch.x / 1000) * own[:, None].float())
    assert has_gradient(net)


def test_numbers_of_numpy_are_numbers_and_a_wrapped_network_is_the_one_inside(ecgs):
    first = ecglens.fit(ecgs, body(), epochs=1, seed=3)
    same = ecglens.fit(ecgs, body(), epochs=cast(int, np.int64(1)), seed=cast(int, np.int64(3)))
    assert network_key(first) == network_key(same)
    numbers: Any = {"n": np.int64(4), "seed": np.int64(0)}
    found, *_ = ecglens.evaluate(first, ecgs, methods="saliency", **numbers)
    assert len(found.about.records) == 4
    around = ecglens.fit(ecgs, nn.DataParallel(first), epochs=0)
    torch.testing.assert_close(around(ecgs.test_batch(4).x), first(ecgs.test_batch(4).x))


def test_a_callback_may_end_a_fit_early(ecgs):
    class Enough(pl.Callback):
        def on_train_epoch_end(self, trainer, pl_module):
            trainer.should_stop = trainer.current_epoch == 1

    twice = ecglens.fit(ecgs, body(), epochs=5, callbacks=Enough())
    assert network_key(twice) != network_key(ecglens.fit(ecgs, body(), epochs=5))


def made_here(length: int, scale: float = 1.0) -> nn.Module:
    """A network by a function, with an input's length."""
    assert length == 600
    return nn.Sequential(nn.Flatten(), nn.Linear(12 * length, int(scale)))


def test_a_model_by_a_function_and_the_input_is_made_as_by_command(ecgs, monkeypatch):
    own = {"name": "own", "_target_": f"{__name__}.made_here", "length": "${input.samples}"}
    monkeypatch.setattr("ecglens.registry.settings", lambda group, name: dict(own))
    assert ecglens.fit(ecgs, "own", epochs=1)(ecgs.test_batch(2).x).shape == (2, 1)
    monkeypatch.setitem(own, "_target_", "torch.load")
    with pytest.raises(ValueError, match=r"in model._target_ a class, got 'torch.load'"):
        ecglens.fit(ecgs, "own", epochs=1)


@pytest.mark.parametrize(
    "loader",
    [
        {"shuffle": True},
        {"sampler": SubsetRandomSampler(range(4))},
        {"batch_sampler": BatchSampler(RandomSampler(range(4)), 2, False)},
    ],
)
def test_values_beside_a_loader_in_another_order_are_refused(loader):
    ecgs = DataLoader(TensorDataset(torch.zeros(4, 12, 600)), **loader)
    with pytest.raises(ValueError, match="a DataLoader that shuffles"):
        check_order(ecgs, marks=[1])


@pytest.mark.parametrize("epochs", [-1, 0, 2.5, "2", None])
def test_epochs_are_a_number_of_passes(ecgs, epochs):
    with pytest.raises(ValueError, match=f"expected epochs as .*, got {epochs!r}"):
        unwrap(ecglens.fit)(ecgs, body(), epochs=epochs)


def detached() -> nn.Module:
    net = body()
    net.register_forward_hook(lambda _net, _x, y: y.detach())
    return net


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seed": 1.5}, "seed as a whole number from 0 on, got 1.5"),
        ({"seed": -1}, "seed as a whole number from 0 on, got -1"),
        ({"seed": 2**64}, r"a seed below 2\*\*63, got 18446744073709551616"),
        ({"lr": "a"}, "lr above 0, got 'a'"),
        ({"body_lr": None}, "body_lr of 0 or above, got None"),
        ({"callbacks": None}, "callbacks as a list of Lightning's, got None"),
        ({"callbacks": "abc"}, "callbacks as a list of Lightning's, got 'abc'"),
        ({"model": detached()}, "outputs without a gradient; look for detach"),
        ({"start": 3}, "a file of weights to begin with, got 3"),
        ({"start": "nowhere.pt"}, "a file of weights to begin with, got 'nowhere.pt'"),
        ({"model": body().double()}, "float32 weights, got torch.float64"),
    ],
)
def test_what_a_fit_cannot_take_is_refused_in_a_line(ecgs, settings, message):
    with pytest.raises(ValueError, match=message):
        unwrap(ecglens.fit)(ecgs, **({"model": body()} | settings))


@pytest.mark.parametrize("settings", [{"n": 2.5}, {"seed": "a"}, {"workers": 0}])
def test_what_an_evaluation_cannot_count_with_is_refused(ecgs, net, settings):
    ((name, value),) = settings.items()
    with pytest.raises(ValueError, match=f"expected {name} as a whole number .*, got {value!r}"):
        ecglens.evaluate(net, ecgs, methods="saliency", **settings)


def test_a_network_is_not_compared_with_itself(ecgs, net):
    twice = "networks that differ, got the same weights twice"
    with pytest.raises(ValueError, match=twice):
        ecglens.evaluate([net, net], ecgs, "perturbation", "saliency", n=4)
    x = ecgs.test_batch(4).x.numpy()
    with pytest.raises(ValueError, match=twice):
        ecglens.rank_methods(net, x, methods=["saliency"], permuted=net)


def test_layers_that_do_not_learn_stay_as_they_are(ecgs):
    first = ecglens.fit(ecgs, "small", epochs=1)
    head = ecglens.fit(ecgs, first, epochs=1, body_lr=0.0)
    changed = {
        name
        for name, each in head.state_dict().items()
        if not torch.equal(each, first.state_dict()[name])
    }
    assert changed == {"body.head.weight", "body.head.bias"}
    assert all(each.requires_grad for each in head.parameters())


@pytest.mark.parametrize("body_lr", [1.0, 0.5])
def test_layers_that_the_user_froze_stay_frozen(ecgs, body_lr):
    net, taken = body(), body()
    net.get_submodule("0").requires_grad_(False)
    for _ in range(2):
        ecglens.fit(ecgs, net, epochs=1, body_lr=body_lr, start=taken)
        assert [each.requires_grad for each in net.parameters()] == [False, False, True, True]
        same = [
            torch.equal(*each) for each in zip(net.parameters(), taken.parameters(), strict=True)
        ]
        assert same == [True, True, False, False]


def test_where_the_last_layer_alone_learns_its_frozen_weights_stay(ecgs):
    net, taken = body(), body()
    cast(nn.Linear, net.get_submodule("4")).bias.requires_grad_(False)
    ecglens.fit(ecgs, net, epochs=1, body_lr=0.0, start=taken)
    pairs = zip(net.parameters(), taken.parameters(), strict=True)
    assert [torch.equal(*each) for each in pairs] == [True, True, False, True]
    net.get_submodule("4").requires_grad_(False)
    with pytest.raises(ValueError, match="weights that learn, got a Sequential with none"):
        ecglens.fit(ecgs, net, epochs=1, body_lr=0.0, start=taken)


def test_layers_are_frozen_before_devices_begin(ecgs, monkeypatch):
    """Several devices would wait for gradients of weights that are frozen later."""
    learning, begins = [], SingleDeviceStrategy.setup

    def begun(self, trainer) -> None:
        module = trainer.lightning_module
        learning.append([each.requires_grad for each in module.parameters()])
        begins(self, trainer)

    monkeypatch.setattr(SingleDeviceStrategy, "setup", begun)
    ecglens.fit(ecgs, body(), epochs=1, body_lr=0.0, start=body())
    assert learning == [[False, False, True, True]]
    with pytest.raises(ValueError, match="weights that learn"):
        ecglens.fit(ecgs, body().requires_grad_(False), epochs=1)
    assert len(learning) == 1


@pytest.mark.parametrize(
    ("target", "taken"),
    [
        ("pr", "its last layer too"),
        ({"name": "mine", "unit": "ms", "column": "pr"}, "its last layer too"),
        ("qt", "all but its last layer, which is fresh"),
        ("of a package that is not here", "all but its last layer, which is fresh"),
    ],
)
def test_of_a_model_file_the_last_layer_is_taken_for_its_own_target(
    ecgs, capsys, tmp_path, target, taken
):
    first = ecglens.fit(ecgs, "small", epochs=1)
    settings = {"_target_": "ecglens.models.SmallResNet"}
    about = {"spec": {}, "target": target, "input": "median", "key": "", "licence": ""}
    file = ModelFile(settings, first.state_dict(), True, **about).write(tmp_path / "m.ecglens")
    say_once.cache_clear()
    begun = ecglens.fit(ecgs, "small", epochs=0, seed=1, start=file)
    assert f"begins with the weights of {file}: {taken}" in capsys.readouterr().err
    same = torch.equal(
        begun.state_dict()["body.head.weight"], first.state_dict()["body.head.weight"]
    )
    assert same == ("too" in taken)


def test_the_last_layer_of_a_network_of_others_stays_fresh(ecgs, capsys, tmp_path):
    settings = {"_target_": "ecglens.models.SmallResNet"}
    about = {"spec": {}, "target": "pr", "input": "median", "key": "", "licence": ""}
    theirs = SmallResNet().state_dict()
    file = ModelFile(settings, theirs, False, **about).write(tmp_path / "m.ecglens")
    say_once.cache_clear()
    ecglens.fit(ecgs, "small", epochs=0, seed=1, start=file)
    assert f"the weights of {file}: all but its last layer" in capsys.readouterr().err


def test_a_fit_of_few_steps_is_told_before_it_begins(ecgs, capsys):
    say_once.cache_clear()
    ecglens.fit(ecgs, body(), epochs=1)
    assert "a network that learns from fewer than 300 may read nothing" in capsys.readouterr().err


@pytest.mark.heavy
def test_records_in_memory_are_a_data_set(tmp_path):
    source = ecglens.load_ecgs("exact", "pr", store=tmp_path, n=40)
    records = [replace(one, labels={**one.labels, "height": 7.0}) for one in source.records]
    given = ecglens.load_ecgs((one for one in records), "pr", store=tmp_path)
    first, same = source.test_batch(8), given.test_batch(8)
    np.testing.assert_array_equal(first.x, same.x)
    np.testing.assert_array_equal(first.y, same.y)
    fits = [network_key(ecglens.fit(each, body(), epochs=1)) for each in (source, given)]
    assert fits[0] == fits[1]
    own = ecglens.load_ecgs(records, Target("height", "cm", "height"), "rhythm", store=tmp_path)
    assert own.test_batch(2).y.tolist() == [[7.0], [7.0]]
    assert not own.may_leave_machine


def test_public_names_are_offered_and_found():
    assert {*dir(ecglens)} == {*ecglens.__all__, *offered("api")}
    assert all(getattr(ecglens, name) for name in ecglens.__all__)


@pytest.mark.heavy
def test_an_evaluation_on_arrays_scores_what_the_ranking_scores(net, ecgs):
    batch = ecgs.test_batch(6)
    (found,) = ecglens.evaluate(net, (batch.x, batch.y), Perturbation(draws=1), ["saliency"])
    ranked = ecglens.rank_methods(net, batch.x, batch.y, methods=["saliency"])
    assert set(found.scores["auc"]) == set(ranked.finding.scores["auc"])
    (default,) = ecglens.evaluate(net, (batch.x, batch.y), "default", ["saliency"])
    for method, scores in ranked.finding.scores["auc"].items():
        np.testing.assert_array_equal(default.scores["auc"][method], scores)


def test_an_evaluation_keeps_what_the_network_reads_on_its_whole_test_part(net, ecgs):
    (found,) = ecglens.evaluate(net, ecgs, Perturbation(draws=1), ["saliency"], n=4)
    whole, part = ecgs.test_batch(10**6), found.curves[0].test_part
    assert len(whole.record) > 4
    assert sorted(part["y"]) == pytest.approx(sorted(whole.y[:, 0].tolist()))
    assert sorted(part["read"]) == pytest.approx(sorted(net(whole.x)[:, 0].tolist()), rel=1e-5)
    assert {*part["patient"]} == {*range(len({*ecgs.patients_of(whole.record)}))}
    mae = np.abs(part["read"] - part["y"]).mean()
    assert found.facts["fit"]["mae"] == pytest.approx(mae, rel=1e-6)
    arrays = ecglens.evaluate(net, (whole.x, whole.y), Perturbation(draws=1), ["saliency"])
    assert arrays[0].curves[0].test_part == {}


def test_curves_of_one_ecg_are_measured_without_a_ranking(net, ecgs):
    (found,) = ecglens.evaluate(net, ecgs, "storas2025", ["saliency"], n=1)
    assert found.sentence == "Fewer than 2 patients with an outcome: no ranking."


def test_what_does_not_apply_says_why_and_prints_short(net, ecgs):
    found = ecglens.evaluate(net, ecgs.test_batch(4).x, "localisation", ["saliency"])
    assert all(each.reason for each in found)
    assert len(repr(found[0])) < 1000
    assert found[0].sentence in repr(found[0])


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda ecgs: ecglens.fit(ecgs.test_batch(2)), "expected ECGs of load_ecgs"),
        (lambda ecgs: ecglens.fit(ecgs, "smal"), "expected a model .small, "),
        (lambda ecgs: ecglens.load_ecgs([], "pr"), "expected ECGs with an id of their own"),
        (lambda ecgs: ecglens.load_ecgs([ecgs], "pr"), "expected records, got EcgData"),
        (
            lambda ecgs: ecglens.load_ecgs(next(iter(ecgs.records)), "pr"),
            r"or a list of records, got Record; .* one record as \[record\]",
        ),
        (
            lambda ecgs: ecglens.load_ecgs(cast(Any, Path("ludb")), "pr"),
            "got .*Path; give files by their",
        ),
        (
            lambda ecgs: ecglens.load_ecgs("exact", "pr", store=cast(Any, None)),
            "a folder as store, got None",
        ),
        (lambda ecgs: ecglens.load_ecgs("exact", "pr", split="folds"), "shares by name, got 'fol"),
        (lambda ecgs: ecglens.load_ecgs("exact", "pr", batch_size=0), "batch size of at least 1"),
        (lambda ecgs: ecgs.test_batch(-1), "at least 1 test ECG to explain, got n=-1"),
        (
            lambda ecgs: ecglens.evaluate(body().eval(), ecgs, n=0),
            "n as a whole number from 1 on, got 0",
        ),
        (lambda ecgs: ecglens.load_ecgs("exact", "prr"), "expected a target .pr, "),
        (lambda ecgs: ecglens.load_ecgs("exact", "column"), "any other label is Target"),
        (lambda ecgs: ecglens.load_ecgs("ptbxl", "pr"), "the setting path"),
        (lambda ecgs: ecglens.load_ecgs("exakt", "pr"), "expected a data source .exact, "),
        (lambda ecgs: ecglens.load_ecgs("exact", "pr", m=3), "expected in data .*got 'm'"),
        (
            lambda ecgs: evaluations_of("perturb", ecgs.target),
            "expected an evaluation .perturbation, ",
        ),
        (lambda ecgs: evaluations_of([], ecgs.target), r"evaluations by name or as .* got \[\]"),
        (
            lambda ecgs: evaluations_of("storas2025", Target("af", "", "af", kind="binary")),
            "no true values of a logit, got storas2025",
        ),
        (
            lambda ecgs: evaluations_of(Perturbation(outcome="logit"), ecgs.target),
            "outcome=logit for a binary target alone, got it for pr",
        ),
        (
            lambda ecgs: evaluations_of(["axioms", cast(Any, Perturbation)], ecgs.target),
            r"by name or as Perturbation\(\), got .*Perturbation'>\]",
        ),
        (
            lambda ecgs: evaluations_of(cast(Any, 3), ecgs.target),
            "evaluations by name or as .* got 3",
        ),
        (lambda ecgs: ecglens.fit(ecgs, cast(Any, 3)), "expected a torch.nn.Module, .* got int"),
        (
            lambda ecgs: ecglens.fit(ecgs, epochs=1, body_lr=0.5),
            "start beside body_lr, got none: fresh layers must learn",
        ),
        (
            lambda ecgs: ecglens.evaluate(body().eval(), ecgs.test_batch(2).x, target=cast(Any, 1)),
            "expected a target .*, got 1; any other label",
        ),
        (
            lambda ecgs: ecglens.evaluate(body().eval(), ecgs, target=Target("a", "", "a")),
            "expected no target beside ECGs",
        ),
    ],
)
def test_a_mistake_is_one_sentence(ecgs, call, expected):
    with pytest.raises(ValueError, match=expected):
        call(ecgs)


def test_a_network_in_training_mode_is_refused_and_left_as_it_is(ecgs):
    net, fit = body().train(), body().eval()
    x = ecgs.test_batch(4).x
    for given in ((net, ecgs), (net, x), ([fit, net], x)):
        with pytest.raises(ValueError, match=r"evaluation mode, got the network training; .*eval"):
            ecglens.evaluate(*given, methods=["saliency"], n=4)
    with pytest.raises(ValueError, match=r"evaluation mode, got the network training; .*eval"):
        ecglens.evaluate(fit, x, methods=["saliency"], permuted=net)
    assert net.training


def test_outputs_of_test_ecgs_that_are_not_finite_are_refused(ecgs):
    class Undefined(nn.Module):
        def forward(self, x):
            height = x[:, 10].amax(1, keepdim=True)
            return torch.where(height > height.median(), torch.nan, height)

    with pytest.raises(ValueError, match=r"finite outputs for test ECGs, got NaN .* \d+ of \d+"):
        ecglens.evaluate(Undefined().eval(), ecgs, methods=["saliency"], n=4)


def test_a_fit_whose_outputs_are_no_numbers_ends_with_a_line_and_no_network(ecgs):
    class Undefined(nn.Linear):
        def forward(self, input):
            return super().forward(input[:, :, 0]) * torch.nan

    with pytest.raises(ValueError, match=r"finite outputs for validation ECGs, got NaN or inf"):
        ecglens.fit(ecgs, Undefined(12, 1), epochs=1)
    with pytest.raises(ValueError, match=r"finite outputs for validation ECGs, .* a lower lr"):
        ecglens.fit(ecgs, body(), epochs=2, lr=1e30)


def test_callbacks_come_as_a_generator_too(ecgs):
    kept = [pl.Callback()]
    ecglens.fit(ecgs, body(), epochs=1, callbacks=(each for each in kept))


def test_evaluations_come_in_any_sequence(ecgs):
    (found,) = evaluations_of(ListConfig(["axioms"]), ecgs.target)
    assert found.name == "axioms"


def test_a_body_that_was_fitted_before_learns_in_training_mode(ecgs):
    norm: Any = nn.BatchNorm1d(4)
    layers = (nn.Conv1d(12, 4, 9), norm, nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten())
    net = nn.Sequential(*layers, nn.Linear(4, 1))
    ecglens.fit(ecgs, net, epochs=1)
    first = int(norm.num_batches_tracked)
    ecglens.fit(ecgs, net, epochs=1)
    assert int(norm.num_batches_tracked) == 2 * first > 0


def test_a_model_that_cannot_learn_or_reads_other_leads_is_refused_before_the_fit(ecgs):
    with pytest.raises(ValueError, match="weights that learn, got a Sequential with none"):
        ecglens.fit(ecgs, body().requires_grad_(False), epochs=1)
    model = body(8)
    with pytest.raises(ValueError, match=r"a model that reads \(batch, 12, 600\), got: .*channels"):
        ecglens.fit(ecgs, model, epochs=1)
    assert model.training
    assert not ecglens.fit(ecgs, body().requires_grad_(False), epochs=0, start=body()).training
