"""`Run`: a model that is being iterated, as its controls see it: they train it, and read its
losses.

Knows machines and measures; no control. Source: MLJIteration.jl, src/ic_model.jl, and
IterationControl.jl, src/wrapper.jl.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import math
from contextlib import AbstractContextManager
from typing import Any

from mlj_keras._warnings import ignoring
from mlj_keras.errors import InvalidArgument, NonFiniteLossError, UnsupportedOperation
from mlj_keras.iteration.scoring import Scoring
from mlj_keras.machine.machine import Machine, with_data
from mlj_keras.models.interface import FitOutcome, PartialFit
from mlj_keras.storage.records import storable


@storable
@dataclasses.dataclass(frozen=True)
class Kept:
    """A state that may be put back: the count of iterations, the loss there, and of each machine
    its model and what it had learned."""

    iteration: int
    loss: float
    trained: tuple[tuple[Any, FitOutcome], ...]


def _counted(model: Any) -> AbstractContextManager[None]:
    """Without what libraries say of few iterations, which are counted on purpose."""
    if model.checkpoints:  # of networks none is said
        return contextlib.nullcontext()
    return ignoring(r"(?s).*[Mm]aximum (number of )?iteration.*")


class Run:
    """A model under control. Controls get it as their first argument.

    Attributes:
        model: that is trained, to be changed in place (learning rates, say); machine: bound to the
            data, of the first fold if there are several
        n_cycles, n_iterations: so far; new_iterations: of the last training
        loss: the last out-of-sample measurement, or the last training loss without resampling;
            sign: -1 if it is a score, of which more is better, else 1
        losses, iterations: all of them, and the counts at which they were taken
        training_losses: of the iterations of the last training, or None
        evaluation: the last PerformanceEvaluation.
    Raises: UnsupportedOperation for `loss` or `evaluation` where there are none.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_diabetes()
        >>> show = mlj.Callback(lambda run: run.n_iterations == 4, raw=True, stop_if_true=True)
        >>> net = mlj.NeuralNetworkRegressor(rng=1)
        >>> model = mlj.IteratedModel(net, controls=[mlj.Step(2), show])
        >>> mlj.report(mlj.fit(mlj.machine(model, X, y), verbosity=0)).n_iterations
        4

    Source: MLJIteration.jl, src/ic_model.jl.
    """

    def __init__(
        self,
        model: Any,
        parameter: str,
        machines: tuple[Machine, ...],
        rows: tuple[Any, ...],
        scoring: Scoring | None,
    ) -> None:
        self.model = model
        self.parameter = parameter
        self.machines = machines
        self.rows = rows
        self.scoring = scoring
        self.verbosity = 0
        self.n_cycles = 0
        self.n_iterations = 0
        self.new_iterations = 0
        self.losses: list[float] = []
        self.iterations: list[int] = []
        self.training_losses: list[float] | None = None
        self.best: Kept | None = None
        self.failure: NonFiniteLossError | None = None

    def copy(self) -> Run:
        """The same, to be trained on without a change to this one."""
        new = copy.copy(self)
        new.model = copy.deepcopy(self.model)
        new.machines = tuple(copy.copy(machine) for machine in self.machines)
        new.losses, new.iterations = list(self.losses), list(self.iterations)
        return new

    @property
    def machine(self) -> Machine:
        """The machine that is trained; of several folds the first."""
        return self.machines[0]

    @property
    def loss(self) -> float:
        """The last loss."""
        if not self.losses:
            raise UnsupportedOperation(
                "There is no loss yet, or at all: put Step before the controls that need one; a "
                "model without training losses needs resampling."
            )
        return self.losses[-1]

    @property
    def sign(self) -> int:
        """-1 for a score, of which more is better; else 1."""
        return 1 if self.scoring is None else self.scoring.sign

    @property
    def evaluation(self) -> Any:
        """The last evaluation."""
        if self.scoring is None or not self.losses:
            raise UnsupportedOperation(
                "There is no evaluation: iteration without resampling has training losses only. "
                "Give resampling=Holdout()."
            )
        return self.scoring.evaluation(self.machines)

    def train(self, n: int) -> None:
        """Train n more iterations, and take the loss.

        A loss or weight that is not finite ends the training at the last whole epoch, and counts
        as a loss of NaN. What cuts a training off is raised; training goes on from there.
        """
        count, self.failure = self.n_iterations + n, None
        before = self.model.get(self.parameter)
        try:
            self.train_to(count)
            self._take_losses(count)
        except PartialFit as partial:
            if not isinstance(partial.cause, NonFiniteLossError):
                raise partial.cause from None
            self._diverged(partial.cause)
        except NonFiniteLossError as error:
            if not all(machine.state for machine in self.machines):
                raise  # there is nothing to keep
            self._diverged(error)
        finally:
            # Of members of an ensemble there is at least one.
            self.model.set(self.parameter, self.n_iterations or before)

    def train_to(self, count: int) -> None:
        """Train all machines until they have done so many iterations, and take no loss."""
        self.model.set(self.parameter, count)
        with _counted(self.model):
            for machine, rows in zip(self.machines, self.rows, strict=True):
                machine.model = self.model
                machine.fit_or_partial(rows, self.verbosity, force=False)

    def done_iterations(self) -> int:
        """How many the machine has done: in the middle of a training that was cut off, more than
        n_iterations."""
        return int(self.machine.trained("iterate")[0].get(self.parameter))

    def _diverged(self, error: NonFiniteLossError) -> None:
        self.failure = error
        self.new_iterations = self.done_iterations() - self.n_iterations
        self.n_iterations += self.new_iterations
        self.training_losses = [math.nan]
        self._note(math.nan)

    def _take_losses(self, count: int) -> None:
        """Nothing is counted before all is known: what is cut off here is done again."""
        model, outcome = self.machine.trained("iterate")
        new, losses = count - self.n_iterations, model.training_losses(outcome.report)
        if losses is not None:
            losses = [float(loss) for loss in losses[max(len(losses) - new, 0) :]]
        loss = losses[-1] if losses else None
        if self.scoring is not None:
            loss = self.scoring.loss(self.machines)
        self.new_iterations, self.n_iterations, self.training_losses = new, count, losses
        if loss is not None:
            self._note(loss)

    def _note(self, loss: float) -> None:
        self.losses.append(loss)
        self.iterations.append(self.n_iterations)
        better = self.best is None or self.sign * loss < self.sign * self.best.loss
        if math.isfinite(loss) and better:
            self.best = self.kept(loss)

    def kept(self, loss: float = math.nan) -> Kept:
        """The present state, as a value."""
        trained = (machine.trained("iterate") for machine in self.machines)
        bare = tuple((m, dataclasses.replace(outcome, cache=None)) for m, outcome in trained)
        return Kept(self.done_iterations(), loss, bare)

    def restore(self, state: Any) -> None:
        """Put another state of the network, as `snapshot(run.machine)` gives it, in the place of
        what was learned; the count of iterations stays."""
        model, outcome = self.machine.trained("restore")
        restored, _ = model.restore(outcome, state)
        self.machine.replace_outcome(model, restored)

    def ingest(self, *data: Any) -> None:
        """Go on with other data, (X, y) or (X, y, w), of the same columns and levels.

        Raises: InvalidArgument if a part of the data is measured on.
        """
        if self.scoring is not None:
            raise InvalidArgument(
                "Data feeds new rows to train on, and a part of the old ones is measured on. Give "
                "resampling=None."
            )
        self.machines, self.rows = (with_data(self.machine, *data),), (None,)
