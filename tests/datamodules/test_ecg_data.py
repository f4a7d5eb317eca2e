"""What networks receive: batches, their order, parts, labels and the facts around them."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from ecglens.datamodules import Batch, EcgData, Target, cohort, ecg_data
from ecglens.store import Store, say_once
from torch import nn

PR, QRS = Target("pr", "ms", "pr"), Target("qrs", "ms", "qrs")
LUDB = {"name": "ludb", "path": str(Path(__file__).parents[1] / "data" / "ludb")}
# PR cannot be marked in atrial fibrillation and flutter.
WITHOUT_P = {"38", "52", "109"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("store"))


def exact(
    store: Store, target: Target = PR, batch_size: int = 4, seed: int = 0, permuted: bool = False
) -> EcgData:
    source = {"name": "exact", "n": 40, "seed": 0}
    data = EcgData(source, "median", target, batch_size, seed, store)
    return data.with_permuted_labels() if permuted else data


def ludb(store: Store, target: Target = PR, **split: float) -> EcgData:
    return EcgData({**LUDB, "split": split}, "median", target, 8, 0, store)


def joined(loader: Any) -> Batch:
    batches = list(loader)
    x, y, segments = (torch.cat([batch[part] for batch in batches]) for part in range(3))
    return Batch(x, y, segments, [name for batch in batches for name in batch.record])


def test_a_batch_holds_what_was_prepared(store: Store) -> None:
    data = exact(store, QRS)
    batch = next(iter(data.val_dataloader()))
    assert batch.x.shape == (4, 12, 600)
    assert batch.x.dtype == torch.float32
    assert batch.y.shape == (4, 1)
    assert batch.segments.shape == (4, 600)
    assert batch.segments.dtype == torch.int8
    table = data.prepared.table.set_index("id")
    for name, x, y in zip(batch.record, batch.x, batch.y, strict=True):
        row = np.array([list(table.index).index(name)])
        assert np.array_equal(x, data.prepared.x(row)[0])
        assert y.item() == table.loc[name, "qrs"]


def test_each_usable_ecg_is_in_one_part(store: Store) -> None:
    data = exact(store)
    loaders = data.train_dataloader(), data.val_dataloader(), data.test_dataloader()
    names = [name for loader in loaders for name in joined(loader).record]
    assert len(names) == 40
    assert set(names) == set(data.prepared.table["id"])


def test_batches_do_not_depend_on_their_size_or_on_workers(store: Store) -> None:
    one, other, third = exact(store), exact(store, batch_size=7), exact(store)
    third.workers = 2
    for loader in ("train_dataloader", "test_dataloader"):
        first = joined(getattr(one, loader)())
        for data in (other, third):
            again = joined(getattr(data, loader)())
            assert again.record == first.record
            assert torch.equal(again.x, first.x)
            assert torch.equal(again.y, first.y)
            assert torch.equal(again.segments, first.segments)


@pytest.mark.parametrize("written", [1, 3, 64])
def test_many_test_ecgs_are_mapped_from_a_file_unchanged(
    store: Store, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    data = exact(store)
    held = data.test_batch(4)
    monkeypatch.setattr(ecg_data, "HELD_BYTES", held.x[:3].nbytes)
    monkeypatch.setattr(cohort, "WRITTEN", written)
    assert torch.equal(data.test_batch(3).x, held.x[:3])
    folders = store.root / ecg_data.TEST.name
    assert not folders.exists()
    for _ in range(2):
        mapped = data.test_batch(4)
        assert mapped.record == held.record
        assert all(map(torch.equal, mapped[:3], held[:3]))
        mapped.x[:] = 0  # in this process alone
    shutil.rmtree(folders)


def test_training_is_shuffled_by_seed_and_epoch(store: Store) -> None:
    loader = exact(store).train_dataloader()
    orders = []
    for epoch in (0, 1, 0):
        loader.sampler.set_epoch(epoch)  # pyright: ignore[reportAttributeAccessIssue]
        orders.append(joined(loader).record)
    assert orders[0] == orders[2] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])
    assert joined(exact(store, seed=1).train_dataloader()).record != orders[0]


class Recorder(pl.LightningModule):
    """A network of one weight that notes which ECGs each step gets."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.seen: list[list[str]] = [[], [], []]

    def training_step(self, batch: Batch, step: int) -> torch.Tensor:
        self.seen[self.current_epoch] += batch.record
        return (self.weight - batch.y).abs().mean()

    def validation_step(self, batch: Batch, step: int) -> None: ...

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.1)


