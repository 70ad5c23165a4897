#!/usr/bin/env python3
"""Train a perceptual generator with PyTorch on the CPU, with losses that draw no grid of 4 pixels.

  train_perceptual.py --start models/srresnet-x4.safetensors --photographs FOLDER... --vgg vgg19-conv3_4.safetensors --out OUT

The loss of the generator is a sum. All images have values in [0, 1].

  pixel        L1 between the output and the photograph
  perceptual   L1 between features of VGG-19 (relu1_2, relu2_2, relu3_4)
  phase        the residual (output less photograph) has a mean in each of the 16 phases of a 4 x 4 lattice. The loss is the mean
               absolute difference between these means and their own mean. Without it, the features draw a grid of 4 pixels.
  adversarial  the non-saturating loss of a U-Net discriminator with spectral normalisation, which gives a score for each pixel

With --degrade, two of three small images may be blurred, noisy and compressed as JPEG. A weight of 0 switches a loss off. This
trains on degraded images with L1 and the phase loss alone:

  train_perceptual.py ... --degrade --batch 8 --perceptual 0 --adversarial 0 --ahead 0

With --pairs, a share of the crops comes from pairs that another network has made: NAME.KIND.lr.png is a degraded small image, and
NAME.t.png is that network's output for it. The low frequencies of the output are replaced by those of the small image, because the
other network may shift colours.

Once a minute and at the end, the script writes OUT/model.safetensors: the averaged weights, in the layout of `srgan train`
without batch normalisation. When it is started again, it continues from OUT/state.pt with other crops.
"""
import argparse
import copy
import glob
import io
import os
import random
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image, ImageFilter
from safetensors.torch import load_file, save_file
from scipy.ndimage import gaussian_filter
from torch.nn.utils.parametrizations import spectral_norm

SCALE = 4
SAVE_EVERY = 60  # seconds


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        def conv():
            return nn.Conv2d(channels, channels, 3, 1, 1)
        self.res_block = nn.Sequential(conv(), nn.Identity(), nn.PReLU(), conv())

    def forward(self, x):
        return x + self.res_block(x)


class Generator(nn.Module):
    """SRGAN's generator without batch normalisation, for images in [0, 1]. The network itself computes in [-1, 1]."""

    def __init__(self, blocks, channels=64):
        super().__init__()
        def upsampling():
            return nn.Conv2d(channels, 4 * channels, 3, 1, 1), nn.PixelShuffle(2), nn.PReLU()
        self.conv1 = nn.Sequential(nn.Conv2d(3, channels, 9, 1, 4), nn.PReLU())
        self.res_block = nn.Sequential(*[Block(channels) for _ in range(blocks)])
        self.conv2 = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1))
        self.upsampling = nn.Sequential(*upsampling(), *upsampling())
        self.conv3 = nn.Conv2d(channels, 3, 9, 1, 4)

    def forward(self, x):
        x = self.conv1(x * 2 - 1)
        return (self.conv3(self.upsampling(x + self.conv2(self.res_block(x)))) + 1) / 2


class Discriminator(nn.Module):
    """A U-Net with spectral normalisation that gives a score for each pixel (Real-ESRGAN's discriminator)."""

    def __init__(self, channels=32):
        super().__init__()
        c = channels
        def conv(inputs, outputs, side=3, stride=1):
            return spectral_norm(nn.Conv2d(inputs, outputs, side, stride, 1, bias=False))
        self.first = nn.Conv2d(3, c, 3, 1, 1)
        self.down = nn.ModuleList([conv(c, 2 * c, 4, 2), conv(2 * c, 4 * c, 4, 2), conv(4 * c, 8 * c, 4, 2)])
        self.up = nn.ModuleList([conv(8 * c, 4 * c), conv(4 * c, 2 * c), conv(2 * c, c)])
        self.last = conv(c, c)
        self.score = nn.Conv2d(c, 1, 3, 1, 1)

    def forward(self, x):
        skips = [F.leaky_relu(self.first(x), 0.2)]
        for layer in self.down:
            skips.append(F.leaky_relu(layer(skips[-1]), 0.2))
        y = skips.pop()
        for layer in self.up:
            y = F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=False)
            y = F.leaky_relu(layer(y), 0.2) + skips.pop()
        return self.score(F.leaky_relu(self.last(y), 0.2))


