"""What all containers share: their hyper-parameters, and one fit and update written once.

A container states only what differs: the encoders of X and y, its default builder, loss and
finaliser.
Source: MLJFlux.jl, src/mlj_model_interface.jl (`MLJModelInterface.fit`, `update`) and
src/types.jl.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import numpy as np

from mlj_keras._logging import logger
from mlj_keras.builders import MLP, Builder
from mlj_keras.builders.convert import as_builder
from mlj_keras.containers import _hints
from mlj_keras.containers._export import processing_model
from mlj_keras.containers._fitresult import NetworkFit
from mlj_keras.containers._image_encoder import ImageEncoder
from mlj_keras.containers._table_encoder import TableEncoder
from mlj_keras.containers._targets import Target
from mlj_keras.containers._together import TrainedTogether
from mlj_keras.data.columns import as_floats, column_of
from mlj_keras.data.scitypes import Finite, Scitype, Vector
from mlj_keras.data.weights import ClassWeights
from mlj_keras.engine.batches import default_batch_size
from mlj_keras.engine.data import EncodedData, Resident, Streamed
from mlj_keras.engine.distribution import Place, place_of, say_default
from mlj_keras.engine.loss_check import check_loss
from mlj_keras.engine.losses import check_loss_value
from mlj_keras.engine.precision import PRECISIONS, check_precision
from mlj_keras.engine.program import (
    NetworkSpec,
    Program,
    ProgramSpec,
    network_for,
    program_for,
    refused_by_xla,
)
from mlj_keras.engine.progress import progress
from mlj_keras.engine.state import MachineState
from mlj_keras.engine.training import Settings, TrainingStopped, initial_state, train
from mlj_keras.errors import InvalidModelError, WrongType
from mlj_keras.models import Model, Traits, param
from mlj_keras.models.interface import Change, FitOutcome, PartialFit
from mlj_keras.models.params import same
from mlj_keras.optimisers import Adam, Optimiser, as_optimiser
from mlj_keras.parallel.acceleration import check_acceleration
from mlj_keras.rng import entropy

MIXING_BATCH_SIZE = 16
WARM = frozenset({"epochs", "optimiser", "acceleration"})


def network_traits(input_scitype: Scitype, target_scitype: Scitype) -> Traits:
    """The traits that all containers share, for one that takes data of these scitypes."""
    classes = target_scitype <= Vector[Finite]
    return Traits(
        input_scitype=input_scitype,
        target_scitype=target_scitype,
        prediction_type="probabilistic" if classes else "deterministic",
        supports_weights=True,
        supports_class_weights=classes,
        supports_training_losses=True,
        iteration_parameter="epochs",
        package_name="mlj_keras",
        package_license="MIT",
    )


@dataclasses.dataclass(frozen=True)
class _Cache:
    """What a warm restart reuses: the encoded rows, on the host and on the device."""

    data: EncodedData
    placed: Resident | Streamed | None
    place: Place | None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "placed": None, "place": None}  # a device is of this process

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


class NetworkModel(TrainedTogether, Model):
    """The hyper-parameters that every network model has, and how it is trained."""

    aliases: ClassVar[dict[str, str]] = {
        "optimizer": "optimiser",
        "optimizer_changes_trigger_retraining": "optimiser_changes_trigger_retraining",
    }
    native_data: ClassVar[bool] = False
    checkpoints: ClassVar[bool] = True

    builder: Builder = param(factory=MLP, convert=as_builder)
    optimiser: Optimiser = param(factory=Adam, convert=as_optimiser)
    loss: Any = param("mean_squared_error", convert=check_loss_value)
    epochs: int = param(10, kind=int, ge=0)
    batch_size: int | None = param(None, kind=int, ge=1, optional=True)
    lambda_: float = param(0.0, kind=float, ge=0)
    alpha: float = param(0.0, kind=float, ge=0, le=1)
    rng: int | None = param(None)
    shuffle: bool = param(True, kind=bool)
    optimiser_changes_trigger_retraining: bool = param(False, kind=bool)
    acceleration: Any = param(None, convert=check_acceleration)
    precision: str = param("float32", options=PRECISIONS)
    jit_compile: bool | str = param("auto", options=("auto", True, False))

    def fit(self, verbosity: int, X: Any, y: Any, w: Any = None) -> FitOutcome:
        """Train from fresh weights on the package's own tables, columns and images; w (n,)
        float32, ClassWeights or None."""
        encoder, target = self._fit_encoder(X), self._fit_target(y)
        spec = NetworkSpec(
            self.builder,
            encoder.inputs,
            target.n_out,
            self._finaliser(),
            place_of(self.acceleration),
            self.precision,
        )
        if verbosity > 0 and self.acceleration is None:
            say_default(spec.place)
        fit = partial(self._fit_network, verbosity, encoder, target, spec, (X, y, w))
        return self._with_graph_as_second_choice(verbosity, spec, fit)

    def _with_graph_as_second_choice(
        self, verbosity: int, spec: NetworkSpec, train: Callable[[], FitOutcome]
    ) -> FitOutcome:
        """What `train` gives; once more on the graph path if XLA cannot compile the network."""
        try:
            return train()
        except Exception as error:  # only what XLA says is looked at; anything else goes on
            if not refused_by_xla(error):
                raise
            if self.jit_compile is True:
                raise InvalidModelError(
                    "XLA cannot compile this network. Set jit_compile='auto', which then takes "
                    f"the graph path. XLA said: {str(error)[:200]}"
                ) from error
            if verbosity > 0:
                logger.info("XLA cannot compile this network: it takes the graph path.")
            network_for(spec).xla = False
            return train()

    def _fit_network(
        self,
        verbosity: int,
        encoder: Any,
        target: Target,
        spec: NetworkSpec,
        arguments: tuple[Any, Any, Any],
    ) -> FitOutcome:
        X, y, w = arguments
        program = self._program(spec, target, len(y))
        if verbosity > 0 and self._finaliser():
            _hints.say_finalised(program.network)
        _hints.warn_of_loss(self.loss, target)
        data = self._encode(encoder, target, program, X, y, w)
        check_loss(program, data)
        seed = entropy() if self.rng is None else self.rng
        state = initial_state(program, self.builder, seed, data, shuffle=self.shuffle)
        fit = NetworkFit(state, encoder, target, spec)
        return self._train(verbosity, fit, program, data, None, self.epochs)

    def predict(self, fitresult: NetworkFit, Xnew: Any) -> Any:
        """Predictions of the target's kind, with the pandas index of Xnew."""
        return fitresult.predict(Xnew)

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, X: Any, y: Any, w: Any = None
    ) -> FitOutcome:
        """Continue where `outcome` ended if only warm hyper-parameters changed and epochs did not
        fall; else fit."""
        if not self._goes_on(old_model):
            return self.fit(verbosity, X, y, w)
        fit: NetworkFit = outcome.fitresult
        fit = dataclasses.replace(fit, spec=fit.spec.on(place_of(self.acceleration)), _bound={})
        go_on = partial(self._go_on, verbosity, fit, outcome.cache, (X, y, w))
        return self._with_graph_as_second_choice(verbosity, fit.spec, go_on)

    def _go_on(
        self,
        verbosity: int,
        fit: NetworkFit,
        cache: _Cache | None,
        arguments: tuple[Any, Any, Any],
    ) -> FitOutcome:
        """Train the epochs that are missing."""
        X, y, w = arguments
        program = self._program(fit.spec, fit.target, len(y))
        if not program.slots.fits(fit.state):  # an optimiser of another class starts anew
            kept = {
                key: array
                for key, array in fit.state.arrays.items()
                if not key.startswith("slots/")
            }
            arrays = {**kept, **program.slots.fresh()}
            fit = dataclasses.replace(
                fit, state=dataclasses.replace(fit.state, arrays=arrays), _bound={}
            )
        if cache is None:
            cache = _Cache(self._encode(fit.encoder, fit.target, program, X, y, w), None, None)
        else:
            _hints.warn_of_change(fit, cache.data, X, y)
        placed = cache.placed if cache.place == fit.spec.place else None
        return self._train(
            verbosity, fit, program, cache.data, placed, self.epochs - fit.state.epochs
        )

    def change_since(self, old_model: Any) -> Change:
        """An optimiser or device alone is remembered and trains nothing."""
        if type(self) is not type(old_model):
            return "update"
        changed = self._changed(old_model)
        if not changed:
            return "none"
        retrain = self.optimiser_changes_trigger_retraining and "optimiser" in changed
        return "record" if changed <= WARM - {"epochs"} and not retrain else "update"

    def _goes_on(self, old_model: Any) -> bool:
        """Whether `update` goes on from what the old model has learned."""
        if type(self) is not type(old_model) or self.epochs < old_model.epochs:
            return False
        changed = self._changed(old_model)
        retrain = self.optimiser_changes_trigger_retraining and "optimiser" in changed
        return changed <= WARM and not retrain

    def _changed(self, old_model: Any) -> set[str]:
        return {
            name
            for name in self.fields()
            if not same(getattr(self, name), getattr(old_model, name))
        }

    def settled(self, n_rows: int) -> Any:
        """A copy with the default batch size for so many rows."""
        size = default_batch_size(n_rows)
        if self.batch_size is not None or size < MIXING_BATCH_SIZE:
            return self
        return self.replace({"batch_size": size})

    def training_losses(self, report: dict[str, Any]) -> Any:
        """The losses of the epochs, without the one before training."""
        return report["training_losses"][1:]

    def fitted_params(self, fitresult: NetworkFit) -> dict[str, Any]:
        """`network`: a fresh Keras model; `embeddings`: column name → table, where there are
        factors."""
        tables = fitresult.embeddings()
        return {"network": fitresult.network(), **({"embeddings": tables} if tables else {})}

    def to_keras(self, fitresult: NetworkFit, *, finaliser: bool, processing: bool) -> Any:
        """A fresh Keras model of what was learned; see the function `to_keras`."""
        if processing:
            return processing_model(fitresult, finaliser=finaliser)
        return fitresult.network(finaliser=finaliser)

    def snapshot(self, outcome: FitOutcome) -> MachineState:
        """The learned state."""
        fit: NetworkFit = outcome.fitresult
        return dataclasses.replace(fit.state, encoding=(fit.encoder, fit.target))

    def restore(self, outcome: FitOutcome, state: Any) -> tuple[FitOutcome, NetworkModel]:
        """The outcome with another state of the same structure, and this model with its number of
        epochs."""
        fit: NetworkFit = outcome.fitresult
        if not isinstance(state, MachineState):
            raise WrongType(f"restore takes what snapshot(mach) gave, got {type(state).__name__}.")
        encoder, target = state.encoding or (fit.encoder, fit.target)
        _check_same_structure(fit, state, encoder, target)
        model = copy.deepcopy(self)
        model.epochs = state.epochs
        # Rows that were encoded by other statistics are of no use to the state put back.
        cache = outcome.cache if encoder is fit.encoder and target is fit.target else None
        fit = dataclasses.replace(fit, state=state, encoder=encoder, target=target, _bound={})
        report = _report(state, outcome.report["batch_size"], fit.spec.place)
        return FitOutcome(fit, cache, report), model

    # What a container states.

    def _check_target(self, y: Any) -> None:
        raise NotImplementedError

    def _fit_encoder(self, X: Any) -> TableEncoder | ImageEncoder:
        raise NotImplementedError

    def _fit_target(self, y: Any) -> Target:
        raise NotImplementedError

    def _finaliser(self) -> Any:
        """What follows the builder's network; None for regressors."""
        return None

    # The rest is shared.

    def _program(self, spec: NetworkSpec, target: Target, n_rows: int) -> Program:
        check_precision(spec.precision, spec.place.device)
        network = network_for(spec)
        # Batches of a row or two tell layers that mix rows, such as BatchNormalization, nothing.
        replicas = spec.place.n_replicas
        least = 1 if network.row_wise else MIXING_BATCH_SIZE
        least = max(least, replicas)
        size = min(self.batch_size or max(default_batch_size(n_rows), least), n_rows)
        if size < replicas:
            raise InvalidModelError(
                f"A batch of {size} row(s) cannot be shared by {replicas} replicas: {spec.place}. "
                f"Set batch_size={replicas} or more, or acceleration=CPU1()."
            )
        _hints.warn_of_batch(network, size, n_rows)
        _hints.warn_of_share(network)
        wanted = ProgramSpec(
            self.loss, target.kind, self.optimiser, size, self.lambda_ > 0, self.jit_compile
        )
        return program_for(network, wanted)

    def _encode(
        self, encoder: Any, target: Any, program: Program, X: Any, y: Any, w: Any
    ) -> EncodedData:
        weights = None
        if w is not None:
            by_class = isinstance(w, ClassWeights)
            weights = w.of_rows(y.values) if by_class else as_floats(column_of(w).values)
        return EncodedData(
            encoder.encode(X), target.encode(y, codes=program.loss.wants_codes), weights
        )

    def _train(
        self,
        verbosity: int,
        fit: NetworkFit,
        program: Program,
        data: EncodedData,
        placed: Resident | Streamed | None,
        epochs: int,
    ) -> FitOutcome:
        rate = self.optimiser.learning_rate
        settings = Settings(
            rate if isinstance(rate, float) else None, self.lambda_, self.alpha, self.shuffle
        )
        if placed is None:
            place = fit.spec.place
            placed = data.put(place, padded=program.path == "xla" or not place.alone)
        cache = _Cache(data, placed, fit.spec.place)
        first = fit.state.epochs
        try:
            with progress(verbosity, first=first, total=first + epochs) as heard:
                state = train(program, fit.state, data, placed, epochs, settings, heard)
        except TrainingStopped as stopped:
            if stopped.state.epochs == first:
                raise stopped.cause from None
            done = copy.deepcopy(self)
            done.epochs = stopped.state.epochs
            raise PartialFit(
                self._outcome(fit, program, stopped.state, cache), done, stopped.cause
            ) from None
        return self._outcome(fit, program, state, cache)

    def _outcome(
        self, fit: NetworkFit, program: Program, state: MachineState, cache: _Cache | None
    ) -> FitOutcome:
        report = _report(state, program.batch_size, program.network.place)
        return FitOutcome(dataclasses.replace(fit, state=state, _bound={}), cache, report)


