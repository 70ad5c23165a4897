#!/usr/bin/env python3
"""Train the shipped networks on a GPU with PyTorch. It trains the same networks as `srgan train`, in minutes instead of hours.

  train_on_gpu.py STAGE... --photographs DIR [DIR ...] --out DIR [--teacher FILE] [--vgg FILE] [--initial FILE] [--lr-set DIR --hr-set DIR]

A stage is NAME:SECONDS[:INITIAL]. Stages run in order. INITIAL names an earlier stage's result in --out; without it, a stage starts
from the file --initial, if given.

  fidelity   L1, at the end mean squared error, on clean small images; a teacher's output is mixed into the target
  photo      L1 on degraded small images (blur, kernels, noise, JPEG), as in examples/photo.toml, with the same mixed target
  srgan      perceptual and adversarial, on clean small images
  photogan   perceptual and adversarial, on degraded small images

Each stage writes DIR/NAME.safetensors: the averaged weights, in the layout of `srgan train`, without batch normalisation.
The photographs must be squares of one size. All data are on the device: a batch is one gather operation, and a step is one CUDA
graph. The small images are made once for several positions of the pixel grid, and so is the teacher's output for them, the mean over
four symmetries of the square.
"""
import argparse
import copy
import glob
import io
import json
import math
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file

SCALE = 4
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
START = time.time()


def say(**values):
    print(json.dumps({"at": round(time.time() - START, 1), **values}), flush=True)


# MARK: networks


class Generator(nn.Module):
    """SRGAN's generator without batch normalisation. `slopes` is 1 for a shared PReLU and 64 for one slope per channel."""

    def __init__(self, blocks=16, slopes=1, tanh=False):
        super().__init__()
        def conv(inputs, outputs, side):
            return nn.Conv2d(inputs, outputs, side, padding=side // 2)
        def block():
            return nn.Sequential(conv(64, 64, 3), nn.Identity(), nn.PReLU(slopes), conv(64, 64, 3), nn.Identity())
        self.conv1 = nn.Sequential(conv(3, 64, 9), nn.PReLU(slopes))
        self.res_block = nn.ModuleList(nn.ModuleDict({"res_block": block()}) for _ in range(blocks))
        self.conv2 = nn.Sequential(conv(64, 64, 3))
        upsampling = [layer for _ in range(2) for layer in (conv(64, 256, 3), nn.PixelShuffle(2), nn.PReLU(slopes))]
        self.upsampling = nn.Sequential(*upsampling)
        self.conv3 = conv(64, 3, 9)
        self.tanh = tanh

    def forward(self, x):
        x = self.conv1(x)
        y = x
        for block in self.res_block:
            y = y + block["res_block"](y)
        x = self.conv3(self.upsampling(x + self.conv2(y)))
        return torch.tanh(x) if self.tanh else x


def folded(state, epsilon):
    """A state dict without batch normalisation: running statistics are folded into the convolution before it."""
    state = {name: value.double() for name, value in state.items()}
    for name in [n.removesuffix(".running_var") for n in state if n.endswith(".running_var")]:
        path, index = name.rsplit(".", 1)
        before = f"{path}.{int(index) - 1}"
        factor = state.pop(f"{name}.weight") / (state.pop(f"{name}.running_var") + epsilon).sqrt()
        mean, shift = state.pop(f"{name}.running_mean"), state.pop(f"{name}.bias")
        state[f"{before}.weight"] *= factor.view(-1, 1, 1, 1)
        state[f"{before}.bias"] = (state[f"{before}.bias"] - mean) * factor + shift
    return {name: value.float() for name, value in state.items()}


class Discriminator(nn.Module):
    """PyTorch-GAN's patch discriminator (docs/training.md)."""

    def __init__(self, channels=64):
        super().__init__()
        layers, inputs = [], 3
        for k, outputs in enumerate(channels * m for m in (1, 2, 4, 8)):
            layers += [nn.Conv2d(inputs, outputs, 3, 1, 1)] + ([nn.BatchNorm2d(outputs)] if k else []) + [nn.LeakyReLU(0.2)]
            layers += [nn.Conv2d(outputs, outputs, 3, 2, 1), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2)]
            inputs = outputs
        self.model = nn.Sequential(*layers, nn.Conv2d(inputs, 1, 3, 1, 1))

    def forward(self, x):
        return self.model(x)


