"""Train the network of skinmaps.onnx on rendered examples.

    python -m models.training.fit.examples .cache/examples --count 500
    python -m models.training.fit.fit_net .cache/examples --design residual --minutes 30

One core, batches of eight. Every epoch is a checkpoint beside the examples, so that a run that was stopped
goes on; the curve of losses, on people set aside too, is in it. `--write` stores the weights that
`models.training.export` builds the shipped graph from.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch.nn import functional

from models.training.fit.examples import Example, above_matte, read_example
from models.training.graphs.net import HEADS, skin_net
from models.training.graphs.net_graph import (
    COARSE,
    DESIGNS,
    INSIDE,
    MIDDLE,
    SCALE,
    WEIGHTS,
    Design,
    build_planes,
    save_weights,
)
from models.training.issa_constants import Constants, fit_constants
from skinscan.facemesh.canonical_face import load_canonical

__all__ = ["fit", "load_batch"]

_BATCH = 8
_RATE = 2e-3
_DECAY = 1e-4
_REACTION_WEIGHT = 4.0  # a reaction taken for something that covers skin is the error that must not happen
_REACTION = 2.0  # EI from which skin counts as reacting


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Examples at the network's size (N, ..., 128, 128), half precision where that is finer than a photo."""

    planes: torch.Tensor  # (N, 10, H, W)
    scalars: torch.Tensor  # (N, 3, 1, 1)
    parts: torch.Tensor  # (N, 5, H, W) rg, gb, relief, EI and MI of the formulas
    reference: torch.Tensor  # (N, 1, 1, 1)
    truth: torch.Tensor  # (N, 3, H, W) EI, MI, shine
    known: torch.Tensor  # (N, 1, H, W) 0..1 share of the texel whose truth is known
    bare: torch.Tensor  # (N, 1, H, W) 0..1
    seen: torch.Tensor  # (N, 1, H, W) weight of the texel in learning what is bare
    tones: NDArray[np.str_]  # (N,)
    set_aside: NDArray[np.bool_]  # (N,)