class Features:
    """VGG-19's features after relu1_2, relu2_2 and relu3_4, for images in [0, 1]."""

    LAYERS = (0, 2, "pool", 5, 7, "pool", 10, 12, 14, 16)
    WEIGHTS = {2: 0.3, 7: 0.3, 16: 0.4}

    def __init__(self, path):
        self.parameters = load_file(path)
        self.mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
        self.std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)

    def __call__(self, x):
        x = (x - self.mean) / self.std
        features = []
        for layer in self.LAYERS:
            if layer == "pool":
                x = F.max_pool2d(x, 2)
                continue
            weight, bias = self.parameters[f"features.{layer}.weight"], self.parameters[f"features.{layer}.bias"]
            x = F.relu(F.conv2d(x, weight, bias, padding=1))
            if layer in self.WEIGHTS:
                features.append(x)
        return features

    def distance(self, output, target):
        with torch.no_grad():
            wanted = self(target)
        return sum(w * F.l1_loss(u, v) for w, u, v in zip(self.WEIGHTS.values(), self(output), wanted))


def crops(small, large, side, rng):
    """The same random part of both images, turned and mirrored by chance."""
    y, x = rng.randint(0, small.shape[0] - side), rng.randint(0, small.shape[1] - side)
    small = small[y : y + side, x : x + side]
    large = large[SCALE * y : SCALE * (y + side), SCALE * x : SCALE * (x + side)]
    turns = rng.randint(0, 3)
    small, large = np.rot90(small, turns), np.rot90(large, turns)
    if rng.random() < 0.5:
        small, large = small[:, ::-1], large[:, ::-1]
    return small, large


class Photographs:
    """Pairs of crops of the photographs and of the small images that are made from them."""

    def __init__(self, folders, degrade):
        files = sorted(f for folder in folders for f in glob.glob(f"{folder}/*.jpg"))
        self.large = [np.asarray(Image.open(f).convert("RGB")) for f in files]
        self.small = [self.reduced(image) for image in self.large]
        self.degrade = degrade

    @staticmethod
    def reduced(image):
        height, width = image.shape[:2]
        return np.asarray(Image.fromarray(image).resize((width // SCALE, height // SCALE), Image.BICUBIC))

    @staticmethod
    def degraded(small, rng):
        image = Image.fromarray(np.ascontiguousarray(small))
        if rng.random() < 0.5:
            image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 1.0)))
        values = np.asarray(image).astype(np.float32)
        if rng.random() < 0.5:
            sigma = rng.uniform(1, 8)
            shape = values.shape if rng.random() < 0.5 else values.shape[:2] + (1,)
            values = values + np.random.normal(0, sigma, shape)
        image = Image.fromarray(values.clip(0, 255).round().astype(np.uint8))
        if rng.random() < 0.8:
            file = io.BytesIO()
            image.save(file, "JPEG", quality=rng.randint(30, 95))
            image = Image.open(file).convert("RGB")
        return np.asarray(image)

    def pair(self, crop, rng):
        index = rng.randrange(len(self.large))
        small, large = crops(self.small[index], self.large[index], crop, rng)
        if self.degrade and rng.random() < 0.67:
            small = self.degraded(small, rng)
        return small, large