class Features(nn.Module):
    """VGG-19 up to the ReLU after conv3_4, for images in [-1, 1]."""

    def __init__(self, path):
        super().__init__()
        layers, inputs = [], 3
        for width, count in ((64, 2), (128, 2), (256, 4)):
            for _ in range(count):
                layers += [nn.Conv2d(inputs, width, 3, 1, 1), nn.ReLU()]
                inputs = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers[:-1])
        self.load_state_dict({k: v.float() for k, v in load_file(path).items()})
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        self.eval().requires_grad_(False)

    def forward(self, x):
        return self.features((x * 0.5 + 0.5 - self.mean) / self.std)


# MARK: data


def photographs(folders):
    files = sorted(f for folder in folders for f in glob.glob(f"{folder}/**/*.jpg", recursive=True))
    with ThreadPoolExecutor() as pool:
        images = list(pool.map(lambda f: np.asarray(Image.open(f).convert("RGB")), files))
    return torch.from_numpy(np.stack(images)).to(DEVICE)


def window(images, phase):
    """Images cropped by an offset inside the first small pixel: each phase gives different small images. N x 3 x H x W floats."""
    side = images.shape[1] - SCALE
    part = images[:, phase[0] : phase[0] + side, phase[1] : phase[1] + side]
    return part.permute(0, 3, 1, 2).float()


def bytes_of(images):
    return images.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def reduced(images, kernel="bicubic"):
    if kernel == "area":
        return F.avg_pool2d(images, SCALE)
    return F.interpolate(images, scale_factor=1 / SCALE, mode=kernel, antialias=True)


def blur_kernels(count, radius=6):
    """Half of the kernels blur, with deviations of 0.2 to 2 pixels of the photograph; 0.3 of those have two different deviations."""
    along = torch.empty(count).uniform_(0.2, 2)
    across = torch.where(torch.rand(count) < 0.3, torch.empty(count).uniform_(0.2, 2), along)
    angle = torch.rand(count) * math.pi
    place = torch.arange(-radius, radius + 1.0)
    y, x = place.view(1, -1, 1), place.view(1, 1, -1)
    c, s = torch.cos(angle).view(-1, 1, 1), torch.sin(angle).view(-1, 1, 1)
    u, v = (c * x + s * y) / along.view(-1, 1, 1), (c * y - s * x) / across.view(-1, 1, 1)
    kernels = torch.exp(-0.5 * (u * u + v * v))
    sharp = torch.zeros(2 * radius + 1, 2 * radius + 1)
    sharp[radius, radius] = 1
    kernels = torch.where((torch.rand(count) < 0.5).view(-1, 1, 1), kernels, sharp)
    return (kernels / kernels.sum((1, 2), keepdim=True)).to(DEVICE)


def compressed(image):
    """Compresses four images in five as JPEG of quality 30 to 95; below 90, colours have half the resolution, as in libvips."""
    if random.random() >= 0.8:
        return image
    quality, file = random.randint(30, 95), io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality, subsampling=2 if quality < 90 else 0)
    return np.asarray(Image.open(file).convert("RGB"))


def degraded(images, phase):
    """Small versions of all images, each degraded at random, as `[degradation]` in examples/photo.toml describes."""
    small = []
    for part in images.split(64):
        big = window(part, phase)
        n, _, h, w = big.shape
        kernels = blur_kernels(n).repeat_interleave(3, 0).unsqueeze(1)
        big = F.conv2d(F.pad(big, (6, 6, 6, 6), "replicate").reshape(1, 3 * n, h + 12, w + 12), kernels, groups=3 * n).view(n, 3, h, w)
        ways = torch.stack([reduced(big, kernel) for kernel in ("bicubic", "area", "bilinear")])
        low = ways[torch.randint(3, (n,), device=DEVICE), torch.arange(n, device=DEVICE)]
        noise = torch.randn_like(low)
        noise = torch.where((torch.rand(n, 1, 1, 1, device=DEVICE) < 0.5), noise[:, :1], noise)
        deviation = torch.empty(n, 1, 1, 1, device=DEVICE).uniform_(1, 8) * (torch.rand(n, 1, 1, 1, device=DEVICE) < 0.4)
        small.append(bytes_of(low + noise * deviation))
    with ThreadPoolExecutor() as pool:
        return torch.from_numpy(np.stack(list(pool.map(compressed, torch.cat(small).cpu().numpy())))).to(DEVICE)


