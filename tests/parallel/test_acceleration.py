"""The values that say where work runs."""

from __future__ import annotations

import copy
import pickle
from types import SimpleNamespace
from typing import Any

import pytest
import tensorflow as tf

from mlj_keras import CPU1, GPU, TPU, Mirrored, MultiWorker, NeuralNetworkRegressor
from mlj_keras.engine.distribution import Place, place_of
from mlj_keras.errors import DeviceError, InvalidModelError
from mlj_keras.parallel.acceleration import REDUCTIONS, check_acceleration

HOSTS = ("10.0.0.1:4000", "10.0.0.2:4000")
SEVERAL = [
    (Mirrored(), "Mirrored(devices=None, reduction=None)"),
    (
        Mirrored(["GPU:0", "CPU:1"], "one_device"),
        "Mirrored(devices=('/GPU:0', '/CPU:1'), reduction='one_device')",
    ),
    (MultiWorker(), "MultiWorker(cluster=None, index=None)"),
    (
        MultiWorker(list(HOSTS), index=1),
        "MultiWorker(cluster=('10.0.0.1:4000', '10.0.0.2:4000'), index=1)",
    ),
    (TPU(), "TPU(name=None)"),
    (TPU("node-1"), "TPU(name='node-1')"),
]


def test_devices_are_values() -> None:
    assert CPU1() == CPU1()
    assert GPU() == GPU(0) != GPU(1)
    assert CPU1() != GPU(0)
    assert len({CPU1(), CPU1(), GPU(0), GPU(0), GPU(1)}) == 3
    assert (repr(CPU1()), repr(GPU(2))) == ("CPU1()", "GPU(index=2)")
    for value in (CPU1(), GPU(3)):
        assert copy.deepcopy(value) == value == pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize(("value", "shown"), SEVERAL, ids=lambda given: str(given))
def test_accelerations_are_shown_and_copied_as_values(value: Any, shown: str) -> None:
    assert repr(value) == shown
    twin = eval(shown)
    for same in (twin, copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert same == value and hash(same) == hash(value) and type(same) is type(value)


def test_accelerations_that_differ_are_unequal() -> None:
    values = [value for value, _ in SEVERAL] + [
        CPU1(),
        GPU(0),
        Mirrored(["GPU:0"]),
        Mirrored(["CPU:1", "GPU:0"], "one_device"),
        Mirrored(["GPU:0", "CPU:1"]),
        MultiWorker(HOSTS, index=0),
        MultiWorker(HOSTS[::-1], index=1),
    ]
    assert len(set(values)) == len(values)
    assert all((one == other) is (one is other) for one in values for other in values)


def test_the_index_of_a_gpu_counts_in_the_list_that_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert 'tensorflow.config.list_logical_devices("GPU")' in (GPU.__doc__ or "")
    asked = []

    def listed(kind: str) -> list[Any]:
        asked.append(kind)
        return [SimpleNamespace(name=f"/device:GPU:{i}") for i in range(2 * (kind == "GPU"))]

    monkeypatch.setattr(tf.config, "list_logical_devices", listed)
    assert [place_of(GPU(index)) for index in range(2)] == [Place("/GPU:0"), Place("/GPU:1")]
    assert "GPU" in asked
    with pytest.raises(DeviceError, match="/GPU:2 is not there"):
        place_of(GPU(2))


@pytest.mark.parametrize(
    ("value", "field"),
    [(GPU(0), "index"), (Mirrored(), "devices"), (MultiWorker(), "index"), (TPU(), "name")],
    ids=str,
)
def test_an_acceleration_cannot_be_changed(value: Any, field: str) -> None:
    with pytest.raises(AttributeError, match="cannot assign"):
        setattr(value, field, 1)


@pytest.mark.parametrize("index", [-1, 0.0, True, "0", None])
def test_an_index_that_is_no_natural_number_raises(index: Any) -> None:
    with pytest.raises(ValueError, match=r"an int of 0 or more, got .*Write GPU\(0\)"):
        GPU(index)


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("/GPU:0", "/GPU:0"),
        ("GPU:0", "/GPU:0"),
        ("gpu:2", "/GPU:2"),
        ("CPU:0", "/CPU:0"),
        ("device:GPU:1", "/GPU:1"),
        ("/device:CPU:3", "/CPU:3"),
        ("GPU:07", "/GPU:7"),
        (GPU(1), "/GPU:1"),
    ],
    ids=str,
)
def test_the_names_of_devices_are_normalised(name: Any, normal: str) -> None:
    assert Mirrored([name]).devices == (normal,)
    assert Mirrored([name]) == Mirrored((normal,))


@pytest.mark.parametrize("make", [list, tuple, iter])
def test_sequences_become_tuples_in_their_order(make: Any) -> None:
    assert Mirrored(make(["GPU:1", "GPU:0"])).devices == ("/GPU:1", "/GPU:0")
    assert MultiWorker(make(HOSTS[::-1]), index=0).cluster == HOSTS[::-1]


