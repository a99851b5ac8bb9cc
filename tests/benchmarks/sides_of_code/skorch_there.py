# ruff: noqa: E402
# %% A classifier: data, network, training, labels and probabilities
import numpy as np
import torch
from sklearn.datasets import make_classification
from skorch import NeuralNetClassifier
from torch import nn

torch.manual_seed(0)
X, y = make_classification(600, 20, n_informative=10, random_state=1)
X, y = X.astype(np.float32), y.astype(np.int64)


class Tower(nn.Module):
    def __init__(self, units=16, dropout=0.2, n_out=2):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(20, units),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(units, units),
            nn.ReLU(),
            nn.Linear(units, n_out),
        )

    def forward(self, X):
        return self.layers(X)


net = NeuralNetClassifier(
    Tower,
    criterion=nn.CrossEntropyLoss,
    lr=0.1,
    batch_size=32,
    max_epochs=10,
    iterator_train__shuffle=True,
)
net.fit(X, y)
print(net.predict(X[:5]))
print(net.predict_proba(X[:5]))
assert net.score(X, y) > 0.7

# %% A regressor
from sklearn.datasets import make_regression
from skorch import NeuralNetRegressor

X_numbers, numbers = make_regression(600, 20, n_informative=10, random_state=1)
X_numbers = X_numbers.astype(np.float32)
numbers = (numbers / numbers.std()).astype(np.float32).reshape(-1, 1)
regressor = NeuralNetRegressor(
    Tower, module__n_out=1, module__dropout=0.0, lr=0.05, batch_size=32, max_epochs=10
)
regressor.fit(X_numbers, numbers)
print(regressor.predict(X_numbers[:5]))
assert regressor.score(X_numbers, numbers) > 0.7

# %% Saving: the regressor to a file and back
import pickle

with open("regressor.pkl", "wb") as file:
    pickle.dump(regressor, file)
with open("regressor.pkl", "rb") as file:
    loaded = pickle.load(file)
print(loaded.predict(X_numbers[:5]))
assert np.array_equal(loaded.predict(X_numbers), regressor.predict(X_numbers))

# %% In a pipeline of scikit-learn
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

pipe = make_pipeline(StandardScaler(), net)
pipe.fit(X, y)
print(pipe.predict_proba(X[:5]))

# %% A score after each epoch, on rows held out
from skorch.callbacks import EpochScoring

net.set_params(callbacks=[EpochScoring("roc_auc", lower_is_better=False)])
net.fit(X, y)
print(net.history[:, "roc_auc"])
assert len(net.history) == 10

# %% Early stopping, the best epoch kept
from skorch.callbacks import EarlyStopping

net.set_params(max_epochs=60, callbacks=[EarlyStopping(patience=5, load_best=True)])
net.fit(X, y)
print(len(net.history))

# %% Grid search by scikit-learn
from sklearn.model_selection import GridSearchCV

net.set_params(max_epochs=10, callbacks=None, train_split=False, verbose=0)
grid = {"lr": [0.05, 0.1], "module__units": [8, 16]}
search = GridSearchCV(net, grid, cv=3, scoring="accuracy")
search.fit(X, y)
print(search.best_score_, search.best_params_)
assert search.best_score_ > 0.7