@torch.no_grad()
def taught(teacher, low, symmetries=4):
    """The teacher's output for small images: N x H x W x 3 half-precision numbers in [-1, 1]."""
    results = []
    for part in low.split(32):
        x = (part.permute(0, 3, 1, 2).float() / 255).contiguous(memory_format=torch.channels_last)
        total = 0
        for k in range(symmetries):
            flips = [d for bit, d in ((1, 2), (2, 3)) if k & bit]
            with torch.autocast(DEVICE, dtype=torch.float16, enabled=DEVICE == "cuda"):
                y = teacher(x.flip(flips))
            total = total + y.float().flip(flips)
        results.append((total / symmetries).permute(0, 2, 3, 1).half().contiguous())
    return torch.cat(results)


class Pool:
    """Several small versions of each photograph, and the offsets of their pixel grids."""

    PHASES = [(0, 0), (2, 1), (1, 3), (3, 2)]

    def __init__(self, images, versions, degrade, targets=None):
        self.images, self.targets = images, targets
        low = []
        for version in range(versions):
            phase = self.PHASES[version % len(self.PHASES)]
            if degrade:
                low.append(degraded(images, phase))
            else:
                low.append(torch.cat([bytes_of(reduced(window(part, phase))) for part in images.split(128)]))
        self.low = torch.stack(low)
        self.phases = torch.tensor(self.PHASES, device=DEVICE)

    def teach(self, teacher):
        self.targets = torch.stack([taught(teacher, low) for low in self.low])

    def batch(self, count, side):
        """Patches of the small images, of the photographs and of the target, in [-1, 1], channels last in memory."""
        versions, number, h, w, _ = self.low.shape
        def draw(limit):
            return torch.randint(limit, (count, 1, 1), device=DEVICE)
        version, i = draw(versions), draw(number)
        border = 2  # at the border the kernel had no neighbouring pixels
        y, x = draw(h - 2 * border - side) + border, draw(w - 2 * border - side) + border
        turn = torch.rand(3, count, 1, 1, device=DEVICE) < 0.5
        def square(side):
            u, v = torch.arange(side, device=DEVICE).view(1, -1, 1), torch.arange(side, device=DEVICE).view(1, 1, -1)
            a, b = torch.where(turn[0], v, u), torch.where(turn[0], u, v)
            return torch.where(turn[1], side - 1 - a, a), torch.where(turn[2], side - 1 - b, b)
        a, b = square(side)
        low = self.low[version, i, y + a, x + b].permute(0, 3, 1, 2).float() / 127.5 - 1
        a, b = square(SCALE * side)
        phase = version % len(self.PHASES)
        row, column = SCALE * y + a, SCALE * x + b
        high = self.images[i, self.phases[phase, 0] + row, self.phases[phase, 1] + column]
        high = high.permute(0, 3, 1, 2).float() / 127.5 - 1
        target = self.targets[phase, i, row, column].permute(0, 3, 1, 2).float() if self.targets is not None else high
        return low, high, target


# MARK: training


def graphed(step):
    """The step as one CUDA graph, and the tensors with its losses; without a GPU, the step itself."""
    if DEVICE != "cuda":
        return step, None
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(4):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        logs = step()
    def replay():
        graph.replay()
        return logs
    return replay, logs