class TeacherPairs:
    """Degraded small images with a teacher's outputs as targets."""

    def __init__(self, folder):
        self.small, self.large = [], []
        for path in sorted(glob.glob(f"{folder}/*.t.png")):
            (small,) = glob.glob(f"{glob.escape(path[:-6])}.*.lr.png")
            self.small.append(np.asarray(Image.open(small).convert("RGB")))
            self.large.append(self.corrected(np.asarray(Image.open(path).convert("RGB")), self.small[-1]))

    @staticmethod
    def resized(image, width, height):
        planes = [Image.fromarray(image[..., c]).resize((width, height), Image.BICUBIC) for c in range(3)]
        return np.stack([np.asarray(plane) for plane in planes], -1)

    @classmethod
    def corrected(cls, output, small):
        """The output with the small image's low frequencies: what a blur by 2 small pixels leaves of it."""
        output = output.astype(np.float32)
        height, width = small.shape[:2]
        error = gaussian_filter(small - cls.resized(output, width, height), (2, 2, 0))
        return (output + cls.resized(error, SCALE * width, SCALE * height)).clip(0, 255).round().astype(np.uint8)

    def pair(self, crop, rng):
        index = rng.randrange(len(self.large))
        return crops(self.small[index], self.large[index], crop, rng)


class Mixture:
    """Crops of photographs, and of a teacher's pairs with the given share."""

    def __init__(self, photographs, pairs, share):
        self.photographs, self.pairs, self.share = photographs, pairs, share

    def batch(self, size, crop, rng):
        def source():
            return self.pairs if self.pairs and rng.random() < self.share else self.photographs
        small, large = zip(*[source().pair(crop, rng) for _ in range(size)])
        return tensor(small), tensor(large)


def tensor(images):
    images = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)
    return images.float().div(255).contiguous(memory_format=torch.channels_last)


