#!/usr/bin/env python3
"""Train the fidelity generator (SRResNet) on a CPU with PyTorch within a given number of minutes.

This is the recipe behind models/srresnet-x4.safetensors; the model card quotes the command line. It differs from the
write-up's recipe in four ways that matter when the budget is hours of a small CPU instead of days of a GPU:

  * no batch normalisation while training (EDSR, Lim et al. 2017). The file written has the write-up's keys all the same:
    its batch-norm entries are the identity;
  * the network starts as an interpolator. Six channels carry +RGB and -RGB past the PReLUs, the two upsampling
    convolutions interpolate quadratically, so that step 0 is about as good as bicubic and every step after it is
    spent on detail;
  * the target is a mix of the photograph and the output of a teacher (a finished SRResNet), whose prediction lacks the
    unpredictable texture that makes the gradient noisy;
  * depth can grow: --init accepts a network with fewer blocks, the new ones start as the identity.

  prepare   train_srresnet.py prepare --photos DIR [--photos DIR] --teacher pre_generator_torch.pth --cache DIR
  train     train_srresnet.py train --cache DIR --out DIR --blocks 16 --minutes 120 [--init FILE] [--monitor HR_DIR LR_DIR]
  evaluate  train_srresnet.py evaluate --init FILE --monitor HR_DIR LR_DIR
"""
import argparse
import glob
import json
import math
import os
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file


class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.res_block = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1), nn.Identity(), nn.PReLU(),
            nn.Conv2d(channels, channels, 3, 1, 1), nn.Identity())

    def forward(self, x):
        return x + self.res_block(x)


class Generator(nn.Module):
    """The write-up's generator with an Identity wherever it has a BatchNorm2d, so that the indices stay its own."""

    def __init__(self, blocks, channels=64):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(3, channels, 9, 1, 4), nn.PReLU())
        self.res_block = nn.Sequential(*[ResidualBlock(channels) for _ in range(blocks)])
        self.conv2 = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1), nn.Identity())
        up = []
        for _ in range(2):
            up += [nn.Conv2d(channels, 4 * channels, 3, 1, 1), nn.Identity(), nn.PixelShuffle(2), nn.PReLU()]
        self.upsampling = nn.Sequential(*up)
        self.conv3 = nn.Conv2d(channels, 3, 9, 1, 4)
        self.start_as_interpolator()

    def forward(self, x):
        first = self.conv1(x)
        return self.conv3(self.upsampling(first + self.conv2(self.res_block(first))))

    @torch.no_grad()
    def start_as_interpolator(self):
        slope = 0.25  # PReLU's initial slope: PReLU(v) - PReLU(-v) = (1 + slope) v
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, a=slope)
                nn.init.zeros_(module.bias)
        for block in self.res_block:
            block.res_block[3].weight.mul_(0.1)
        self.conv2[0].weight.mul_(0.1)
        # Quadratic Lagrange weights of the samples -1, 0, +1 at the offsets -1/4 and +1/4.
        taps = {0: (0.15625, 0.9375, -0.09375), 1: (-0.09375, 0.9375, 0.15625)}
        first = self.conv1[0].weight
        first[:6] = 0
        for c in range(3):
            first[c, c, 4, 4], first[c + 3, c, 4, 4] = 1, -1
        for index in (0, 4):
            weight = self.upsampling[index].weight
            weight.mul_(0.5)
            weight[:24] = 0
            for c in range(6):
                other = (c + 3) % 6
                for dy in range(2):
                    for dx in range(2):
                        kernel = torch.tensor(taps[dy])[:, None] * torch.tensor(taps[dx])[None, :] / (1 + slope)
                        weight[4 * c + 2 * dy + dx, c] = kernel
                        weight[4 * c + 2 * dy + dx, other] = -kernel
        last = self.conv3.weight
        last.mul_(0.02)
        last[:, :6] = 0
        for c in range(3):
            last[c, c, 4, 4], last[c, c + 3, 4, 4] = 1 / (1 + slope), -1 / (1 + slope)