class Run:
    """One stage: a generator, its optimisers, and its averaged weights."""

    def __init__(self, generator, learning_rate):
        self.generator = generator
        self.average = copy.deepcopy(generator).requires_grad_(False)
        self.peak = learning_rate
        self.rate = torch.tensor(learning_rate, device=DEVICE)
        self.share = torch.zeros((), device=DEVICE)
        self.squared = torch.zeros((), device=DEVICE)
        self.optimizers = [self.optimizer(generator)]

    def optimizer(self, network):
        return torch.optim.Adam(
            network.parameters(), lr=self.rate, betas=(0.9, 0.99), capturable=DEVICE == "cuda", fused=DEVICE == "cuda")

    def update(self, network, optimizer, loss):
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0, foreach=True)
        optimizer.step()

    def follow(self):
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.generator.parameters()), 0.001)

    def pixel_step(self, pool, batch, side):
        low, high, target = pool.batch(batch, side)
        with torch.autocast(DEVICE, dtype=torch.bfloat16, cache_enabled=False, enabled=DEVICE == "cuda"):
            output = self.generator(low)
        difference = output.float() - torch.lerp(high, target, self.share)
        absolute, squared = difference.abs().mean(), difference.square().mean()
        self.update(self.generator, self.optimizers[0], torch.lerp(absolute, 10 * squared, self.squared))
        self.follow()
        return {"l_g_pix": absolute.detach(), "mse": squared.detach()}

    def adversarial_step(self, pool, batch, side, discriminator, features, weights):
        low, high, _ = pool.batch(batch, side)
        # Moved by up to 3 pixels: otherwise both networks would see the 16 pixels of each small pixel always at the same places of
        # their own grids.
        place = torch.arange(SCALE * (side - 1), device=DEVICE) + torch.randint(SCALE, (2, 1), device=DEVICE)
        def moved(image):
            image = image.index_select(2, place[0]).index_select(3, place[1])
            return image.contiguous(memory_format=torch.channels_last)
        with torch.autocast(DEVICE, dtype=torch.bfloat16, cache_enabled=False, enabled=DEVICE == "cuda"):
            output = self.generator(low)
            fake, real = moved(output), moved(high)
            discriminator.requires_grad_(False)
            judged = discriminator(fake)
            seen, wanted = features(fake), features(real)
        content = F.mse_loss(seen.float(), wanted.float())
        adversarial = (judged.float() - 1).square().mean()
        pixel = F.l1_loss(output.float(), high)
        self.update(
            self.generator, self.optimizers[0], content + weights["adversarial"] * adversarial + weights["pixel"] * pixel)
        discriminator.requires_grad_(True)
        with torch.autocast(DEVICE, dtype=torch.bfloat16, cache_enabled=False, enabled=DEVICE == "cuda"):
            of_real, of_fake = discriminator(real), discriminator(fake.detach())
        d_real, d_fake = (of_real.float() - 1).square().mean(), of_fake.float().square().mean()
        self.update(discriminator, self.optimizers[1], (d_real + d_fake) / 2)
        self.follow()
        return {
            "l_g_percep": content.detach(), "l_g_gan": adversarial.detach(), "l_g_pix": pixel.detach(), "l_d_real": d_real.detach(),
            "l_d_fake": d_fake.detach()}

    def train(self, step, seconds, share=(0, 0), squared_from=2):
        """Repeats a step for a given time, with a cosine schedule; returns the number of steps."""
        step, _ = graphed(step)
        begin, done, shown = time.time(), 0, -15
        good, logs = copy.deepcopy(self.generator.state_dict()), None
        while (elapsed := time.time() - begin) < seconds:
            progress = elapsed / seconds
            self.rate.fill_(self.peak * min(1, (done + 1) / 300) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress))))
            self.share.fill_(share[0] + (share[1] - share[0]) * progress)
            self.squared.fill_(float(progress > squared_from))
            for _ in range(40 if DEVICE == "cuda" else 1):
                logs = step()
                done += 1
            values = {name: round(float(value), 5) for name, value in logs.items()}  # float() waits for the device
            if not all(map(math.isfinite, values.values())):
                say(step=done, lost=values)
                with torch.no_grad():
                    for name, value in self.generator.state_dict().items():
                        value.copy_(good[name])
                    for name, value in self.average.state_dict().items():
                        value.copy_(good[name])
                for optimizer in self.optimizers:
                    for state in optimizer.state.values():
                        for value in state.values():
                            value.zero_()
                self.peak /= 2
            elif elapsed - shown >= 15:
                good = copy.deepcopy(self.generator.state_dict())
                say(step=done, seconds=round(elapsed, 1), **values)
                shown = elapsed
        return done