def _report(state: MachineState, batch_size: int, place: Place) -> dict[str, Any]:
    """What the user is told of a training; the losses cannot be written to."""
    losses = np.array(state.losses)
    losses.flags.writeable = False
    return {
        "training_losses": losses,
        "epochs": state.epochs,
        "batch_size": batch_size,
        "path": state.path,
        "device": str(place),
        "rng": state.seed,
    }


def _check_same_structure(fit: NetworkFit, state: MachineState, encoder: Any, target: Any) -> None:
    """Raise KeyError, saying what differs, if a state belongs to other data or another network."""
    for key, shape in network_for(fit.spec).shapes().items():
        if key not in state.arrays or state.arrays[key].shape != shape:
            raise KeyError(f"{key} of shape {shape} is needed")
    if encoder.inputs != fit.encoder.inputs or _names(encoder) != _names(fit.encoder):
        raise KeyError(f"its inputs are {_names(encoder)}, and those here {_names(fit.encoder)}")
    if type(target) is not type(fit.target) or _names(target) != _names(fit.target):
        raise KeyError(f"its target is {_names(target)}, and that here {_names(fit.target)}")


def _names(learned: Any) -> Any:
    """What tells two encoders or targets of one kind apart, besides statistics."""
    return [getattr(learned, name, None) for name in ("names", "pools", "levels", "shape", "kind")]