class Teacher(nn.Module):
    """The krasserm SRResNet (Keras origin): [0, 1] in, (tanh + 1) / 2 out, batch-norm eps 1e-3, per-channel PReLU."""

    def __init__(self, path):
        super().__init__()
        self.state = torch.load(path, map_location="cpu", weights_only=True)
        self.blocks = 1 + max(int(k.split(".")[1]) for k in self.state if k.startswith("blocks."))

    def conv(self, name, x):
        weight = self.state[name + ".weight"]
        return F.conv2d(x, weight, self.state[name + ".bias"], padding=weight.shape[-1] // 2)

    def norm(self, name, x):
        s = self.state
        return F.batch_norm(x, s[name + ".running_mean"], s[name + ".running_var"], s[name + ".weight"], s[name + ".bias"], eps=1e-3)

    def forward(self, x):
        s = self.state
        first = x = F.prelu(self.conv("conv_in", x), s["prelu_in.weight"])
        for n in range(self.blocks):
            b = f"blocks.{n}."
            y = F.prelu(self.norm(b + "bn1", self.conv(b + "conv1", x)), s[b + "prelu.weight"])
            x = x + self.norm(b + "bn2", self.conv(b + "conv2", y))
        x = first + self.norm("bn_mid", self.conv("conv_mid", x))
        for n in range(2):
            x = F.prelu(F.pixel_shuffle(self.conv(f"up.{n}.conv", x), 2), s[f"up.{n}.prelu.weight"])
        return (torch.tanh(self.conv("conv_out", x)) + 1) / 2


def as_bytes(x):
    return (x.float().clamp(0, 1) * 255).round().to(torch.uint8)


@torch.no_grad()
def prepare(a):
    """Write hr.npy, lr.npy and teacher.npy: equal square crops as bytes, [image, row, column, channel]."""
    files = sorted(f for d in a.photos for f in glob.glob(f"{d}/*.jpg"))
    side = 384
    os.makedirs(a.cache, exist_ok=True)
    open_array = lambda name, s: np.lib.format.open_memmap(f"{a.cache}/{name}.npy", "w+", np.uint8, (len(files), s, s, 3))
    hr, lr = open_array("hr", side), open_array("lr", side // 4)
    taught = open_array("teacher", side) if a.teacher else None
    teacher = Teacher(a.teacher) if a.teacher else None
    start = time.time()
    for i, f in enumerate(files):
        image = Image.open(f).convert("RGB")
        assert image.size == (side, side), f
        hr[i] = np.asarray(image)
        lr[i] = np.asarray(image.resize((side // 4, side // 4), Image.BICUBIC))
        if teacher is not None:
            x = torch.from_numpy(lr[i].copy()).permute(2, 0, 1)[None].float() / 255
            with torch.autocast("cpu", dtype=torch.bfloat16):
                taught[i] = as_bytes(teacher(x.contiguous(memory_format=torch.channels_last)))[0].permute(1, 2, 0).numpy()
        if i % 100 == 0:
            print(f"{i} of {len(files)}, {time.time() - start:.0f} s", flush=True)


class Crops:
    def __init__(self, cache, hr_side, teacher_share, seed):
        load = lambda name: np.load(f"{cache}/{name}.npy", mmap_mode="r")
        self.hr, self.lr = load("hr"), load("lr")
        self.teacher = load("teacher") if teacher_share > 0 else None
        self.share, self.side, self.random = teacher_share, hr_side // 4, np.random.default_rng(seed)

    def batch(self, n):
        s, r = self.side, self.random
        lr, hr = [], []
        for _ in range(n):
            i = r.integers(len(self.lr))
            y, x = r.integers(self.lr.shape[1] - s + 1, size=2)
            small = self.lr[i, y:y + s, x:x + s]
            window = (i, slice(4 * y, 4 * (y + s)), slice(4 * x, 4 * (x + s)))
            large = self.hr[window].astype(np.float32)
            if self.teacher is not None:
                large += self.share * (self.teacher[window].astype(np.float32) - large)
            turn, flip = r.integers(4), r.integers(2)
            for image, out in ((small.astype(np.float32), lr), (large, hr)):
                image = np.rot90(image, turn)
                out.append(image[:, ::-1] if flip else image)
        tensor = lambda images: torch.from_numpy(np.stack(images) / 127.5 - 1).permute(0, 3, 1, 2)
        return tensor(lr), tensor(hr)


def luma(image):
    return image.astype(np.float64) @ np.array([65.481, 128.553, 24.966]) / 255 + 16


@torch.no_grad()
def psnr(g, hr_dir, lr_dir):
    scores = {}
    for f in sorted(glob.glob(f"{hr_dir}/*.png")):
        name = os.path.basename(f)
        lr_path = next(p for p in (f"{lr_dir}/{name}", f"{lr_dir}/{name.replace('HR', 'LR')}") if os.path.exists(p))
        hr = np.asarray(Image.open(f).convert("RGB"))
        x = torch.from_numpy(np.asarray(Image.open(lr_path).convert("RGB")).copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
        y = as_bytes((g(x.contiguous(memory_format=torch.channels_last)) + 1) / 2)[0].permute(1, 2, 0).numpy()
        d = (luma(y) - luma(hr))[4:-4, 4:-4]
        scores[name] = 10 * math.log10(255**2 / (d**2).mean())
    return scores


def load_generator(path, blocks):
    """Load a file of ours; blocks that it lacks start as the identity."""
    g = Generator(blocks)
    state = {k: v for k, v in load_file(path).items() if k in g.state_dict()}
    have = 1 + max(int(k.split(".")[1]) for k in state if k.startswith("res_block."))
    missing, unexpected = g.load_state_dict(state, strict=False)
    assert not unexpected and all(int(k.split(".")[1]) >= have for k in missing), missing
    with torch.no_grad():
        for block in list(g.res_block)[have:]:
            block.res_block[3].weight.mul_(0.1)
    return g


def write_model(g, path):
    """Write the write-up's keys, its batch-norm layers as the identity: running_var + eps = 1."""
    state = {k: v.detach().clone().contiguous() for k, v in g.state_dict().items()}
    for name, module in g.named_modules():
        if isinstance(module, nn.Identity):
            previous, index = name.rsplit(".", 1)
            n = state[f"{previous}.{int(index) - 1}.weight"].shape[0]
            state |= {f"{name}.weight": torch.ones(n), f"{name}.bias": torch.zeros(n), f"{name}.running_mean": torch.zeros(n),
                      f"{name}.running_var": torch.full((n,), 1 - 1e-5), f"{name}.num_batches_tracked": torch.tensor(0)}
    save_file(state, path + ".tmp")
    os.replace(path + ".tmp", path)


def train(a):
    torch.manual_seed(a.seed)
    os.makedirs(a.out, exist_ok=True)
    log = open(f"{a.out}/log.jsonl", "a")
    g = load_generator(a.init, a.blocks) if a.init else Generator(a.blocks)
    g = g.to(memory_format=torch.channels_last)
    average = load_generator(a.init, a.blocks) if a.init else Generator(a.blocks)
    average.load_state_dict(g.state_dict())
    average = average.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(g.parameters(), lr=a.lr, betas=(0.9, 0.99))
    data = Crops(a.cache, a.hr, a.teacher_share, a.seed)
    start, step, loss_sum, reported = time.time(), 0, 0.0, time.time()

    def report():
        scores = psnr(average, *a.monitor) if a.monitor else {}
        line = {"step": step, "minutes": round((time.time() - start) / 60, 2), "lr": round(rate, 7), "l_g_pix": round(loss_sum, 5)}
        line |= {"psnr_y": round(float(np.mean(list(scores.values()))), 3)} if scores else {}
        print(json.dumps(line), flush=True)
        log.write(json.dumps(line) + "\n")
        log.flush()
        write_model(average, f"{a.out}/generator.safetensors")

    while (share := (time.time() - start) / 60 / a.minutes) < 1:
        # The schedule follows the clock, so that the run ends annealed however busy the machine was.
        rate = a.lr * min(1, (step + 1) / 50) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        lr, hr = data.batch(a.batch)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=not a.fp32):
            sr = g(lr.contiguous(memory_format=torch.channels_last))
        loss = F.l1_loss(sr.float(), hr)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(g.parameters(), 1.0)
        optimizer.step()
        step += 1
        loss_sum += (loss.item() - loss_sum) / min(step, 50)
        with torch.no_grad():
            keep = min(0.998, (step + 1) / (step + 10))
            torch._foreach_lerp_(list(average.parameters()), list(g.parameters()), 1 - keep)
        if step in (10, 50) or time.time() - reported > 60 * a.every:
            report()
            reported = time.time()
    report()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("command", choices=["prepare", "train", "evaluate"])
    p.add_argument("--photos", action="append", default=[])
    p.add_argument("--teacher")
    p.add_argument("--cache")
    p.add_argument("--out")
    p.add_argument("--init")
    p.add_argument("--monitor", nargs=2, metavar=("HR_DIR", "LR_DIR"))
    p.add_argument("--blocks", type=int, default=16)
    p.add_argument("--minutes", type=float, default=60)
    p.add_argument("--every", type=float, default=5, help="minutes between two reports")
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--hr", type=int, default=96, help="side of the HR crops")
    p.add_argument("--lr", type=float, default=5e-4)
    p.add_argument("--teacher-share", type=float, default=0.75)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--fp32", action="store_true", help="no bfloat16 products")
    a = p.parse_args()
    if a.command == "evaluate":
        g = load_generator(a.init, a.blocks)
        scores = psnr(g, *a.monitor)
        print(json.dumps({k: round(v, 2) for k, v in scores.items()} | {"mean": round(float(np.mean(list(scores.values()))), 3)}))
    else:
        {"prepare": prepare, "train": train}[a.command](a)


if __name__ == "__main__":
    main()