# The data is read from memory-mapped files, so no worker is needed.
@pytest.mark.filterwarnings("ignore:.*does not have many workers")
@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")  # Lightning 2.6 with torch 2.13
def test_lightning_tells_the_sampler_the_epoch(store: Store, tmp_path: Path) -> None:
    module, data = Recorder(), exact(store)
    trainer = pl.Trainer(
        accelerator="cpu",
        max_epochs=2,
        limit_val_batches=0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=tmp_path,
    )
    trainer.fit(module, datamodule=data)
    loader = exact(store).train_dataloader()
    for epoch in (0, 1):
        loader.sampler.set_epoch(epoch)  # pyright: ignore[reportAttributeAccessIssue]
        assert module.seen[epoch] == joined(loader).record


VALIDATED = """
import sys
import pytorch_lightning as pl
from ecglens.datamodules import load_ecgs
from ecglens.library import fresh_net, training_module
from ecglens.models import SmallResNet
from torch import manual_seed

devices, store = sys.argv[1:]
data = load_ecgs("exact", "pr", n=44, batch_size=4, store=store)
manual_seed(0)
module = training_module(data.target, fresh_net(data, SmallResNet(1)), 0.01, "plateau", 0)
quiet = {"logger": False, "enable_progress_bar": False}
trainer = pl.Trainer(accelerator="cpu", devices=int(devices), strategy="ddp", **quiet)
(errors,) = trainer.validate(module, datamodule=data, verbose=False)
if trainer.is_global_zero:
    print(len(data.cohort.parts["val"]), *errors.values())
"""


