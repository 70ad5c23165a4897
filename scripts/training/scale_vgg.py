#!/usr/bin/env python3
"""Scale VGG-19's weights so that each channel has a mean activation of 1 (Gatys et al., 2016).

  scale_vgg.py VGG19.pth PHOTOGRAPHS OUT.safetensors

VGG19.pth are torchvision's weights. The mean is taken over the images of the folder PHOTOGRAPHS, after each of the first eight
convolutions, up to conv3_4. What a channel's weights are divided by, the weights of the next convolution are multiplied by, so
the network computes the same function but for the scale of its features. The perceptual loss of the examples needs features of
about 1. Needs PyTorch, torchvision, Pillow and safetensors.
"""
import pathlib
import sys

import torch
import torchvision
from PIL import Image
from safetensors.torch import save_file

CONVOLUTIONS = [0, 2, 5, 7, 10, 12, 14, 16]
POOLINGS = [4, 9]
LARGEST_SIDE = 512
MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def images(folder):
    """The images of a folder and its subfolders, normalised, [1, 3, H, W]."""
    normalise = torchvision.transforms.Normalize(MEAN, DEVIATION)
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.suffix.lower() not in (".jpg", ".jpeg", ".png", ".webp"):
            continue
        image = Image.open(path).convert("RGB")
        image.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
        yield normalise(torchvision.transforms.functional.to_tensor(image))[None]


def scaled(weights, batch):
    """The tensors of the first convolutions, scaled by the mean activations over a list of images."""
    result = {}
    with torch.no_grad():
        for layer in CONVOLUTIONS:
            weight, bias = weights[f"features.{layer}.weight"], weights[f"features.{layer}.bias"]
            if layer - 1 in POOLINGS:
                batch = [torch.nn.functional.max_pool2d(x, 2) for x in batch]
            # The input of this layer is scaled already, so its own weights are changed to fit.
            if result:
                weight = weight * mean[None, :, None, None]
            batch = [torch.relu(torch.nn.functional.conv2d(x, weight, bias, padding=1)) for x in batch]
            pixels = sum(x.shape[2] * x.shape[3] for x in batch)
            mean = sum(x.sum((0, 2, 3)) for x in batch) / pixels
            # A channel that is never active stays as it is.
            mean = torch.where(mean > 1e-6, mean, torch.ones_like(mean))
            batch = [x / mean[None, :, None, None] for x in batch]
            result[f"features.{layer}.weight"] = (weight / mean[:, None, None, None]).contiguous()
            result[f"features.{layer}.bias"] = (bias / mean).contiguous()
    return result


def main():
    source, photographs, out = sys.argv[1:]
    weights = torch.load(source, map_location="cpu", weights_only=True)
    batch = [image for image, _ in zip(images(photographs), range(200))]
    if not batch:
        sys.exit(f"{photographs} holds no image.")
    save_file(scaled(weights, batch), out)
    print(f"{out}: scaled by {len(batch)} images")


if __name__ == "__main__":
    main()
