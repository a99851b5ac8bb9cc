"""The workers of a cluster, as they are named or as TF_CONFIG says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlj_keras.errors import DeviceError
from mlj_keras.parallel import MultiWorker
from mlj_keras.parallel.cluster import VARIABLE, Cluster, cluster_of

HOSTS = ("10.0.0.1:4000", "10.0.0.2:4000", "10.0.0.3:4001")


def config_of(jobs: Any, kind: Any = "worker", index: Any = 0) -> str:
    """A value of TF_CONFIG."""
    return json.dumps({"cluster": jobs, "task": {"type": kind, "index": index}})


def of_environment(monkeypatch: pytest.MonkeyPatch, text: str) -> Cluster:
    """The cluster that is read from a value of TF_CONFIG."""
    monkeypatch.setenv(VARIABLE, text)
    return cluster_of(MultiWorker())


def test_the_variable_is_that_of_tensorflow() -> None:
    assert VARIABLE == "TF_CONFIG"


@pytest.mark.parametrize("index", range(3))
def test_the_environment_names_the_workers_and_which_this_process_is(
    monkeypatch: pytest.MonkeyPatch, index: int
) -> None:
    found = of_environment(monkeypatch, config_of({"worker": HOSTS}, index=index))
    assert found == Cluster(HOSTS, index)
    assert found.address == HOSTS[index]


@pytest.mark.parametrize(
    ("kind", "index", "position"), [("chief", 0, 0), ("worker", 0, 1), ("worker", 1, 2)]
)
@pytest.mark.parametrize("order", [("chief", "worker"), ("worker", "chief")])
def test_the_chief_is_the_first_worker_wherever_it_is_named(
    monkeypatch: pytest.MonkeyPatch, order: tuple[str, ...], kind: str, index: int, position: int
) -> None:
    jobs = {"chief": HOSTS[:1], "worker": HOSTS[1:]}
    text = config_of({job: jobs[job] for job in order}, kind, index)
    assert of_environment(monkeypatch, text) == Cluster(HOSTS, position)


def test_a_chief_alone_is_a_cluster_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    text = config_of({"chief": HOSTS[:1]}, "chief")
    assert of_environment(monkeypatch, text) == Cluster(HOSTS[:1], 0)


@pytest.mark.parametrize("index", range(3))
def test_the_environment_of_a_cluster_read_back_is_the_same_cluster(
    monkeypatch: pytest.MonkeyPatch, index: int
) -> None:
    cluster = Cluster(HOSTS, index)
    assert of_environment(monkeypatch, cluster.environment()) == cluster


def test_the_environment_of_a_cluster_is_what_the_guide_of_tensorflow_shows() -> None:
    assert json.loads(Cluster(HOSTS[:2], 1).environment()) == {
        "cluster": {"worker": ["10.0.0.1:4000", "10.0.0.2:4000"]},
        "task": {"type": "worker", "index": 1},
    }


@pytest.mark.parametrize("text", [None, "", "no JSON", config_of({"worker": HOSTS}, index=2)])
def test_a_cluster_that_is_named_wins_over_the_environment(
    monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if text is not None:
        monkeypatch.setenv(VARIABLE, text)
    assert cluster_of(MultiWorker(list(HOSTS[:2]), index=1)) == Cluster(HOSTS[:2], 1)


@pytest.mark.parametrize("text", [None, ""])
def test_no_cluster_at_all_raises_with_both_ways_to_name_one(
    monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if text is not None:
        monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(DeviceError, match=r"mlj-keras launch .*, or write MultiWorker\(\["):
        cluster_of(MultiWorker())


WORKERS = {"worker": HOSTS}

NONSENSE = {
    "no JSON": ("{'cluster': {}}", "JSONDecodeError"),
    "a number": ("5", "TypeError"),
    "a list": ("[]", "TypeError"),
    "null": ("null", "TypeError"),
    "nothing": ("{}", "KeyError: 'cluster'"),
    "no task": (json.dumps({"cluster": WORKERS}), "KeyError: 'task'"),
    "a task without index": (
        json.dumps({"cluster": WORKERS, "task": {"type": "worker"}}),
        "KeyError: 'index'",
    ),
    "a task without type": (
        json.dumps({"cluster": WORKERS, "task": {"index": 0}}),
        "KeyError: 'type'",
    ),
    "jobs that are a list": (config_of(HOSTS), "AttributeError"),
    "workers that are a string": (config_of({"worker": HOSTS[0]}), "'1' is no worker"),
    "workers by number": (config_of({"worker": {"0": HOSTS[0]}}), "'0' is no worker"),
    "a job of parameter servers": (
        config_of({**WORKERS, "ps": HOSTS[:1]}),
        r"only chief and worker, got \['worker', 'ps', 'worker'\]",
    ),
    "a task of no job": (config_of(WORKERS, "evaluator"), r"got \['worker', 'evaluator'\]"),
    "a chief that is in no job": (config_of(WORKERS, "chief"), r"got \['worker', 'chief'\]"),
    "no worker": (config_of({"worker": []}), r"Name one worker or more, each once, got \[\]"),
    "an index too large": (config_of(WORKERS, index=3), r"of 3 worker\(s\) is 0 to 2, got 3"),
    "an index below 0": (config_of(WORKERS, index=-1), "is 0 to 2, got -1"),
    "an index in words": (config_of(WORKERS, index="0"), "is 0 to 2, got '0'"),
    "an index that is no int": (config_of(WORKERS, index=0.0), "got 0.0"),
    "no index": (config_of(WORKERS, index=None), "is 0 to 2, got None"),
    "a worker twice": (config_of({"worker": [HOSTS[0]] * 2}), "each once, got"),
    "a chief that is a worker": (
        config_of({"chief": HOSTS[:1], "worker": HOSTS}),
        "each once, got",
    ),
    "a worker without port": (config_of({"worker": ["host"]}), "'host' is no worker"),
}


@pytest.mark.parametrize(("text", "words"), NONSENSE.values(), ids=NONSENSE.keys())
def test_an_environment_that_makes_no_sense_raises_with_what_it_says_and_has_to_be_like(
    monkeypatch: pytest.MonkeyPatch, text: str, words: str
) -> None:
    with pytest.raises(DeviceError, match=rf"TF_CONFIG makes no sense \(.*{words}") as caught:
        of_environment(monkeypatch, text)
    assert f"It says {text!r}, and has to be like" in str(caught.value)
    example = str(caught.value).partition("has to be like ")[2].removesuffix(".")
    assert json.loads(example)["task"] == {"type": "worker", "index": 0}


CHIEF_AND_WORKERS = {"chief": HOSTS[:1], "worker": HOSTS[1:]}


@pytest.mark.parametrize(
    ("kind", "index"),
    [
        ("chief", -1),
        ("worker", 2),
        ("chief", 1),
        ("worker", -1),
        ("worker", True),
    ],
)
def test_an_index_outside_its_own_job_raises(
    monkeypatch: pytest.MonkeyPatch, kind: str, index: Any
) -> None:
    with pytest.raises(DeviceError, match="TF_CONFIG makes no sense"):
        of_environment(monkeypatch, config_of(CHIEF_AND_WORKERS, kind, index))


def test_a_cluster_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="cannot assign"):
        Cluster(HOSTS, 0).index = 1  # type: ignore[misc]
