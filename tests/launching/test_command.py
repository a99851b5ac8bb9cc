"""The command `mlj-keras launch`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mlj_keras.launching.command import main

SCRIPT = """
import sys
from pathlib import Path

import numpy as np

import mlj_keras as mlj
from beside import N_ROWS

X = np.random.default_rng(0).normal(size=(N_ROWS, 3)).astype("float32")
model = mlj.NeuralNetworkRegressor(epochs=2, batch_size=8, rng=1, acceleration=mlj.MultiWorker())
mach = mlj.fit(mlj.machine(model, X, X.sum(axis=1)), verbosity=0)
print(sys.argv[1:], mlj.report(mach).device, __name__, mlj.snapshot(mach).digest())
"""


@pytest.mark.slow
def test_a_script_is_run_by_workers_that_train_together(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("N_ROWS = 50\n")
    (tmp_path / "train.py").write_text(SCRIPT)
    command = [sys.executable, "-m", "mlj_keras.launching.command", "launch", "--workers", "2"]
    done = subprocess.run(
        [*command, str(tmp_path / "train.py"), "--fast", "yes"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stderr.splitlines() if "__main__" in line]
    assert len(lines) == 2
    for index in "01":
        (own,) = (line for line in lines if line[1] == f"{index}]")
        assert " ".join(own).startswith(f"[worker {index}] ['--fast', 'yes'] MultiWorker, worker")
    assert lines[0][-1] == lines[1][-1], "the workers have learned the same"


def test_a_failing_script_is_told_by_the_exit_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "fails.py"
    script.write_text("raise SystemExit('no data today')")
    assert main(["launch", "--workers", "1", str(script)]) == 1
    written = capsys.readouterr().err
    assert "Worker 0 of 1 ended with code 1" in written and "no data today" in written


def test_a_missing_script_and_a_wrong_number_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["launch", "nothing.py"]) == 2
    assert "there is no script 'nothing.py'" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["launch", "--workers", "0", "x.py"])
    assert ended.value.code == 2
    assert "a number of 1 or more is needed, got '0'" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([])


def test_it_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["launch", "--help"])
    assert ended.value.code == 0
    assert "--workers" in capsys.readouterr().out
