"""Networks, quantised by TensorFlow's own converter; needs TensorFlow. Weights are random.

    content, shape = make("cnn")          # the bytes of a .tflite file, and the shape of its input of int8
"""
import contextlib
import os
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np
import tensorflow as tf

layers = tf.keras.layers


def _cnn(x):
    x = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(24, activation="relu")(x)
    return layers.Dense(10)(x)


def _block(x, filters, stride, activation):
    """An inverted residual."""
    y = layers.Conv2D(3 * x.shape[-1], 1, use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.Activation(activation)(y)
    y = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    y = layers.Activation(activation)(y)
    y = layers.Conv2D(filters, 1)(y)
    return layers.Add()([x, y]) if stride == 1 and filters == x.shape[-1] else y


def _mobile(x):
    """Inverted residuals with relu6, a mean and softmax."""
    x = layers.Conv2D(8, 3, strides=2, padding="same")(x)
    x = layers.ReLU(6.0)(x)
    for filters, stride in ((8, 1), (12, 2), (12, 1)):
        x = _block(x, filters, stride, tf.nn.relu6)
    x = layers.GlobalAveragePooling2D()(x)
    return layers.Dense(10, activation="softmax")(x)


def _excited(x):
    """Hard swish, and channels weighted by a sigmoid of their means."""
    x = layers.Conv2D(8, 3, strides=2, padding="same")(x)
    x = layers.Activation(tf.keras.activations.hard_swish if hasattr(tf.keras.activations, "hard_swish") else tf.nn.silu)(x)
    s = layers.GlobalAveragePooling2D(keepdims=True)(x)
    s = layers.Conv2D(4, 1, activation="relu")(s)
    s = layers.Conv2D(8, 1, activation="sigmoid")(s)
    x = layers.Multiply()([x, s])
    x = layers.AveragePooling2D(3, strides=2, padding="same")(x)
    x = layers.Conv2D(12, 3, activation="tanh")(x)
    x = layers.Flatten()(x)
    return layers.Dense(7, activation="softmax")(x)


def _branches(x):
    """Concatenations, differences, leaky relu, upsampling and a transposed convolution."""
    a = layers.Conv2D(6, 3, strides=2, padding="same")(x)
    a = layers.LeakyReLU(negative_slope=0.2)(a)
    b = layers.MaxPooling2D(2, padding="same")(x)
    b = layers.Conv2D(6, 1, activation="relu")(b)
    c = layers.Concatenate()([a, b])
    d = layers.Conv2D(6, 3, padding="same")(layers.ZeroPadding2D(1)(c))
    d = layers.Cropping2D(1)(d)
    d = layers.Subtract()([d, a])
    d = layers.Maximum()([d, b])
    up = layers.UpSampling2D(2, interpolation="bilinear")(d)
    down = layers.Conv2DTranspose(4, 3, strides=2, padding="same")(d)
    return layers.Conv2D(3, 1)(layers.Concatenate()([up, down]))


NETWORKS = {"cnn": _cnn, "mobile": _mobile, "excited": _excited, "branches": _branches}
SHAPE = (20, 18, 3)

# Of Keras: the constructor, pixels and what else it takes.
APPLICATIONS = {
    "mobilenet": ("MobileNet", 96, {"alpha": 0.25}),
    "mobilenet_v2": ("MobileNetV2", 96, {"alpha": 0.35}),
    "mobilenet_v3_small": ("MobileNetV3Small", 96, {}),
    "resnet50": ("ResNet50", 64, {}),
    "efficientnet_b0": ("EfficientNetB0", 64, {}),
    "densenet121": ("DenseNet121", 64, {}),
}


def _build(name: str) -> tuple:
    """A Keras model with one image as its input, and samples' range."""
    if name in NETWORKS:
        x = layers.Input(SHAPE, batch_size=1)
        return tf.keras.Model(x, NETWORKS[name](x)), False
    kind, pixels, options = APPLICATIONS[name]
    shape = (pixels, pixels, 3)
    model = getattr(tf.keras.applications, kind)(input_shape=shape, weights=None, classes=100, **options)
    x = layers.Input(shape, batch_size=1)
    return tf.keras.Model(x, model(x)), True


def _vary(model, random) -> None:
    """Gives moments and biases values as if trained."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            _vary(layer, random)
        else:
            layer.set_weights([w + 0.1 * np.abs(random.standard_normal(w.shape)).astype("f") if w.ndim == 1 else w
                               for w in layer.get_weights()])


def make(name: str) -> tuple[bytes, tuple]:
    """The network with weights of one seed; activations, inputs and outputs are of int8."""
    tf.keras.utils.set_random_seed(7)
    model, is_pixels = _build(name)
    shape, random = model.input_shape[1:], np.random.default_rng(3)
    _vary(model, random)

    def samples():
        for _ in range(8 if is_pixels else 40):
            yield [(random.uniform(0, 255, (1, *shape)) if is_pixels else random.standard_normal((1, *shape))).astype("f")]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = samples
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    with open(os.devnull, "w", encoding="utf-8") as quiet, contextlib.redirect_stdout(quiet), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return converter.convert(), shape
