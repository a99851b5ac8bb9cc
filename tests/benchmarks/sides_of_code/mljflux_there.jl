# %% Classification: data, network, evaluation, predictions for new rows
using MLJ, DataFrames
import MLJFlux, Flux, Optimisers
NeuralNetworkClassifier = @load NeuralNetworkClassifier pkg=MLJFlux

y, X = unpack(DataFrame(load_iris()), ==(:target), rng=7)
X = Float32.(X)  # Flux computes in single precision
clf = NeuralNetworkClassifier(
    builder=MLJFlux.MLP(hidden=(8, 8, 8), σ=Flux.relu),
    optimiser=Optimisers.Adam(0.01),
    batch_size=8,
    epochs=20,
    rng=1,
)
mach = machine(clf, X, y)
evaluate!(mach, resampling=CV(nfolds=3, rng=1), repeats=2, measures=[brier_loss, accuracy])
fit!(mach)
predict(mach, X[1:3, :])

# %% Incremental training: more epochs at half the rate
train, test = partition(eachindex(y), 0.8, rng=1)
fit!(mach, rows=train)
accuracy(predict_mode(mach, rows=test), y[test])
clf.optimiser = Optimisers.Adam(clf.optimiser.eta / 2)
clf.epochs += 20
fit!(mach, rows=train)
accuracy(predict_mode(mach, rows=test), y[test])

# %% Tuning: batch size and learning rate on a grid, the best model
sizes = range(clf, :batch_size, lower=4, upper=16)
rates = range(clf, :optimiser, values=[Optimisers.Adam(eta) for eta in (0.01, 0.1)])
tuned = TunedModel(
    model=clf,
    range=[sizes, rates],
    tuning=Grid(goal=4),
    resampling=CV(nfolds=3, rng=1),
    measure=log_loss,
)
mach = fit!(machine(tuned, X, y))
fitted_params(mach).best_model

# %% A learning curve: the loss against the epochs, drawn
using Plots
epochs = range(clf, :epochs, lower=1, upper=60, scale=:log10)
curve = learning_curve(
    clf, X, y; range=epochs, resampling=CV(nfolds=3, rng=1), measure=log_loss
)
plot(
    curve.parameter_values,
    curve.measurements,
    xlab=curve.parameter_name,
    xscale=curve.parameter_scale,
    ylab="log loss",
)

# %% Architectures: widths of three layers at random, the best three in a table
widths = vec(collect(Iterators.product(8:8:32, 8:8:32, 8:8:32)))
hidden = range(clf, :(builder.hidden), values=widths)
tuned = TunedModel(
    model=clf,
    range=hidden,
    tuning=RandomSearch(rng=1),
    resampling=Holdout(fraction_train=0.7, rng=1),
    measure=log_loss,
    n=5,
)
history = report(fit!(machine(tuned, X, y))).history
found = DataFrame(
    hidden=[entry.model.builder.hidden for entry in history],
    loss=[entry.measurement[1] for entry in history],
)
first(sort(found, :loss), 3)

# %% Early stopping: controls, both losses drawn
held_out = Float64[]
controls = [
    Step(1),
    NumberLimit(60),
    Patience(5),
    NumberSinceBest(9),
    TimeLimit(0.1),
    WithLossDo(loss -> push!(held_out, loss)),
]
iterated = IteratedModel(
    model=clf, controls=controls, resampling=Holdout(fraction_train=0.7), measure=log_loss
)
mach = fit!(machine(iterated, X, y))
plot(report(mach).model_report.training_losses, label="training")
plot!(held_out, label="held out")

# %% Live training: the loss drawn while it comes
seen = Float64[]
function draw(loss)
    push!(seen, loss)
    display(plot(seen, label="held out"))
end
watched = IteratedModel(
    model=clf,
    controls=[Step(1), NumberLimit(20), WithLossDo(draw)],
    resampling=Holdout(fraction_train=0.7),
    measure=log_loss,
)
fit!(machine(watched, X, y))

