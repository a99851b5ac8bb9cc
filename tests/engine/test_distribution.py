"""Accelerations and the devices that they stand for."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from types import SimpleNamespace
from typing import Any

import pytest
import tensorflow as tf

from mlj_keras.engine import distribution as module
from mlj_keras.engine.distribution import Place, devices, place_of
from mlj_keras.errors import DeviceError
from mlj_keras.parallel import CPU1, GPU, TPU, Mirrored, MultiWorker


def see(monkeypatch: pytest.MonkeyPatch, n_gpus: int) -> None:
    """Let TensorFlow see this many GPUs."""
    devices = [SimpleNamespace(name=f"/device:GPU:{index}") for index in range(n_gpus)]

    def listed(kind: str) -> list[Any]:
        return {"GPU": devices, "CPU": [SimpleNamespace(name="/device:CPU:0")]}.get(kind, [])

    monkeypatch.setattr(tf.config, "list_logical_devices", listed)


@pytest.mark.parametrize("n_gpus", [0, 2])
def test_cpu1_is_the_cpu_whatever_else_is_there(
    monkeypatch: pytest.MonkeyPatch, n_gpus: int
) -> None:
    see(monkeypatch, n_gpus)
    assert place_of(CPU1()) == Place("/CPU:0")


def test_none_is_the_first_gpu_or_else_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    see(monkeypatch, 0)
    assert place_of(None) == Place("/CPU:0")
    see(monkeypatch, 2)
    assert place_of(None) == Place("/GPU:0")


def test_a_gpu_is_found_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    see(monkeypatch, 2)
    assert [place_of(GPU(index)) for index in range(2)] == [Place("/GPU:0"), Place("/GPU:1")]


def test_a_gpu_that_is_not_there_raises_and_names_those_that_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    see(monkeypatch, 0)
    with pytest.raises(DeviceError, match="/GPU:0 is not there: TensorFlow sees /CPU:0. Use one"):
        place_of(GPU(0))
    see(monkeypatch, 2)
    with pytest.raises(DeviceError, match="/GPU:2 is not there: .*sees /CPU:0, /GPU:0, /GPU:1"):
        place_of(GPU(2))


def test_the_memory_of_a_gpu_bounds_the_data_and_that_of_the_cpu_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    devices = [
        SimpleNamespace(name="/device:CPU:0", memory_limit=1),
        SimpleNamespace(name="/device:GPU:1", memory_limit=2**34),
    ]
    listing = SimpleNamespace(list_local_devices=lambda: devices)
    monkeypatch.setattr(module, "device_lib", listing)
    assert module.memory_of("/CPU:0") is None
    assert module.memory_of("/GPU:1") == 2**34
    assert module.memory_of("/GPU:7") is None


def test_a_tpu_that_is_not_there_is_refused_with_what_is() -> None:
    with pytest.raises(DeviceError, match=r"TPU\(name=None\) is not to be had.*sees /CPU:0"):
        place_of(TPU())


def test_one_place_stands_for_equal_accelerations() -> None:
    names = ["/CPU:0", "/CPU:1"]
    assert place_of(Mirrored(names)) is place_of(Mirrored(tuple(names)))
    assert place_of(Mirrored(names)) != place_of(Mirrored(["/CPU:0", "/CPU:2"]))
    assert place_of(Mirrored(names)).n_replicas == 2
    assert str(place_of(Mirrored(names))) == "MirroredStrategy on /CPU:0, /CPU:1"


def test_a_copy_of_a_place_is_the_place_and_one_from_elsewhere_is_what_is_here() -> None:
    place = place_of(Mirrored(["/CPU:0", "/CPU:1"]))
    assert copy.deepcopy(place) is place
    assert pickle.loads(pickle.dumps(place)) is place
    gone = dataclasses.replace(place, acceleration=Mirrored(["/GPU:7", "/GPU:8"]))
    workers = dataclasses.replace(place, acceleration=MultiWorker(["a:1", "b:2"], index=0))
    for other in (gone, workers):
        assert pickle.loads(pickle.dumps(other)) == Place("/CPU:0")


def test_the_devices_are_listed_by_the_names_that_mirrored_takes() -> None:
    assert devices() == [f"/CPU:{index}" for index in range(4)]
    assert Mirrored(devices()).devices == tuple(devices())