@pytest.mark.parametrize(
    "name", ["GPU", "GPU:", "GPU:-1", "GPU:0 ", "TPU:0", "", "/job:a/device:GPU:0", 0, None, GPU]
)
def test_a_device_without_a_name_that_can_be_read_raises(name: Any) -> None:
    with pytest.raises(ValueError, match="names no device. Write '/GPU:0' or '/CPU:0'") as caught:
        Mirrored(["/CPU:0", name])
    assert str(caught.value).startswith(repr(name))


@pytest.mark.parametrize(
    "devices", [[], ["GPU:0", "GPU:0"], ["GPU:1", "/device:GPU:01"], [GPU(0), "CPU:0", "gpu:0"]]
)
def test_no_device_or_one_named_twice_raises(devices: list[Any]) -> None:
    words = r"one device or more, each once, got \[.*Write Mirrored\(\[\"/GPU:0\", \"/GPU:1\"\]\)"
    with pytest.raises(ValueError, match=words):
        Mirrored(devices)


@pytest.mark.parametrize("reduction", ["NCCL", "", 0, ["nccl"], "ring"])
def test_an_unknown_reduction_raises_with_those_that_there_are(reduction: Any) -> None:
    words = "None or one of 'nccl', 'hierarchical_copy', 'one_device', got "
    with pytest.raises(ValueError, match=words) as caught:
        Mirrored(reduction=reduction)
    assert str(caught.value).endswith(f"got {reduction!r}.")


@pytest.mark.parametrize("reduction", [None, *REDUCTIONS])
def test_every_reduction_that_is_offered_is_accepted(reduction: str | None) -> None:
    assert Mirrored(reduction=reduction).reduction == reduction


@pytest.mark.parametrize(
    "worker", ["host", "host:", ":4000", "host:0", "host:65536", "host:-1", "host:http", "", 4000]
)
def test_a_worker_without_host_and_port_raises(worker: Any) -> None:
    with pytest.raises(ValueError, match="is no worker. Write host:port, as in '10") as caught:
        MultiWorker([HOSTS[0], worker], index=0)
    assert str(caught.value).startswith(repr(worker))


@pytest.mark.parametrize("worker", ["host:1", "host:65535", "[::1]:4000", "a.b-c.example:4000"])
def test_a_worker_is_any_host_with_a_port(worker: str) -> None:
    assert MultiWorker([worker], index=0).cluster == (worker,)


@pytest.mark.parametrize(
    ("cluster", "index"), [([], 0), ([], None), (None, 0), ([HOSTS[0], HOSTS[0]], 0)]
)
def test_no_worker_or_one_named_twice_raises(cluster: Any, index: Any) -> None:
    with pytest.raises(ValueError, match=r"Name one worker or more, each once, got \["):
        MultiWorker(cluster, index=index)


@pytest.mark.parametrize("index", [None, -1, 2, True, 0.0, "0"])
def test_an_index_of_no_worker_raises(index: Any) -> None:
    words = r"The index of 2 worker\(s\) is 0 to 1, got .*: it says which of them this process is"
    with pytest.raises(ValueError, match=words):
        MultiWorker(HOSTS, index=index)


@pytest.mark.parametrize("name", [0, True, b"node-1", ["node-1"]])
def test_a_tpu_with_a_name_that_is_no_text_raises(name: Any) -> None:
    with pytest.raises(ValueError, match=r"a name or None, got .*Write TPU\(\)"):
        TPU(name)


@pytest.mark.parametrize("kind", [CPU1, GPU, Mirrored, MultiWorker, TPU])
def test_a_class_stands_for_its_default_instance(kind: Any) -> None:
    assert check_acceleration(kind) == kind()
    assert NeuralNetworkRegressor(acceleration=kind).acceleration == kind()


@pytest.mark.parametrize(
    "value", [None, CPU1(), GPU(1), *(value for value, _ in SEVERAL)], ids=str
)
def test_an_acceleration_is_accepted_as_it_is(value: Any) -> None:
    assert check_acceleration(value) is value
    assert NeuralNetworkRegressor(acceleration=value).acceleration == value


@pytest.mark.parametrize(
    "make",
    [
        lambda: tf.distribute.OneDeviceStrategy("/CPU:0"),
        lambda: tf.distribute.MirroredStrategy(["/CPU:0", "/CPU:1"]),
        tf.distribute.get_strategy,
    ],
    ids=["one device", "mirrored", "default"],
)
def test_a_strategy_of_tensorflow_is_accepted_as_it_is(make: Any) -> None:
    strategy = make()
    assert check_acceleration(strategy) is strategy


class Strategy:
    """Of the same name as TensorFlow's, and no strategy."""

    num_replicas_in_sync = 1


@pytest.mark.parametrize(
    "wrong",
    [
        *("cpu", 0, int, object(), [CPU1()], "/GPU:0", Strategy(), Strategy),
        *(tf.distribute, tf.distribute.MirroredStrategy),
    ],
)
def test_anything_else_raises_with_what_to_write(wrong: Any) -> None:
    with pytest.raises(
        TypeError, match=r"acceleration must be None, CPU1\(\), GPU\(0\), Mirrored"
    ):
        check_acceleration(wrong)
    with pytest.raises(InvalidModelError, match="NeuralNetworkRegressor.acceleration: "):
        NeuralNetworkRegressor(acceleration=wrong)