# %% Comparison: four models, one of them tuned, on the same folds, in a table
BayesianLDA = @load BayesianLDA pkg=MultivariateStats
RandomForestClassifier = @load RandomForestClassifier pkg=DecisionTree
XGBoostClassifier = @load XGBoostClassifier pkg=XGBoost
boosting = XGBoostClassifier(num_round=20)
etas = range(boosting, :eta, lower=0.01, upper=0.5, scale=:log10)
tuned = TunedModel(
    model=boosting,
    range=etas,
    tuning=Grid(resolution=3),
    resampling=Holdout(fraction_train=0.7, rng=1),
    measure=log_loss,
)
several = TunedModel(
    models=[clf, BayesianLDA(), RandomForestClassifier(), tuned],
    resampling=CV(nfolds=2, rng=1),
    repeats=2,
    measure=log_loss,
)
history = report(fit!(machine(several, X, y))).history
found = DataFrame(
    model=[entry.model for entry in history],
    loss=[entry.measurement[1] for entry in history],
    radius=[entry.evaluation.uncertainty_radius_95[1] for entry in history],
)
sort(found, :loss)

# %% A rare class: oversampling inside a pipeline, evaluated
BorderlineSMOTE1 = @load BorderlineSMOTE1 pkg=Imbalance
rare = coerce([label == "virginica" ? "virginica" : "other" for label in y], Multiclass)
balanced = BalancedModel(model=clf, balancer1=BorderlineSMOTE1(k=5, rng=1))
pipe = Standardizer() |> balanced
evaluate(pipe, X, rare, resampling=StratifiedCV(nfolds=3, rng=1), measure=balanced_accuracy)

# %% Entity embeddings: factors, the vectors of their levels, and data in their terms
points, blob = make_blobs(200, 2, centers=2, rng=1)
places = coerce(round.(Int, DataFrame(points)), Count => Multiclass)
NeuralNetworkBinaryClassifier = @load NeuralNetworkBinaryClassifier pkg=MLJFlux
embedding = NeuralNetworkBinaryClassifier(
    builder=MLJFlux.Short(n_hidden=5),
    optimiser=Optimisers.Adam(0.01),
    batch_size=8,
    epochs=20,
    embedding_dims=Dict(:x1 => 2, :x2 => 2),
    rng=1,
)
mach = fit!(machine(embedding, places, blob))
balanced_accuracy(predict_mode(mach, places), blob)
MLJFlux.get_embedding_matrices(fitted_params(mach).chain, [1, 2], [:x1, :x2])
MLJ.transform(mach, places)  # DataFrames has a transform, too

# %% A builder of one's own
mutable struct TwoLayers <: MLJFlux.Builder
    n1::Int
    n2::Int
end
function MLJFlux.build(builder::TwoLayers, rng, n_in, n_out)
    init = Flux.glorot_uniform(rng)
    return Flux.Chain(
        Flux.Dense(n_in, builder.n1, Flux.relu, init=init),
        Flux.Dense(builder.n1, builder.n2, Flux.relu, init=init),
        Flux.Dense(builder.n2, n_out, init=init),
    )
end
own = NeuralNetworkClassifier(builder=TwoLayers(16, 8), rng=1)
fit!(machine(own, X, y))

# %% Images: two convolutions and poolings, more epochs, the loss held out
import MLDatasets, MLUtils
images, labels = MLDatasets.MNIST(split=:train)[1:600]
images, labels = coerce(images, GrayImage), coerce(labels, Multiclass)
mutable struct Convolutions <: MLJFlux.Builder
    channels1::Int
    channels2::Int
end
function MLJFlux.build(builder::Convolutions, rng, n_in, n_out, n_channels)
    init = Flux.glorot_uniform(rng)
    front = Flux.Chain(
        Flux.Conv((3, 3), n_channels => builder.channels1, Flux.relu, pad=1, init=init),
        Flux.MaxPool((2, 2)),
        Flux.Conv((3, 3), builder.channels1 => builder.channels2, Flux.relu, pad=1, init=init),
        Flux.MaxPool((2, 2)),
        MLUtils.flatten,
    )
    n_flat = first(Flux.outputsize(front, (n_in..., n_channels, 1)))
    return Flux.Chain(front, Flux.Dense(n_flat, n_out, init=init))
end
ImageClassifier = @load ImageClassifier pkg=MLJFlux
pictures = ImageClassifier(builder=Convolutions(8, 16), batch_size=16, epochs=5, rng=1)
mach = fit!(machine(pictures, images, labels), rows=1:300)
pictures.epochs += 5
fit!(mach, rows=1:300)
log_loss(predict(mach, rows=301:600), labels[301:600])

# %% An ensemble: ten networks, evaluated
ensemble = EnsembleModel(model=clf, n=10, bagging_fraction=0.8, rng=1)
evaluate(ensemble, X, y, resampling=CV(nfolds=3, rng=1), measure=log_loss)

# %% Saving: to a file and back
mach = fit!(machine(clf, X, y))
MLJ.save("iris.jls", mach)
predict_mode(machine("iris.jls"), X)