@torch.no_grad()
def psnr(generator, low_set, high_set):
    """Mean PSNR on Y over a set, without a border of 4 pixels."""
    weights = np.array([65.481, 128.553, 24.966]) / 255
    scores = []
    for path in sorted(glob.glob(f"{high_set}/*.png")):
        low = torch.from_numpy(np.array(Image.open(f"{low_set}/{os.path.basename(path)}").convert("RGB"))).to(DEVICE)
        high = np.asarray(Image.open(path).convert("RGB")).astype(np.float64)
        y = generator(low.permute(2, 0, 1)[None].float() / 127.5 - 1)[0].float()
        y = ((y.clamp(-1, 1) + 1) * 127.5).round().permute(1, 2, 0).cpu().numpy().astype(np.float64)
        difference = ((y - high[: y.shape[0], : y.shape[1]]) @ weights)[4:-4, 4:-4]
        scores.append(10 * math.log10(255**2 / np.mean(difference**2)))
    return round(float(np.mean(scores)), 3)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", nargs="+")
    parser.add_argument("--photographs", nargs="+", required=True)
    parser.add_argument("--out", required=True)
    for name in ("teacher", "vgg", "initial", "lr-set", "hr-set"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--side", type=int, default=32, help="side of a small patch in pixels")
    parser.add_argument("--versions", type=int, default=16, help="degraded versions of each photograph")
    parser.add_argument("--blocks", type=int, default=16)
    parser.add_argument("--rate", type=float, default=5e-4, help="learning rate of stage fidelity; the other stages use 2e-4")
    parser.add_argument("--adversarial", type=float, default=1e-2)
    parser.add_argument("--pixel", type=float, default=0.2)
    a = parser.parse_args()
    os.makedirs(a.out, exist_ok=True)
    random.seed(1)
    torch.manual_seed(1)
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    images = photographs(a.photographs)
    say(photographs=len(images), device=torch.cuda.get_device_name() if DEVICE == "cuda" else "cpu", torch=torch.__version__)
    clean = Pool(images, len(Pool.PHASES), degrade=False)
    if a.teacher:
        state = folded(load_file(a.teacher), 1e-3)
        teacher = Generator(1 + max(int(k.split(".")[1]) for k in state if k.startswith("res_block.")), 64, tanh=True)
        teacher.load_state_dict(state)
        clean.teach(teacher.eval().to(DEVICE, memory_format=torch.channels_last))
        say(taught=list(clean.targets.shape))
    spoiled = None
    for stage in a.stages:
        name, seconds, *initial = stage.split(":")
        generator = Generator(a.blocks).to(DEVICE, memory_format=torch.channels_last)
        path = f"{a.out}/{initial[0]}.safetensors" if initial else a.initial
        if path:
            generator.load_state_dict({k: v.float() for k, v in load_file(path).items()})
        if name.startswith("photo") and spoiled is None:
            spoiled = Pool(images, a.versions, degrade=True, targets=clean.targets)
            say(degraded=list(spoiled.low.shape))
        pool = spoiled if name.startswith("photo") else clean
        torch.backends.cudnn.benchmark = True
        if name in ("srgan", "photogan"):
            run = Run(generator, 2e-4)
            discriminator = Discriminator().to(DEVICE, memory_format=torch.channels_last)
            run.optimizers.append(run.optimizer(discriminator))
            features = Features(a.vgg).to(DEVICE, memory_format=torch.channels_last)
            weights = {"adversarial": a.adversarial, "pixel": a.pixel}
            done = run.train(
                lambda: run.adversarial_step(pool, a.batch, a.side + 1, discriminator, features, weights), float(seconds))
        else:
            run = Run(generator, a.rate if name.startswith("fidelity") else 2e-4)
            share = (0, 0) if pool.targets is None else (0.75, 0.25) if name.startswith("fidelity") else (0.5, 0.0)
            done = run.train(
                lambda: run.pixel_step(pool, a.batch, a.side), float(seconds), share,
                squared_from=0.75 if name.startswith("fidelity") else 2)
        torch.backends.cudnn.benchmark = False
        score = psnr(run.average, a.lr_set, a.hr_set) if a.lr_set else None
        say(stage=stage, steps=done, psnr=score)
        save_file(
            {k: v.contiguous() for k, v in run.average.state_dict().items()}, f"{a.out}/{name}.safetensors",
            metadata={"stage": stage, "steps": str(done), "batch": str(a.batch), "side": str(a.side)})


if __name__ == "__main__":
    main()