@pytest.mark.heavy
def test_each_validation_ecg_counts_once_on_two_devices(store: Store, tmp_path: Path) -> None:
    script = tmp_path / "validated.py"
    script.write_text(VALIDATED)
    found = []
    for devices in "12":
        command = [sys.executable, str(script), devices, str(store.root)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
        found.append([float(each) for each in done.stdout.split()])
    assert found[0][0] % 2 == 1  # two devices cannot share them
    assert found[1] == pytest.approx(found[0], rel=1e-6)


@pytest.mark.parametrize("devices", [2, 3, 5, 12])
def test_all_devices_validate_as_many_batches(store: Store, devices: int) -> None:
    ecgs = len(exact(store).cohort.parts["val"])
    for batch_size in range(1, 9):
        shares = []
        for rank in range(devices):
            data = exact(store, batch_size=batch_size)
            data.trainer = SimpleNamespace(world_size=devices, global_rank=rank)  # pyright: ignore
            shares.append([len(batch.record) for batch in data.val_dataloader()])
        assert {len(share) for share in shares} == {len(shares[0])}
        assert sum(map(sum, shares)) == (ecgs if devices <= ecgs else ecgs * devices)


def test_two_devices_together_take_the_steps_of_one(store: Store) -> None:
    shares = []
    for rank in (0, 1):
        data = exact(store)
        data.trainer = SimpleNamespace(world_size=2, global_rank=rank)  # pyright: ignore
        shares.append([batch.record for batch in data.train_dataloader()])
    whole = [batch.record for batch in exact(store).train_dataloader()]
    for first, second, both in zip(*shares, whole, strict=True):
        assert set(first) | set(second) >= set(both)
    data = exact(store, batch_size=5)
    data.trainer = SimpleNamespace(world_size=2, global_rank=0)  # pyright: ignore
    with pytest.raises(ValueError, match="that 2 devices can share, got 5"):
        data.train_dataloader()


def test_the_mean_label_is_that_of_the_training_part(store: Store) -> None:
    data = exact(store)
    y = joined(data.train_dataloader()).y.double()
    assert data.y_mean == pytest.approx(y.mean().item())
    assert data.y_sd == pytest.approx(y.std(correction=0).item())
    whole = data.prepared.label("pr")
    assert data.y_mean != pytest.approx(whole.mean(), abs=1e-6)


def test_ecgs_to_explain_are_the_same_for_every_seed_and_batch_size(store: Store) -> None:
    few, many = exact(store).test_batch(3), exact(store, batch_size=9, seed=5).test_batch(5)
    assert many.record[:3] == few.record
    assert torch.equal(many.x[:3], few.x)
    tested = joined(exact(store).test_dataloader()).record
    assert set(many.record) <= set(tested)
    assert many.record != tested[:5]
    assert sorted(exact(store).test_batch(1000).record) == sorted(tested)


def test_permuted_labels_are_those_of_others_in_the_same_part_but_never_in_the_test(
    store: Store,
) -> None:
    plain, dealt = exact(store), exact(store, permuted=True)
    for part in ("train", "val"):
        own, other = plain.cohort.ecgs(part).y, dealt.cohort.ecgs(part).y
        assert not np.array_equal(own, other)
        np.testing.assert_array_equal(np.sort(own, axis=0), np.sort(other, axis=0))
    np.testing.assert_array_equal(plain.cohort.ecgs("test").y, dealt.cohort.ecgs("test").y)
    again = exact(store, permuted=True).cohort.ecgs("train").y
    np.testing.assert_array_equal(dealt.cohort.ecgs("train").y, again)
    another = exact(store, seed=1, permuted=True).cohort.ecgs("train").y
    assert not np.array_equal(dealt.cohort.ecgs("train").y, another)


def test_few_permuted_labels_are_a_random_choice_of_the_training_and_validation_part(
    store: Store,
) -> None:
    plain = exact(store)
    few = plain.with_permuted_labels(10).cohort
    for part, count in (("train", 10), ("val", round(10 * 8 / 24))):
        own = plain.cohort.ecgs(part)
        rows, y = few.ecgs(part).rows, few.ecgs(part).y
        assert len(rows) == len(y) == len({*rows.tolist()}) == count
        assert {*rows.tolist()} < {*own.rows.tolist()}
        assert {*y.ravel().tolist()} <= {*own.y.ravel().tolist()}
    truth = dict(zip(plain.cohort.ecgs("train").rows, plain.cohort.ecgs("train").y, strict=True))
    own = few.ecgs("train")
    assert any(truth[row] != y for row, y in zip(own.rows, own.y, strict=True))
    np.testing.assert_array_equal(few.ecgs("test").y, plain.cohort.ecgs("test").y)
    every = plain.with_permuted_labels(1000).cohort.ecgs("train")
    np.testing.assert_array_equal(every.y, exact(store, permuted=True).cohort.ecgs("train").y)


@pytest.mark.heavy
def test_an_ecg_without_a_label_is_left_out_for_this_target_and_named(store: Store) -> None:
    pr, qrs = ludb(store), ludb(store, QRS)
    missing = dict(pr.facts["without_label"])
    assert set(missing) == WITHOUT_P
    assert set(missing.values()) == {"not in the labels that came with the record"}
    assert sum(pr.facts[part] for part in ("train", "val", "test")) == 32 - len(WITHOUT_P)
    assert sum(qrs.facts[part] for part in ("train", "val", "test")) == 32
    loaders = pr.train_dataloader(), pr.val_dataloader(), pr.test_dataloader()
    for loader in loaders:
        batch = joined(loader)
        assert not set(batch.record) & WITHOUT_P
        assert torch.isfinite(batch.y).all()
    assert (qrs.facts["labels_given"], pr.facts["labels_given"]) == (32, 32 - len(WITHOUT_P))


def test_facts_are_plain_json_and_count_everything(store: Store) -> None:
    facts = ludb(store).facts
    assert json.loads(json.dumps(facts)) == facts
    assert facts["ecgs"] == facts["usable"] + len(facts["excluded"]) == 32
    assert facts["patients"] == 32
    assert "generator" not in facts["ease"]
    assert exact(store).facts["ease"].endswith("generator; real patients differ more.")
    assert 0 < facts["neighbours"]["closest_uv"] <= facts["neighbours"]["nearest_uv"]


def test_ecgs_that_are_compared_are_told_from_those_that_are_learnt_from(store: Store) -> None:
    facts = ludb(store).facts
    compared = facts["neighbours"]["train"]
    assert compared > facts["train"]  # three have no PR interval
    assert f"{compared} training ECGs with or without a label" in facts["ease"]
    assert str(facts["train"]) not in facts["ease"].split()


def test_how_near_the_test_ecgs_lie_is_said_once_in_a_process(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    say_once.cache_clear()
    for target in (PR, PR, QRS):  # before the fit, before the test, and for another target
        exact(store, target).prepare_data()
    assert capsys.readouterr().err.splitlines() == [exact(store).ease]
    ludb(store).prepare_data()
    assert capsys.readouterr().err.splitlines() == [ludb(store).ease]


def test_the_split_can_be_chosen(store: Store) -> None:
    facts = ludb(store, train=0.9, val=0.0, test=0.1).facts
    assert facts["val"] == 0
    assert facts["train"] > 20
    with pytest.raises(ValueError, match="training ECGs that differ in pr, got 0 with 0 values"):
        ludb(store, train=0.0, val=0.5, test=0.5).y_mean  # noqa: B018


def test_too_few_ecgs_for_the_parts_are_refused_in_one_line(store: Store) -> None:
    data = EcgData({"name": "exact", "n": 3}, "median", PR, 4, 0, store)
    with pytest.raises(ValueError, match=r"pr in train, val and test, got none in .* of 3") as no:
        data.y_mean  # noqa: B018
    assert "\n" not in str(no.value)
    said = r"none in val and test of 29 \(3 were left out, 3 because: not in the labels that came"
    with pytest.raises(ValueError, match=said):
        ludb(store, train=0.98, val=0.01, test=0.01).y_mean  # noqa: B018


def test_a_split_without_names_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match=r"data\.split to be shares by name, got 0\.6"):
        EcgData({"name": "exact", "n": 40, "split": 0.6}, "median", PR, 4, 0, store)


def test_an_unknown_input_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="input as one of median, rhythm, got 'beats'"):
        EcgData({"name": "exact", "n": 40}, "beats", PR, 4, 0, store)


