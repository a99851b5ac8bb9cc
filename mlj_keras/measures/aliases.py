"""MLJ's other names of the measures used most; `measure_of` knows all of them.

Knows the measures only. Source: StatisticalMeasures.jl, the aliases of its measures.
"""

from __future__ import annotations

from mlj_keras.measures.confusion import (
    confmat,
)
from mlj_keras.measures.continuous import (
    l1,
    log_cosh,
    rms,
    rmsl,
    rsq,
)
from mlj_keras.measures.finite import (
    bac,
    mcc,
    mcr,
)
from mlj_keras.measures.multiclass import (
    macro_f1score,
    multiclass_ppv,
    multiclass_tpr,
)
from mlj_keras.measures.probabilistic import (
    brier_loss,
    brier_score,
    log_loss,
)
from mlj_keras.measures.ranking import (
    auc,
    cbi,
)
from mlj_keras.measures.rates import (
    fdr,
    fnr,
    fpr,
    npv,
    ppv,
    tnr,
    tpr,
)

area_under_curve = auc
bacc = bac
balanced_accuracy = bac
confusion_matrix = confmat
continuous_boyce_index = cbi
cross_entropy = log_loss
fallout = fpr
false_discovery_rate = fdr
false_negative_rate = fnr
false_positive_rate = fpr
hit_rate = tpr
log_cosh_loss = log_cosh
mae = l1
matthews_correlation = mcc
mav = l1
mean_absolute_error = l1
mean_absolute_value = l1
misclassification_rate = mcr
miss_rate = fnr
multiclass_f1score = macro_f1score
multiclass_precision = multiclass_ppv
multiclass_recall = multiclass_tpr
negative_predictive_value = npv
positive_predictive_value = ppv
precision = ppv
quadratic_loss = brier_loss
quadratic_score = brier_score
recall = tpr
rmse = rms
rmsle = rmsl
root_mean_squared_error = rms
root_mean_squared_log_error = rmsl
rsquared = rsq
selectivity = tnr
sensitivity = tpr
specificity = tnr
true_negative_rate = tnr
true_positive_rate = tpr
