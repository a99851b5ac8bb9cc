"""The classes and functions of Keras that a file may name, and the arguments of each class: closed
tables.

A class is there if it computes with what it is given and nothing else: what runs code of its own,
or reads files, never is. Text only. Source: the public names of Keras 3.15.
"""

from __future__ import annotations

# An argument is `name` or `name=rule`; without a rule, it is the one of that name. `?` after it
# says that a config of Keras may leave it out.
_WEIGHTS = "_initializer {0}_regularizer {0}_constraint"


def _weights(*names: str) -> str:
    return " ".join(f"{name}{_WEIGHTS.format(name)}" for name in names)


_CONVOLVING = "strides data_format dilation_rate activation use_bias"
_DENSE = f"activation use_bias {_weights('kernel', 'bias')}"
_CONV = f"filters kernel_size padding=convolving groups {_CONVOLVING} {_weights('kernel', 'bias')}"
_TRANSPOSED = (
    f"filters kernel_size padding output_padding {_CONVOLVING} {_weights('kernel', 'bias')}"
)
_DEPTHWISE = (
    f"kernel_size padding=convolving depth_multiplier {_CONVOLVING} "
    f"{_weights('depthwise', 'bias')}"
)
_SEPARABLE = f"filters {_DEPTHWISE} {_weights('pointwise')}"
_POOLING = "pool_size strides padding data_format"
_GLOBAL = "data_format keepdims"
_CELL = (
    "units activation use_bias dropout recurrent_dropout "
    f"{_weights('kernel', 'recurrent', 'bias')}"
)
_LOOP = "return_sequences return_state go_backwards stateful unroll zero_output_for_mask"
_CONV_LSTM = (
    f"filters kernel_size strides padding data_format dilation_rate recurrent_activation seed "
    f"unit_forget_bias {_CELL.removeprefix('units ')} {_LOOP}"
)
_NORMALISING = f"axis epsilon center scale=flag {_weights('beta', 'gamma')}"
_ATTENTION = (
    f"dropout seed use_bias use_gate sliding_window=count_or_None {_weights('kernel', 'bias')}"
)
_EMBEDDING = f"input_dim output_dim mask_zero {_weights('embeddings')}"

