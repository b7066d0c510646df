"""The digits network: its parameters, its forward pass in JAX, and its training.

    image [N,1,8,8], 0..16
      scale 1/16
      conv 3x3, 16 + BatchNorm + ReLU                      (stem)
      depthwise 3x3 + BatchNorm + ReLU,
      pointwise 1x1 + BatchNorm, + input, ReLU             (block1)
      max-pool 2x2
      conv 3x3, 32 + BatchNorm + ReLU                      (widen)
      depthwise, pointwise, residual as above              (block2)
      global average pool, fully connected, softmax
    scores [N,10]

Parameters are a flat dictionary of arrays: `<layer>.weight` in OIHW, and for each BatchNorm `<layer>.scale`,
`.bias`, `.mean`, `.var`. Means and variances are running averages, not trained.
"""

import jax
import jax.numpy as jnp
import numpy as np

EPSILON = 1e-5
CLASSES = 10
INPUT_SCALE = 1.0 / 16.0

# name: (output channels, input channels a group, kernel, groups)
CONVOLUTIONS = {
    "stem": (16, 1, 3, 1),
    "block1.depthwise": (16, 1, 3, 16),
    "block1.pointwise": (16, 16, 1, 1),
    "widen": (32, 16, 3, 1),
    "block2.depthwise": (32, 1, 3, 32),
    "block2.pointwise": (32, 32, 1, 1),
}


def initial_parameters(rng):
    """He-normal weights and identity BatchNorms, from a numpy Generator."""
    params = {}
    for name, (out, per_group, kernel, _) in CONVOLUTIONS.items():
        fan_in = per_group * kernel * kernel
        shape = (out, per_group, kernel, kernel)
        params[f"{name}.weight"] = rng.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)
        params[f"{name}.scale"] = np.ones(out, np.float32)
        params[f"{name}.bias"] = np.zeros(out, np.float32)
        params[f"{name}.mean"] = np.zeros(out, np.float32)
        params[f"{name}.var"] = np.ones(out, np.float32)
    params["fc.weight"] = rng.normal(0, np.sqrt(1 / 32), (CLASSES, 32)).astype(np.float32)
    params["fc.bias"] = np.zeros(CLASSES, np.float32)
    return params


def is_trained(name):
    return not name.endswith((".mean", ".var"))


def _conv_norm(params, stats, name, x):
    """Convolution and BatchNorm with the batch's own statistics, which are noted in `stats`."""
    _, _, kernel, groups = CONVOLUTIONS[name]
    pad = kernel // 2
    x = jax.lax.conv_general_dilated(x, params[f"{name}.weight"], (1, 1), [(pad, pad), (pad, pad)],
                                     dimension_numbers=("NCHW", "OIHW", "NCHW"), feature_group_count=groups)
    mean, var = jnp.mean(x, (0, 2, 3)), jnp.var(x, (0, 2, 3))
    stats[f"{name}.mean"], stats[f"{name}.var"] = mean, var
    scale = params[f"{name}.scale"] / jnp.sqrt(var + EPSILON)
    shift = params[f"{name}.bias"] - mean * scale
    return x * scale[:, None, None] + shift[:, None, None]


def _separable_block(params, stats, name, x):
    y = jax.nn.relu(_conv_norm(params, stats, f"{name}.depthwise", x))
    return jax.nn.relu(_conv_norm(params, stats, f"{name}.pointwise", y) + x)


def training_logits(params, image):
    """Logits in training mode, and the statistics of each BatchNorm for this batch."""
    stats = {}
    x = jax.nn.relu(_conv_norm(params, stats, "stem", image * INPUT_SCALE))
    x = _separable_block(params, stats, "block1", x)
    x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
    x = jax.nn.relu(_conv_norm(params, stats, "widen", x))
    x = _separable_block(params, stats, "block2", x)
    x = jnp.mean(x, (2, 3))
    return x @ params["fc.weight"].T + params["fc.bias"], stats


def _loss(trained, fixed, image, label):
    logits, stats = training_logits({**trained, **fixed}, image)
    target = jax.nn.one_hot(label, CLASSES) * 0.95 + 0.05 / CLASSES  # label smoothing
    loss = -jnp.mean(jnp.sum(target * jax.nn.log_softmax(logits), axis=-1))
    decay = sum(jnp.sum(w * w) for k, w in trained.items() if k.endswith(".weight"))
    return loss + 1e-4 * decay, stats


@jax.jit
def _step(params, first, second, step, rate, image, label):
    """One step of Adam; the running statistics follow the batch's with momentum 0.9."""
    trained = {k: v for k, v in params.items() if is_trained(k)}
    fixed = {k: v for k, v in params.items() if not is_trained(k)}
    (loss, stats), grad = jax.value_and_grad(_loss, has_aux=True)(trained, fixed, image, label)
    first = {k: 0.9 * first[k] + 0.1 * g for k, g in grad.items()}
    second = {k: 0.999 * second[k] + 0.001 * g * g for k, g in grad.items()}
    for k in grad:
        m, v = first[k] / (1 - 0.9**step), second[k] / (1 - 0.999**step)
        trained[k] = trained[k] - rate * m / (jnp.sqrt(v) + 1e-8)
    fixed = {k: 0.9 * v + 0.1 * stats[k] for k, v in fixed.items()}
    return {**trained, **fixed}, first, second, loss


def shifted(images, rng):
    """Each 8x8 image moved by -1, 0 or 1 pixel in both directions; what enters is 0, the paper's grey."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    dy, dx = rng.integers(0, 3, (2, len(images)))
    return np.stack([p[:, y : y + 8, x : x + 8] for p, y, x in zip(padded, dy, dx)])


def train(images, labels, seed, epochs, batch=96):
    """Trains from scratch and returns the parameters as numpy arrays. The same seed gives the same network on
    the same machine and package versions."""
    rng = np.random.default_rng(seed)
    params = initial_parameters(rng)
    first = {k: np.zeros_like(v) for k, v in params.items() if is_trained(k)}
    second = {k: np.zeros_like(v) for k, v in first.items()}
    per_epoch = len(images) // batch
    step = 0
    for epoch in range(epochs):
        order = rng.permutation(len(images))
        augmented = shifted(images, rng)
        total = 0.0
        for i in range(per_epoch):
            chosen = order[i * batch : (i + 1) * batch]
            rate = 0.004 * 0.5 * (1 + np.cos(np.pi * step / (epochs * per_epoch)))
            step += 1
            params, first, second, loss = _step(params, first, second, float(step), rate,
                                                augmented[chosen], labels[chosen])
            total += float(loss)
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1:3d} of {epochs}: loss {total / per_epoch:.4f}", flush=True)
    return {k: np.asarray(v) for k, v in params.items()}
