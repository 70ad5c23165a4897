#!/usr/bin/env python3
"""Measure training steps: srgan train and PyTorch (channels_last) in turn, on the same shapes and all cores.

  .venv/bin/python Benchmarks/training.py [--photos DIR] [--vgg FILE] [--rounds 2] [--steps 8] [--avx2]

A step is 16 crops of 96 x 96 with the generator of 16 blocks. The first table row uses the mean squared error. With --vgg, which names
the weights of VGG-19, the second row is the adversarial stage with the patch discriminator. The script compares the medians of all
steps except the first of each process.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

# Switch off AVX-512 in srgan and in PyTorch. PyTorch's libraries read these variables when they are loaded.
if "--avx2" in sys.argv:
    os.environ |= {"SRGAN_KERNELS": "avx2", "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2",
                   "MKL_ENABLE_INSTRUCTIONS": "AVX2"}

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

from common import BIN, PHOTOS, ROOT, median, row, say, table  # noqa: E402

sys.path.insert(0, os.path.join(ROOT, "scripts/fixtures"))
from make_fixtures import Generator  # noqa: E402
from make_training_fixtures import Discriminator, features  # noqa: E402

VGG = os.path.join(ROOT, "../shared/data/vgg19/vgg19-conv3_4.safetensors")


def ours(program, photos, vgg, steps):
    """Seconds of each step, from the log of a run."""
    with tempfile.TemporaryDirectory() as work:
        lines = [f'stage = "{"adversarial" if vgg else "pretrain"}"', 'output = "run"', "seed = 1", f"iterations = {steps}",
                 f'data = {{ folders = ["{os.path.abspath(photos)}"] }}', "report = { log_every = 1, statistics_batches = 0 }"]
        lines += [f'perceptual = {{ weights = "{os.path.abspath(vgg)}" }}'] if vgg else []
        with open(f"{work}/run.toml", "w") as f:
            f.write("\n".join(lines))
        subprocess.run([program, "train", f"{work}/run.toml"], check=True, capture_output=True)
        with open(f"{work}/run/log.jsonl") as f:
            return [1 / json.loads(line)["iterations_per_second"] for line in f][1:]


def torchs(adversarial, steps):
    prepare = lambda m: m.to(memory_format=torch.channels_last)
    g, d, v = prepare(Generator(16).train()), prepare(Discriminator(64).train()), prepare(features(64).requires_grad_(False))
    g_adam, d_adam = torch.optim.Adam(g.parameters()), torch.optim.Adam(d.parameters())
    low, high = (prepare(torch.rand(16, 3, side, side) * 2 - 1) for side in (24, 96))
    real, fake = lambda s: F.mse_loss(s, torch.ones_like(s)), lambda s: F.mse_loss(s, torch.zeros_like(s))
    times = []
    for _ in range(steps):
        start = time.perf_counter()
        g_adam.zero_grad()
        sr = g(low)
        if adversarial:
            d.requires_grad_(False)
            with torch.no_grad():
                target = v(high)
            (F.mse_loss(v(sr), target) + 1e-3 * real(d(sr))).backward()
            g_adam.step()
            d.requires_grad_(True)
            d_adam.zero_grad()
            ((real(d(high)) + fake(d(sr.detach()))) / 2).backward()
            d_adam.step()
        else:
            F.mse_loss(sr, high).backward()
            g_adam.step()
        times.append(time.perf_counter() - start)
    return times[1:]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--photos", default=PHOTOS)
    p.add_argument("--vgg", default=VGG if os.path.exists(VGG) else None)
    p.add_argument("--program", default=f"{BIN}/srgan")
    p.add_argument("--rounds", type=int, default=2)
    p.add_argument("--steps", type=int, default=8)
    p.add_argument("--avx2", action="store_true", help="measure srgan and PyTorch without AVX-512")
    a = p.parse_args()
    if not os.path.isdir(a.photos):
        sys.exit(f"There are no photographs in {a.photos}. Name a folder with --photos.")
    table("stage", "srgan, s a step", "PyTorch, s a step", "ratio to srgan")
    for vgg in [None] + ([a.vgg] if a.vgg else []):
        name = ("adversarial" if vgg else "pre-training") + (", AVX2" if a.avx2 else "")
        mine, theirs = [], []
        for number in range(a.rounds):
            say(f"training, {name}: round {number + 1} of {a.rounds}")
            mine += ours(a.program, a.photos, vgg, a.steps)
            theirs += torchs(vgg is not None, a.steps)
        row(name, f"{median(mine):.2f}", f"{median(theirs):.2f}", f"{median(theirs) / median(mine):.2f}")


if __name__ == "__main__":
    main()