def phase_loss(output, target):
    count, colours, height, width = output.shape
    residual = (output - target).reshape(count, colours, height // SCALE, SCALE, width // SCALE, SCALE)
    means = residual.mean((2, 4))
    return (means - means.mean((2, 3), keepdim=True)).abs().mean()


def bce(scores, label):
    return F.binary_cross_entropy_with_logits(scores, torch.full_like(scores, label))


class Trainer:
    def __init__(self, a):
        self.a = a
        self.rng = random.Random(1)
        start = load_file(a.start)
        self.generator = Generator(1 + max(int(k.split(".")[1]) for k in start if k.startswith("res_block")))
        self.generator.load_state_dict(start)
        self.generator = self.generator.to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.generator)
        self.discriminator = Discriminator().to(memory_format=torch.channels_last)
        self.generator_adam = torch.optim.Adam(self.generator.parameters(), a.rate, (0.9, 0.99))
        self.discriminator_adam = torch.optim.Adam(self.discriminator.parameters(), 2 * a.rate, (0.9, 0.99))
        self.features = Features(a.vgg) if a.perceptual else None
        self.photographs = Photographs(a.photographs, a.degrade)
        self.pairs = TeacherPairs(a.pairs) if a.pairs else None
        self.mixture = Mixture(self.photographs, self.pairs, a.share)
        self.iteration = 0
        if os.path.exists(f"{a.out}/state.pt"):
            self.resume()

    def parts(self):
        return {
            "G": self.generator, "average": self.average, "D": self.discriminator,
            "og": self.generator_adam, "od": self.discriminator_adam,
        }

    def resume(self):
        state = torch.load(f"{self.a.out}/state.pt")
        for name, part in self.parts().items():
            part.load_state_dict(state[name])
        self.iteration = state["step"]
        self.rng = random.Random(self.iteration)

    def save(self):
        path = f"{self.a.out}/state.pt"
        state = {name: part.state_dict() for name, part in self.parts().items()}
        torch.save({"step": self.iteration, **state}, path + ".part")
        os.replace(path + ".part", path)
        weights = {name: value.contiguous() for name, value in self.average.state_dict().items()}
        save_file(weights, f"{self.a.out}/model.safetensors")

    def generator_step(self, output, target):
        """The four losses, without their weights."""
        a, zero = self.a, torch.zeros(())
        pixel = F.l1_loss(output, target)
        perceptual = self.features.distance(output, target) if a.perceptual else zero
        phase = phase_loss(output, target)
        self.discriminator.requires_grad_(False)
        adversarial = bce(self.discriminator(output), 1.0) if a.adversarial else zero
        loss = a.pixel * pixel + a.perceptual * perceptual + a.phase * phase + a.adversarial * adversarial
        self.generator_adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.generator.parameters(), 2.0)
        self.generator_adam.step()
        self.discriminator.requires_grad_(True)
        return pixel, perceptual, phase, adversarial

    def discriminator_step(self, output, target):
        """The loss, and the difference of the mean scores of photographs and outputs."""
        self.discriminator_adam.zero_grad()
        real, fake = self.discriminator(target), self.discriminator(output.detach())
        loss = bce(real, 1.0) + bce(fake, 0.0)
        loss.backward()
        self.discriminator_adam.step()
        return loss.item(), real.mean().item() - fake.mean().item()

    def step(self):
        """One step of both networks. The figures of the step, or nothing while the discriminator learns alone."""
        small, target = self.mixture.batch(self.a.batch, self.a.crop, self.rng)
        alone = self.iteration < self.a.ahead
        with torch.set_grad_enabled(not alone):
            output = self.generator(small)
        losses = None if alone else self.generator_step(output, target)
        loss_d, margin = self.discriminator_step(output, target) if self.a.adversarial else (0.0, 0.0)
        self.iteration += 1
        if alone:
            return None
        taught = self.iteration - self.a.ahead
        share = min(0.995, taught / (taught + 10))
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.generator.parameters()):
                mean.mul_(share).add_(value, alpha=1 - share)
        pixel, perceptual, phase, adversarial = (loss.item() for loss in losses)
        return pixel * 255, perceptual, phase * 255, adversarial, loss_d, margin

    def run(self):
        pairs = len(self.pairs.large) if self.pairs else 0
        print(len(self.photographs.large), "photographs,", pairs, "pairs of a teacher", flush=True)
        begin = saved = time.time()
        figures = []
        while self.iteration < self.a.steps and time.time() - begin < self.a.minutes * 60:
            step = self.step()
            if step:
                figures.append(step)
            if figures and time.time() - saved > SAVE_EVERY:
                line = "l_g_pix %.2f l_g_percep %.3f phase %.2f l_g_gan %.3f l_d %.3f margin %.2f" % tuple(np.mean(figures, 0))
                print(self.iteration, round(time.time() - begin), line, flush=True)
                figures, saved = [], time.time()
                self.save()
        self.save()
        print("done", self.iteration)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--start", required=True, help="the generator to start from, without batch normalisation")
    p.add_argument("--photographs", nargs="+", required=True, help="folders of JPEG files")
    p.add_argument("--vgg", help="weights of VGG-19 up to conv3_4; not needed with --perceptual 0")
    p.add_argument("--out", required=True)
    p.add_argument("--steps", type=int, default=10000)
    p.add_argument("--minutes", type=float, default=float("inf"), help="stop after this time")
    p.add_argument("--crop", type=int, default=24, help="side of the crops of the small images; a multiple of 2")
    p.add_argument("--batch", type=int, default=4)
    p.add_argument("--rate", type=float, default=1e-4, help="the generator's learning rate; the discriminator's is twice as high")
    p.add_argument("--pixel", type=float, default=1.0, help="weight of a loss, like the next three")
    p.add_argument("--perceptual", type=float, default=0.1)
    p.add_argument("--phase", type=float, default=10.0)
    p.add_argument("--adversarial", type=float, default=0.1)
    p.add_argument("--ahead", type=int, default=100, help="steps in which the discriminator learns alone")
    p.add_argument("--degrade", action="store_true", help="degrade two of three small images")
    p.add_argument("--pairs", help="folder of a teacher's pairs")
    p.add_argument("--share", type=float, default=0.7, help="share of the crops that come from --pairs")
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    if a.perceptual and not a.vgg:
        p.error("--perceptual needs --vgg")
    torch.set_num_threads(a.threads)
    torch.manual_seed(1)
    os.makedirs(a.out, exist_ok=True)
    Trainer(a).run()


if __name__ == "__main__":
    main()
