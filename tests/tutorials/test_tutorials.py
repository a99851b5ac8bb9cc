"""Every numbered tutorial runs as a plain script, and the demonstration does what it prints.

Knows the scripts in `tutorials/` by their paths. Source: ours.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras import plots

TUTORIALS = Path(__file__).parents[2] / "tutorials"
PNG = b"\x89PNG\r\n\x1a\n"
BEGINNINGS = {".png": PNG, ".mlj": b"PK"}

# What each script has to say, and the files that it leaves in the current folder.
EXPECTED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "01_quick_start.py": (
        ("Schema of 344 rows", "coerce(y, Multiclass)", "accuracy", "['Chinstrap', 'Gentoo']"),
        ("penguins.mlj", "quick_start.png"),
    ),
    "02_coming_from_mlj.py": (
        ("Textual", "1.96*SE", "(16,)", "Write", "trained on from the file to epoch 24"),
        (),
    ),
    "06_warm_restarts_on_iris.py": (
        ("held out", "at rate 0.001", "restored the state of epoch"),
        ("warm_restarts.png",),
    ),
    "03_coming_from_keras.py": (
        ("Adam(learning_rate=0.003, clipnorm=1.0)", "largest difference", "[True, True]"),
        (),
    ),
    "04_coming_from_sklearn.py": (
        ("theirs: AUC 0.", "model__builder__width", "the best was", "models of scikit-learn"),
        (),
    ),
    "05_scientific_types.py": (
        (
            "ScientificDate",
            "coerce(y, Multiclass)",
            "'Rothera' (first",
            "ImageClassifier",
            "polars",
        ),
        (),
    ),
    "07_evaluating.py": (("1.96*SE", "forest", "radius_95", "Ground Truth"), ()),
    "08_pipelines.py": (
        ("Put FillImputer() before it", "embeddings", "passengers held out", "mape"),
        (),
    ),
    "09_early_stopping.py": (("% above the best", "in the report", "on disk: ", "stages"), ()),
    "10_live_training.py": (
        ("10 pictures in 100 epochs", "rates: 0.0001", "Good enough.", "unsure of: "),
        ("afterwards.png", "cycles.png", "film.png", "live.png", "search.png"),
    ),
    "18_entity_embeddings.py": (
        ("Doctorate", "by two seeds: 0.", "one-hot: 84 columns", "| tree", "elsewhere"),
        ("education.png", "factors.png"),
    ),
    "19_snapshots_on_mnist.py": (("states kept", "together: 0.9"), ("snapshots.png",)),
    "11_tuning.py": (
        ("[1, 14, 26, 39, 51, 64]", "best: NeuralNetworkClassifier", "AUC 0.8", "to train: 4"),
        ("tuning_history.png", "tuning_lines.png", "tuning_slices.png"),
    ),
    "12_learning_curves.py": (
        ("five seeds: 0.", "best rate: ", "boosting: 0.", "539 digits, log loss "),
        ("boosting.png", "learning_curves.png", "rows.png"),
    ),
    "13_architecture_search.py": (
        ("residual(width=64, n_blocks=2)", "in place of 180", "builder.dropout", "best: depth "),
        ("architectures.png",),
    ),
    "14_comparing_models.py": (("boosting", "uncertainty_radius_95", "best: ", "better"), ()),
    "15_ensembling.py": (
        (
            "out of the bag: ",
            "members of",
            "model.epochs",
            "bmi",
            "balanced: from",
            "thresholds: 0.",
        ),
        ("ensemble_size.png", "importance.png"),
    ),
    "16_stacking.py": (
        (
            "boosting",
            "more epochs: {'Neural",
            "age: 30 values, sex: 2",
            "columns left: sex__female",
        ),
        ("dependence.png",),
    ),
    "17_learning_networks.py": (
        ("node(log)", "-.-> machine1", "Updating machine(Ridge", "with a network", "left.alpha"),
        ("network.png",),
    ),
    "20_boston.py": (
        ("values are 50.0", "after 80 epochs", "outside", "wide and deep", "LSTAT", "oxides"),
        ("air.png", "importance.png", "rates.png", "residuals.png", "rooms.png"),
    ),
    "21_adult.py": (
        ("32561 rows, missing", "optimiser.learning_rate", "boosting", "balanced accuracy", "KiB"),
        ("calibration.png", "losses.png", "roc.png"),
    ),
    "22_many_devices.py": (
        ("/GPU:99 is not there", "worker 1 of 2", "never cut off: 0.", "rate 0.020", "TPU("),
        (),
    ),
    "23_saving_and_serving.py": (
        ("KiB", "candidates 5 6", "has been changed", "['towers:Tower']", "Elba", "two servers"),
        (),
    ),
    "24_your_own_parts.py": (
        ("cost 3.5", "careful", "bottleneck(width=2", "first question: ", "halved after epochs"),
        ("halved.png",),
    ),
    "gallery.py": (  # a picture for each function, by its name, and two more
        (),
        tuple(
            f"gallery_{name.removeprefix('plot_')}.png"
            for name in (*plots.__all__, "partial_dependence_of_two", "of_your_own")
        ),
    ),
}


# Runs each script in a folder of its own, and writes what it said, or how it failed.
RUN_ALL = """
import contextlib, io, json, os, runpy, sys, traceback
found = {}
for path, folder in json.loads(sys.argv[1]):
    os.chdir(folder)
    said = io.StringIO()
    error = ""
    try:
        with contextlib.redirect_stdout(said):
            runpy.run_path(path, run_name="__main__")
    except BaseException:
        error = traceback.format_exc()
    found[os.path.basename(path)] = [said.getvalue(), error]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str, str]]:
    """Of each script its folder, what it said, and its error; all run one after another by a fresh
    Python process, which loads TensorFlow once, without a display or a GPU."""
    folders = {name: tmp_path_factory.mktemp("tutorial") for name in sorted(EXPECTED)}
    pairs = [(str(TUTORIALS / name), str(folder)) for name, folder in folders.items()]
    environment = {
        **os.environ,
        "MPLBACKEND": "Agg",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONPATH": str(TUTORIALS.parent),
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL, json.dumps(pairs)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=2400,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    return {name: (folders[name], *found[name]) for name in folders}


@pytest.fixture(scope="module")
def demo() -> ModuleType:
    """`tutorials/demo.py` as a module; importing it runs nothing."""
    spec = importlib.util.spec_from_file_location("mlj_keras_demo", TUTORIALS / "demo.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_every_numbered_tutorial_is_expected_and_in_the_index() -> None:
    scripts = [path.name for path in sorted(TUTORIALS.glob("[0-9]*.py"))]
    index = (TUTORIALS / "index.md").read_text(encoding="utf-8")
    assert scripts == sorted(name for name in EXPECTED if name[0].isdigit())
    assert re.findall(r"^\d+\. \[[^]]+\]\(([^)]+)\)", index, re.MULTILINE) == scripts


def test_every_plot_has_a_section_and_a_picture_in_the_gallery() -> None:
    text = (TUTORIALS / "gallery.py").read_text(encoding="utf-8")
    sections = re.split(r"^# #{2,3} ", text, flags=re.MULTILINE)[1:]
    saved = [re.findall(r"^keep\(.*, \"(\w+)\"\)$", each, re.MULTILINE) for each in sections]
    pictures = [found[0] for found in saved if found]
    assert [f"plot_{name}" for name in pictures[:-1]] == re.findall(r"`(plot_\w+)`", text)
    assert {f"plot_{name}" for name in pictures[:-1]} == set(plots.__all__)
    assert pictures[-1] == "of_your_own"


def test_each_tutorial_leads_to_the_next_one() -> None:
    scripts = [path for path in sorted(TUTORIALS.glob("[0-9]*.py"))]
    for script, following in itertools.pairwise(scripts):
        last = script.read_text(encoding="utf-8").rpartition("# %% [markdown]\n")[2]
        assert "Next:" in last and f"]({following.name})" in last


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_tutorial_is_cells_of_text_and_code_with_assertions(name: str) -> None:
    text = (TUTORIALS / name).read_text(encoding="utf-8")
    cells = re.split(r"^# %%", text, flags=re.MULTILINE)
    assert cells[0] == ""
    prose = [cell for cell in cells[1:] if cell.startswith(" [markdown]\n")]
    code = [cell for cell in cells[1:] if cell.startswith("\n")]
    assert len(prose) + len(code) == len(cells) - 1
    assert all(line.startswith("#") or not line for cell in prose for line in cell.split("\n")[1:])
    assert sum("\nassert " in cell for cell in code) >= 5


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_tutorial_runs_and_says_what_it_should(
    name: str, outcomes: dict[str, tuple[Path, str, str]]
) -> None:
    words, files = EXPECTED[name]
    folder, said, error = outcomes[name]
    assert not error
    for word in words:
        assert word in said
    assert sorted(path.name for path in folder.iterdir()) == sorted(files)
    for file in files:
        assert (folder / file).read_bytes().startswith(BEGINNINGS[Path(file).suffix])


def test_the_data_of_the_demonstration_pick_five_containers(demo: ModuleType) -> None:
    picked = {case.title: mlj.container_for(*case.load()) for case in demo.cases()}
    assert picked == {
        "breast cancer": mlj.NeuralNetworkBinaryClassifier,
        "wine": mlj.NeuralNetworkClassifier,
        "diabetes": mlj.NeuralNetworkRegressor,
        "linnerud": mlj.MultitargetNeuralNetworkRegressor,
        "digits": mlj.ImageClassifier,
    }


@pytest.mark.slow
def test_the_demonstration_reports_each_case_and_saves_its_picture(
    demo: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spec = mlj.NeuralNetwork(builder=mlj.MLP(hidden=(4,)), epochs=2)
    shortened = (
        demo.Case(title="flowers", load=mlj.load_iris, spec=spec),
        demo.Case(title="men", load=mlj.load_linnerud, spec=spec),
    )
    monkeypatch.setattr(demo, "cases", lambda: shortened)
    monkeypatch.setattr(mlj, "disable_default_handler", lambda: None)  # of the whole process
    monkeypatch.setattr(sys, "argv", ["demo.py", "--seeds", "2"])
    monkeypatch.chdir(tmp_path)
    demo.main()
    said = capsys.readouterr().out
    assert re.findall(r"^(\w+)\n  data ", said, re.MULTILINE) == ["flowers", "men"]
    assert re.findall(r"^ +(\w+)  +\d+\.\d\d  ", said, re.MULTILINE) == ["1", "2", "mean"] * 2
    assert (tmp_path / "demo_losses.png").read_bytes().startswith(PNG)


def test_the_demonstration_refuses_less_than_one_seed(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["demo.py", "--seeds", "0"])
    with pytest.raises(SystemExit):
        demo.main()
    assert "--seeds must be at least 1, got 0" in capsys.readouterr().err


@pytest.mark.slow
def test_the_demonstration_scores_wine_as_asserted(demo: ModuleType, tmp_path: Path) -> None:
    case = next(case for case in demo.cases() if case.title == "wine")
    outcomes = [demo.run(case, seed) for seed in (1, 2)]
    assert all(outcome.score >= 0.9 and outcome.linear_score >= 0.9 for outcome in outcomes)
    first = outcomes[0].mach
    assert mlj.report(first).epochs == case.spec.epochs
    assert mlj.report(first).rng == 1
    assert case.spec.rng is None  # the spec of the case is not changed

    report = demo.lines(case, outcomes)
    assert report[0] == "wine"
    assert "178 rows, 13 columns: 13 Continuous; target Vector[Multiclass[3]]" in report[1]
    assert "NeuralNetworkClassifier, 30 epochs, batches of 2" in report[2]
    assert [line.split()[0] for line in report[3:]] == ["seed", "1", "2", "mean"]
    assert len({len(line) for line in report[3:]}) == 1, "the columns are aligned"

    demo.draw(["wine"], [first], tmp_path / "losses.png")
    assert (tmp_path / "losses.png").read_bytes().startswith(PNG)


def test_the_score_of_classes_is_accuracy_and_of_numbers_the_mean_rmse_over_targets(
    demo: ModuleType,
) -> None:
    labels = pd.Series(["a", "b", "b", "a"], dtype="category")
    assert demo.score(np.array(["a", "b", "a", "a"]), labels) == 0.75
    assert demo.score([1.0, 3.0], pd.Series([1.0, 1.0])) == pytest.approx(2**0.5)
    truth = pd.DataFrame({"a": [0.0, 0.0], "b": [0.0, 0.0]})
    assert demo.score(np.array([[1.0, 2.0], [1.0, 4.0]]), truth) == pytest.approx(
        (1 + 10**0.5) / 2
    )


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("diabetes", "442 rows, 10 columns: 9 Continuous, 1 Multiclass[2]; target "),
        ("linnerud", "20 rows, 3 columns: 3 Continuous; target Table[Continuous]"),
        ("digits", "1797 rows, images: Vector[GrayImage[8, 8]]; target Vector[Multiclass[10]]"),
    ],
)
def test_the_description_counts_rows_columns_and_scitypes(
    demo: ModuleType, title: str, expected: str
) -> None:
    case = next(case for case in demo.cases() if case.title == title)
    assert demo.description(*case.load()).startswith(expected)