def test_settings_name_what_decides_the_labels_and_nothing_else(store: Store) -> None:
    settings = exact(store).settings
    assert settings == exact(store, QRS, batch_size=8, seed=3).settings
    other = EcgData({"name": "exact", "n": 41}, "median", PR, 4, 0, store)
    assert other.settings != settings
    strips = EcgData({"name": "exact", "n": 40}, "rhythm", PR, 4, 0, store)
    assert strips.settings != settings


@pytest.mark.parametrize(("step", "decides"), [("BEATS", 2), ("STRIPS", 1)])
def test_labels_of_strips_follow_the_version_of_the_beats_too(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: str, decides: int
) -> None:
    def settings() -> list[dict[str, Any]]:
        return [
            EcgData({"name": "exact", "n": 40}, kind, PR, 4, 0, store).settings
            for kind in ("rhythm", "median")
        ]

    before = settings()
    raised = getattr(ecg_data, step)
    monkeypatch.setattr(ecg_data, step, replace(raised, version=raised.version + 1))
    changed = [old != new for old, new in zip(before, settings(), strict=True)]
    assert changed == [True, decides == 2]


def test_neighbours_of_beats_and_strips_are_found_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    found = [
        EcgData({"name": "exact", "n": 20}, kind, PR, 4, 0, store).neighbours
        for kind in ("median", "rhythm")
    ]
    assert found[0] == found[1]
    assert len(list((tmp_path / "neighbours").glob("*/neighbours.json"))) == 1


def test_a_target_of_another_name_is_refused_with_those_that_exist(store: Store) -> None:
    with pytest.raises(ValueError, match="a measurement of pr, qrs, qt, r, j, t, rate"):
        exact(store, Target("pq", "ms", "pq")).y_mean  # noqa: B018


def test_all_files_are_hashed_once_for_the_blocks_and_once_for_the_settings(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = ludb(store)
    hashed, origin = [], type(data.records.reader).origin

    def noted(reader: Any, start: int, stop: int) -> Any:
        hashed.append((start, stop))
        return origin(reader, start, stop)

    monkeypatch.setattr(type(data.records.reader), "origin", noted)
    assert data.settings == data.settings
    assert data.facts["ecgs"] == 32
    data.prepare_data()
    assert hashed == [(0, 32)] * 2