_LAYERS = {
    "Activation": "activation",
    "ActivityRegularization": "l1 l2",
    "Add": "",
    "AdditiveAttention": "use_scale dropout seed",
    "AlphaDropout": "rate seed noise_shape",
    "Attention": "use_scale score_mode dropout seed",
    "Average": "",
    "BatchNormalization": f"{_NORMALISING} momentum moving_mean_initializer synchronized renorm "
    "moving_variance_initializer renorm_clipping=nothing renorm_momentum",
    "Bidirectional": "merge_mode layer=recurrent backward_layer=recurrent",
    "CategoryEncoding": "num_tokens output_mode",
    "CenterCrop": "height width data_format",
    "Concatenate": "axis",
    "Cropping1D": "cropping=amounts",
    "Cropping2D": "cropping=amounts data_format",
    "Cropping3D": "cropping=amounts data_format",
    "Dense": f"units {_DENSE}",
    "Discretization": "bin_boundaries num_bins=count_or_None epsilon output_mode sparse",
    "Dot": "axes normalize",
    "Dropout": "rate seed noise_shape",
    "ELU": "alpha",
    "EinsumDense": "equation output_shape=dims_or_None bias_axes activation "
    f"{_weights('kernel', 'bias')}",
    "Embedding": _EMBEDDING,
    "Flatten": "data_format",
    "GRU": f"{_CELL} {_LOOP} recurrent_activation reset_after seed",
    "GRUCell": f"{_CELL} recurrent_activation reset_after seed",
    "GaussianDropout": "rate seed",
    "GaussianNoise": "stddev=positive seed",
    "GroupNormalization": f"groups {_NORMALISING}",
    "GroupQueryAttention": f"head_dim num_query_heads num_key_value_heads {_ATTENTION}",
    "Identity": "",
    "LSTM": f"{_CELL} {_LOOP} recurrent_activation unit_forget_bias seed",
    "LSTMCell": f"{_CELL} recurrent_activation unit_forget_bias seed",
    "LayerNormalization": f"{_NORMALISING} rms_scaling",
    "LeakyReLU": "negative_slope",
    "Masking": "mask_value",
    "Maximum": "",
    "Minimum": "",
    "MultiHeadAttention": "num_heads key_dim value_dim output_shape=dims_or_None attention_axes "
    f"{_ATTENTION}",
    "Multiply": "",
    "Normalization": "axis=axes_or_None mean variance invert",
    "PReLU": f"{_weights('alpha')} shared_axes",
    "Permute": "dims",
    "RMSNormalization": "axis epsilon",
    "RNN": f"cell {_LOOP}",
    "RandomBrightness": "factor=numbers value_range seed data_format?",
    "RandomContrast": "factor=numbers value_range seed data_format?",
    "RandomCrop": "height width seed data_format",
    "RandomFlip": "mode=flips seed data_format",
    "RandomRotation": "factor=numbers fill_mode fill_value interpolation seed data_format",
    "RandomTranslation": "height_factor=numbers width_factor=numbers fill_mode fill_value "
    "interpolation seed data_format",
    "RandomZoom": "height_factor=numbers width_factor=numbers_or_None fill_mode fill_value "
    "interpolation seed data_format",
    "ReLU": "max_value=bound negative_slope threshold",
    "RepeatVector": "n",
    "Rescaling": "scale=numbers offset=numbers",
    "Reshape": "target_shape",
    "Resizing": "height width interpolation crop_to_aspect_ratio pad_to_aspect_ratio fill_mode "
    "fill_value antialias data_format",
    "ReversibleEmbedding": f"{_EMBEDDING} tie_weights=flag reverse_dtype=nothing "
    "logit_soft_cap=bound",
    "SimpleRNN": f"{_CELL} {_LOOP}",
    "SimpleRNNCell": f"{_CELL} seed",
    "Softmax": "axis",
    "SpatialDropout1D": "rate seed",
    "SpatialDropout2D": "rate seed data_format",
    "SpatialDropout3D": "rate seed data_format",
    "SpectralNormalization": "layer power_iterations",
    "StackedRNNCells": "cells",
    "Subtract": "",
    "TimeDistributed": "layer",
    "UnitNormalization": "axis",
    "UpSampling1D": "size=size",
    "UpSampling2D": "size=sizes data_format interpolation",
    "UpSampling3D": "size=sizes data_format",
    "ZeroPadding1D": "padding=amounts data_format",
    "ZeroPadding2D": "padding=amounts data_format",
    "ZeroPadding3D": "padding=amounts data_format",
    **{f"AdaptiveAveragePooling{n}D": "output_size data_format" for n in (1, 2, 3)},
    **{f"AdaptiveMaxPooling{n}D": "output_size data_format" for n in (1, 2, 3)},
    **{f"AveragePooling{n}D": _POOLING for n in (1, 2, 3)},
    **{f"MaxPooling{n}D": _POOLING for n in (1, 2, 3)},
    **{f"GlobalAveragePooling{n}D": _GLOBAL for n in (1, 2, 3)},
    **{f"GlobalMaxPooling{n}D": _GLOBAL for n in (1, 2, 3)},
    **{f"Conv{n}D": _CONV for n in (1, 2, 3)},
    **{f"Conv{n}DTranspose": _TRANSPOSED for n in (1, 2, 3)},
    **{f"DepthwiseConv{n}D": _DEPTHWISE for n in (1, 2)},
    **{f"SeparableConv{n}D": _SEPARABLE for n in (1, 2)},
    **{f"ConvLSTM{n}D": _CONV_LSTM for n in (1, 2, 3)},
}
RECURRENT = ("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GRU", "LSTM", "RNN", "SimpleRNN")
CELLS = ("GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells")
_OF_EVERY_LAYER = "name trainable? dtype activity_regularizer?"
_RANDOM_WEIGHTS = "seed input_axes output_axes"
_OF_EVERY_LOSS = "name reduction dtype"
_RATE = "name initial_learning_rate"

_LOSSES = {
    "BinaryCrossentropy": "from_logits label_smoothing axis",
    "BinaryFocalCrossentropy": "apply_class_balancing alpha gamma from_logits label_smoothing "
    "axis",
    "CTC": "",
    "CategoricalCrossentropy": "from_logits label_smoothing axis",
    "CategoricalFocalCrossentropy": "alpha=numbers gamma from_logits label_smoothing axis",
    "CategoricalGeneralizedCrossEntropy": "q",
    "CategoricalHinge": "",
    "Circle": "gamma margin remove_diagonal",
    "CosineSimilarity": "axis",
    "Dice": "axis=axes_or_None",
    "Hinge": "",
    "Huber": "delta",
    "KLDivergence": "",
    "LogCosh": "",
    "MeanAbsoluteError": "",
    "MeanAbsolutePercentageError": "",
    "MeanSquaredError": "",
    "MeanSquaredLogarithmicError": "",
    "Poisson": "",
    "SparseCategoricalCrossentropy": "from_logits ignore_class=whole_or_None axis",
    "SquaredHinge": "",
    "Tversky": "alpha beta axis=axes_or_None",
}

