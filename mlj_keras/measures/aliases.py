"""MLJ's other names of the measures.

Knows the measures only. Source: StatisticalMeasures.jl, the aliases of its measures.
"""

from __future__ import annotations

from mlj_keras.measures.calibration import (
    expected_calibration_error,
)
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
    multiclass_false_negative,
    multiclass_false_positive,
    multiclass_fdr,
    multiclass_fnr,
    multiclass_fpr,
    multiclass_npv,
    multiclass_ppv,
    multiclass_tnr,
    multiclass_tpr,
    multiclass_true_negative,
    multiclass_true_positive,
)
from mlj_keras.measures.multitarget import (
    multitarget_l1,
    multitarget_log_cosh,
    multitarget_rms,
    multitarget_rmsl,
)
from mlj_keras.measures.multitarget_classes import (
    multitarget_mcr,
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
    false_negative,
    false_positive,
    fdr,
    fnr,
    fpr,
    npv,
    ppv,
    tnr,
    tpr,
    true_negative,
    true_positive,
)

area_under_curve = auc
bacc = bac
balanced_accuracy = bac
confusion_matrix = confmat
continuous_boyce_index = cbi
cross_entropy = log_loss
ece = expected_calibration_error
fallout = fpr
false_discovery_rate = fdr
false_negative_rate = fnr
false_positive_rate = fpr
falsediscovery_rate = fdr
falsenegative = false_negative
falsenegative_rate = fnr
falsepositive = false_positive
falsepositive_rate = fpr
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
multiclass_fallout = multiclass_fpr
multiclass_false_discovery_rate = multiclass_fdr
multiclass_false_negative_rate = multiclass_fnr
multiclass_false_positive_rate = multiclass_fpr
multiclass_falsediscovery_rate = multiclass_fdr
multiclass_falsenegative = multiclass_false_negative
multiclass_falsenegative_rate = multiclass_fnr
multiclass_falsepositive = multiclass_false_positive
multiclass_falsepositive_rate = multiclass_fpr
multiclass_hit_rate = multiclass_tpr
multiclass_miss_rate = multiclass_fnr
multiclass_negative_predictive_value = multiclass_npv
multiclass_negativepredictive_value = multiclass_npv
multiclass_positive_predictive_value = multiclass_ppv
multiclass_positivepredictive_value = multiclass_ppv
multiclass_precision = multiclass_ppv
multiclass_recall = multiclass_tpr
multiclass_selectivity = multiclass_tnr
multiclass_sensitivity = multiclass_tpr
multiclass_specificity = multiclass_tnr
multiclass_true_negative_rate = multiclass_tnr
multiclass_true_positive_rate = multiclass_tpr
multiclass_truenegative = multiclass_true_negative
multiclass_truenegative_rate = multiclass_tnr
multiclass_truepositive = multiclass_true_positive
multiclass_truepositive_rate = multiclass_tpr
multitarget_log_cosh_loss = multitarget_log_cosh
multitarget_mae = multitarget_l1
multitarget_mav = multitarget_l1
multitarget_mean_absolute_error = multitarget_l1
multitarget_mean_absolute_value = multitarget_l1
multitarget_misclassification_rate = multitarget_mcr
multitarget_rmse = multitarget_rms
multitarget_rmsle = multitarget_rmsl
multitarget_root_mean_squared_error = multitarget_rms
multitarget_root_mean_squared_log_error = multitarget_rmsl
negative_predictive_value = npv
negativepredictive_value = npv
positive_predictive_value = ppv
positivepredictive_value = ppv
precision = ppv
probability_of_correct_classification = bac
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
truenegative = true_negative
truenegative_rate = tnr
truepositive = true_positive
truepositive_rate = tpr