class TorchOps:
    """Ops of skin_net on tensors; weights are made when first asked for."""

    def __init__(self, weights: dict[str, tuple[torch.Tensor, torch.Tensor]], seed: int = 0) -> None:
        """Take the weights there are."""
        self.weights = weights
        self._random = torch.Generator().manual_seed(seed)

    def conv(self, name: str, x: torch.Tensor, channels: int, size: int = 3, stride: int = 1) -> torch.Tensor:
        """Convolve."""
        if name not in self.weights:
            fan_in = x.shape[1] * size * size
            kernel = torch.randn(channels, x.shape[1], size, size, generator=self._random)
            kernel = kernel * (0.1 if name == "heads" else 1.0) * math.sqrt(2 / fan_in)
            self.weights[name] = (kernel.requires_grad_(), torch.zeros(channels, requires_grad=True))
        kernel, bias = self.weights[name]
        return functional.conv2d(x, kernel, bias, stride=stride, padding=size // 2)

    def relu(self, x: torch.Tensor) -> torch.Tensor:
        """Set what is negative to zero."""
        return functional.relu(x)

    def add(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """Add."""
        return a + b

    def join(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """Stack channels."""
        return torch.cat([a, b], dim=1)

    def up(self, x: torch.Tensor) -> torch.Tensor:
        """Double the size."""
        return functional.interpolate(x, scale_factor=2, mode="nearest")

    def unfold(self, x: torch.Tensor) -> torch.Tensor:
        """Pixels into channels."""
        n, c, h, w = x.shape
        return (
            x.reshape(n, c, h // 2, 2, w // 2, 2).permute(0, 3, 5, 1, 2, 4).reshape(n, 4 * c, h // 2, w // 2)
        )

    def fold(self, x: torch.Tensor) -> torch.Tensor:
        """Channels into pixels."""
        return functional.pixel_shuffle(x, 2)

    def mean(self, x: torch.Tensor) -> torch.Tensor:
        """Average over the image."""
        return x.mean(dim=(2, 3), keepdim=True)


def load_batch(folder: Path, constants: Constants, design: Design) -> Batch:
    """Read all examples of a folder, through the graph's own planes."""
    session = onnxruntime.InferenceSession(build_planes(constants, design).SerializeToString())
    columns: dict[str, list[Any]] = {name: [] for name in Batch.__dataclass_fields__}
    for path in sorted(folder.glob("*.npz")):
        example = read_example(path)
        if example is None:
            continue
        names = [out.name for out in session.get_outputs()]
        out = dict(zip(names, session.run(None, {k: v[None] for k, v in example.feeds.items()}), strict=True))
        columns["planes"].append(_half_precision(out["planes"]))
        columns["scalars"].append(torch.from_numpy(out["scalars"]))
        parts = [out[name] for name in ("rg", "gb", "relief", "erythema", "melanin")]
        columns["parts"].append(_half_precision(np.clip(np.concatenate(parts, axis=1), -300, 300)))
        columns["reference"].append(torch.from_numpy(out["reference"]))
        truth, known, bare, seen = _truth(example)
        columns["truth"].append(_half_precision(truth))
        columns["known"].append(_half_precision(known))
        columns["bare"].append(_half_precision(bare))
        columns["seen"].append(_half_precision(seen))
        columns["tones"].append(example.tone)
        columns["set_aside"].append(example.set_aside)
    return Batch(
        **{n: torch.cat(v) for n, v in columns.items() if n not in ("tones", "set_aside")},
        tones=np.array(columns["tones"]),
        set_aside=np.array(columns["set_aside"]),
    )


def _half_precision(values: NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(values.astype(np.float16))


def _truth(example: Example) -> tuple[NDArray[Any], ...]:
    """(1, 3, H, W) means over known texels; their share, that of bare skin and its weight, (1, 1, H, W)."""
    clear = example.bare & example.clear
    share = _pooled(clear)
    sums = [_pooled(np.where(clear, m, 0)) for m in (example.erythema, example.melanin, above_matte(example))]
    truth = np.stack(sums) / np.maximum(share, 1e-3)
    zones = load_canonical().zones
    lips = zones["upper_lip"] | zones["lower_lip"]
    seen = _pooled(example.feeds["inside"] * ~lips) * (
        1 + (_REACTION_WEIGHT - 1) * (_pooled(example.rise) > _REACTION)
    )
    return truth[None], share[None, None], _pooled(example.bare)[None, None], seen[None, None]


def _pooled(plane: NDArray[Any]) -> NDArray[np.float32]:
    half = len(plane) // 2
    return np.asarray(plane.astype(np.float32).reshape(half, 2, half, 2).mean(axis=(1, 3)))


def predict(ops: TorchOps, batch: Batch, constants: Constants, design: Design) -> dict[str, torch.Tensor]:
    """Maps (N, 1, H, W): erythema, melanin, shine, bare (a logit), and the log of the spreads."""
    parts = batch.parts.float()
    heads = skin_net(ops, batch.planes.float(), batch.scalars)
    by_name = {name: heads[:, k : k + 1] for k, name in enumerate(HEADS)}
    rg, gb, relief, erythema, melanin = (parts[:, k : k + 1] for k in range(5))
    if design == "level":
        skin = (torch.sigmoid(by_name["bare"]) * batch.planes[:, INSIDE : INSIDE + 1]).detach()
        total = skin.mean(dim=(2, 3), keepdim=True).clamp(min=1e-3)
        erythema, melanin = (
            m + k * (by_name[n] * skin).mean(dim=(2, 3), keepdim=True) / total
            for m, k, n in zip((erythema, melanin), SCALE, ("erythema", "melanin"), strict=True)
        )
    elif design == "residual":
        erythema, melanin = (
            m + k * by_name[n]
            for m, k, n in zip((erythema, melanin), SCALE, ("erythema", "melanin"), strict=True)
        )
    elif design == "direct":
        erythema, melanin = (
            m + k * by_name[n] for m, k, n in zip(MIDDLE, SCALE, ("erythema", "melanin"), strict=True)
        )
    else:
        fields = functional.avg_pool2d(torch.cat([by_name["erythema"], by_name["melanin"]], dim=1), COARSE)
        fields = 10 * functional.interpolate(
            fields, scale_factor=COARSE, mode="bilinear", align_corners=False
        )
        rg, reference = rg + fields[:, :1], batch.reference + fields[:, 1:]
        erythema = _erythema(constants, reference, rg, gb)
        melanin = _melanin(constants, reference + relief, rg, gb)
    return by_name | {
        "erythema": erythema,
        "melanin": melanin,
        "shine": functional.softplus(by_name["shine"]),
    }


def _erythema(constants: Constants, d: torch.Tensor, rg: torch.Tensor, gb: torch.Tensor) -> torch.Tensor:
    squares = (d * d, rg * rg, gb * gb, d * rg, d * gb, rg * gb)
    terms = (torch.ones_like(rg), d, rg, gb, *(s / 100 for s in squares))
    return torch.stack(
        [float(c) * t.expand_as(rg) for c, t in zip(constants.erythema, terms, strict=True)]
    ).sum(0)


def _melanin(constants: Constants, d: torch.Tensor, rg: torch.Tensor, gb: torch.Tensor) -> torch.Tensor:
    offset, red, green, blue = (float(c) for c in constants.melanin)
    return offset + (red + green + blue) * d + (green + blue) * rg + blue * gb


def _loss(found: dict[str, torch.Tensor], batch: Batch) -> torch.Tensor:
    """Sum of what each head owes: local error, error of the face as a whole, spread, and what is skin."""
    truth, known, bare, seen = (t.float() for t in (batch.truth, batch.known, batch.bare, batch.seen))
    weight = (known > 0.5).float() * known
    weight = weight / weight.sum(dim=(2, 3), keepdim=True).clamp(min=1.0)
    total = torch.zeros(())
    for k, (name, scale, whole) in enumerate(
        (("erythema", 2.0, 0.3), ("melanin", 4.0, 0.3), ("shine", 1.0, 0.0))
    ):
        error = found[name] - truth[:, k : k + 1]
        if name == "shine":
            main = (torch.sqrt(found[name] + 0.05) - torch.sqrt(truth[:, k : k + 1] + 0.05)).abs()
            total = total + 2.0 * (weight * main).sum(dim=(2, 3)).mean()
        else:
            mean = (weight * error).sum(dim=(2, 3), keepdim=True)
            error = error - mean
            total = total + (weight * error.abs()).sum(dim=(2, 3)).mean() / scale
            total = total + whole * mean.abs().mean() / scale
        spread = found[f"{name}_spread"].clamp(-5, 5)
        density = error.detach().abs() * 1.414 * torch.exp(-spread) + spread
        total = total + 0.1 * (weight * density).sum(dim=(2, 3)).mean()
    cross = functional.binary_cross_entropy_with_logits(found["bare"], bare, weight=seen, reduction="sum")
    return total + 2.0 * cross / seen.sum().clamp(min=1.0)


def fit(
    batch: Batch, constants: Constants, design: Design, checkpoint: Path, minutes: float, seed: int = 0
) -> dict[str, Any]:
    """Train for `minutes` of CPU time, over all stretches; resume from the checkpoint; return its state."""
    torch.manual_seed(seed)
    ops = TorchOps({}, seed)
    with torch.no_grad():
        predict(ops, batch_of(batch, torch.arange(1), mirrored=False), constants, design)
    names = list(ops.weights)
    parameters = [tensor for name in names for tensor in ops.weights[name]]
    optimiser = torch.optim.AdamW(parameters, lr=_RATE, weight_decay=_DECAY)
    rows = torch.from_numpy(np.flatnonzero(~batch.set_aside))
    state: dict[str, Any] = {"design": design, "seconds": 0.0, "curve": []}
    if checkpoint.exists():
        state |= torch.load(checkpoint, weights_only=True)  # tensors and numbers, which run no code
        with torch.no_grad():
            for tensor, stored in zip(parameters, state["parameters"], strict=True):
                tensor.copy_(stored)
        optimiser.load_state_dict(state["optimiser"])
    mean = state.get("mean", [tensor.detach().clone() for tensor in parameters])
    order = torch.Generator().manual_seed(seed + len(state["curve"]))
    start, before = time.process_time(), state["seconds"]
    while state["seconds"] < 60 * minutes:
        losses = []
        for chosen in rows[torch.randperm(len(rows), generator=order)].split(_BATCH):
            done = (before + time.process_time() - start) / (60 * minutes)
            for group in optimiser.param_groups:
                group["lr"] = _RATE * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))
            part = batch_of(batch, chosen, torch.rand((), generator=order) < 0.5)
            loss = _loss_of(ops, part, constants, design)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 2.0)
            optimiser.step()
            with torch.no_grad():
                for kept, tensor in zip(mean, parameters, strict=True):
                    kept.lerp_(tensor, 0.01)
            losses.append(loss.item())
            if done >= 1.0:
                break
        state["seconds"] = before + time.process_time() - start
        state |= {
            "mean": mean,
            "parameters": [t.detach().clone() for t in parameters],
            "optimiser": optimiser.state_dict(),
        }
        averaged = TorchOps(_named(names, mean))
        state["curve"].append(
            {
                "seconds": round(state["seconds"]),
                "loss": round(float(np.mean(losses)), 4),
                "set_aside": round(held_out_loss(averaged, batch, constants, design), 4),
            }
        )
        print(json.dumps(state["curve"][-1]), flush=True)
        part_file = checkpoint.with_suffix(".part")
        torch.save({name: value for name, value in state.items() if name != "design"}, part_file)
        part_file.replace(checkpoint)
    averaged = TorchOps(_named(names, mean))
    weights = {name: tuple(t.numpy() for t in pair) for name, pair in averaged.weights.items()}
    return {**state, "weights": weights}


def _named(names: list[str], flat: list[torch.Tensor]) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    return {name: (flat[2 * k], flat[2 * k + 1]) for k, name in enumerate(names)}


def batch_of(batch: Batch, rows: torch.Tensor, mirrored: bool | torch.Tensor) -> Batch:
    """Some of the examples, left and right exchanged if `mirrored`."""
    flipped = [-1] if mirrored else []
    tensors = {
        name: getattr(batch, name)[rows].flip(flipped)
        if getattr(batch, name).shape[-1] > 1
        else getattr(batch, name)[rows]
        for name in ("planes", "scalars", "parts", "reference", "truth", "known", "bare", "seen")
    }
    return Batch(**tensors, tones=batch.tones[rows.numpy()], set_aside=batch.set_aside[rows.numpy()])


def held_out_loss(ops: TorchOps, batch: Batch, constants: Constants, design: Design) -> float:
    """Loss on the people set aside."""
    rows = torch.from_numpy(np.flatnonzero(batch.set_aside))
    losses = []
    with torch.no_grad():
        for chosen in rows.split(_BATCH):
            part = batch_of(batch, chosen, mirrored=False)
            losses += [len(chosen) * _loss_of(ops, part, constants, design).item()]
    return float(sum(losses)) / max(len(rows), 1)


def _loss_of(ops: TorchOps, part: Batch, constants: Constants, design: Design) -> torch.Tensor:
    return _loss(predict(ops, part, constants, design), part)


def main() -> None:
    """Train one design."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--design", choices=DESIGNS, default=DESIGNS[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help=f"store the weights in {WEIGHTS.name}")
    given = parser.parse_args()
    torch.set_num_threads(1)
    constants = fit_constants()
    batch = load_batch(given.folder, constants, given.design)
    checkpoint = given.folder / f"{given.design}-{given.seed}.pt"
    state = fit(batch, constants, given.design, checkpoint, given.minutes, given.seed)
    if given.write:
        save_weights(WEIGHTS, given.design, state["weights"])


if __name__ == "__main__":
    main()