# What is written on Keras tensors directly, as in `x + 2 * y`, and what Keras makes masks with: it
# has no public names for these classes.
_REDUCING = "axis=axes_or_None keepdims"
_OPERATIONS = {
    "src.ops.numpy": {
        **dict.fromkeys(
            """Absolute Add Cos Divide Equal Exp Expm1 GetItem Greater GreaterEqual Less LessEqual
            Log Log1p LogicalAnd LogicalNot LogicalOr Maximum Minimum Multiply Negative NotEqual
            Power Sin Sqrt Square Subtract Tanh TrueDivide Where""".split(),
            "",
        ),
        **dict.fromkeys("All Any Mean Sum".split(), _REDUCING),
        **dict.fromkeys("Max Min".split(), f"{_REDUCING} initial=bound"),
        **dict.fromkeys("OnesLike ZerosLike".split(), "dtype=dtype_or_None"),
        **dict.fromkeys("Concatenate ExpandDims Stack".split(), "axis"),
        "Reshape": "newshape=target_shape",
        "Squeeze": "axis=axes_or_None",
        "Transpose": "axes=axes_or_None",
    },
    "src.ops.nn": {
        **dict.fromkeys("Relu Sigmoid Silu Softplus".split(), ""),
        "Gelu": "approximate=flag",
        "Softmax": "axis",
    },
    "src.ops.core": {
        "Cast": "dtype",
        "ConvertToTensor": "dtype=dtype_or_None sparse=nothing ragged=nothing",
    },
}
OPERATIONS = tuple(_OPERATIONS)

CLASSES: dict[str, dict[str, str]] = {
    "layers": {
        "InputLayer": "name dtype batch_shape sparse ragged optional",
        **{name: f"{arguments} {_OF_EVERY_LAYER}" for name, arguments in _LAYERS.items()},
    },
    "losses": {name: f"{arguments} {_OF_EVERY_LOSS}" for name, arguments in _LOSSES.items()},
    "optimizers.schedules": {
        "CosineDecay": f"{_RATE} decay_steps alpha warmup_target=bound warmup_steps",
        "CosineDecayRestarts": f"{_RATE} first_decay_steps t_mul m_mul alpha",
        "ExponentialDecay": f"{_RATE} decay_steps decay_rate staircase",
        "InverseTimeDecay": f"{_RATE} decay_steps decay_rate staircase",
        "PiecewiseConstantDecay": "name boundaries values=rates",
        "PolynomialDecay": f"{_RATE} decay_steps end_learning_rate power cycle",
    },
    "initializers": {
        "Constant": "value=numbers",
        "GlorotNormal": _RANDOM_WEIGHTS,
        "GlorotUniform": _RANDOM_WEIGHTS,
        "HeNormal": _RANDOM_WEIGHTS,
        "HeUniform": _RANDOM_WEIGHTS,
        "Identity": "",
        "LecunNormal": _RANDOM_WEIGHTS,
        "LecunUniform": _RANDOM_WEIGHTS,
        "Ones": "",
        "Orthogonal": "gain seed",
        "RandomNormal": "mean=number stddev seed",
        "RandomUniform": "minval maxval seed",
        "TruncatedNormal": "mean=number stddev seed",
        "VarianceScaling": f"scale=number mode=fan distribution {_RANDOM_WEIGHTS}",
        "Zeros": "",
    },
    "regularizers": {
        "L1": "l1",
        "L1L2": "l1 l2",
        "L2": "l2",
        "OrthogonalRegularizer": "factor mode=sides",
    },
    "constraints": {
        "MaxNorm": "max_value axis",
        "MinMaxNorm": "min_value max_value rate axis",
        "NonNeg": "",
        "UnitNorm": "axis",
    },
    **{
        family: {name: f"{arguments} name" for name, arguments in classes.items()}
        for family, classes in _OPERATIONS.items()
    },
}

# Classes themselves: rules of KerasOptimiser. Not those that make other optimizers of configs.
TYPES: dict[str, frozenset[str]] = {
    "optimizers": frozenset(
        """Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion Muon Nadam RMSprop SGD
        ScheduleFreeAdamW""".split()
    )
}

FUNCTIONS: dict[str, frozenset[str]] = {
    "activations": frozenset(
        """celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh
        leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink
        softmax softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus swish tanh
        tanh_shrink threshold""".split()
    ),
    "losses": frozenset(
        """binary_crossentropy binary_focal_crossentropy categorical_crossentropy
        categorical_focal_crossentropy categorical_generalized_cross_entropy categorical_hinge
        circle cosine_similarity ctc dice hinge huber kl_divergence log_cosh mean_absolute_error
        mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error poisson
        sparse_categorical_crossentropy squared_hinge tversky""".split()
    ),
    "ops": frozenset(
        """abs absolute arctan arcsinh celu cos cosh elu erf exp expm1 gelu hard_sigmoid hard_silu
        leaky_relu log log1p log_sigmoid log_softmax negative relu relu6 selu sigmoid sign
        silu sin sinh softmax softplus softsign sqrt square tanh""".split()
    ),
}
