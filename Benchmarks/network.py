"""The write-up's generator in PyTorch: what every peer runs, and what the fixtures of the tests are made with."""
import torch
import torch.nn as nn
from safetensors.torch import load_file


class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.res_block = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1), nn.BatchNorm2d(channels), nn.PReLU(),
            nn.Conv2d(channels, channels, 3, 1, 1), nn.BatchNorm2d(channels))

    def forward(self, x):
        return x + self.res_block(x)


class Generator(nn.Module):
    def __init__(self, blocks, channels=64):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(3, channels, 9, 1, 4), nn.PReLU())
        self.res_block = nn.Sequential(*[ResidualBlock(channels) for _ in range(blocks)])
        self.conv2 = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1), nn.BatchNorm2d(channels))
        up = []
        for _ in range(2):
            up += [nn.Conv2d(channels, 4 * channels, 3, 1, 1), nn.BatchNorm2d(4 * channels), nn.PixelShuffle(2), nn.PReLU()]
        self.upsampling = nn.Sequential(*up)
        self.conv3 = nn.Conv2d(channels, 3, 9, 1, 4)

    def forward(self, x):
        first = self.conv1(x)
        return self.conv3(self.upsampling(first + self.conv2(self.res_block(first))))


def load(path):
    """The generator of a model file, in evaluation mode."""
    state = load_file(path)
    blocks = 1 + max(int(k.split(".")[1]) for k in state if k.startswith("res_block."))
    generator = Generator(blocks, state["conv3.weight"].shape[1])
    generator.load_state_dict(state, strict=True)
    return generator.eval().requires_grad_(False)


def tile(side):
    """The same pseudo-random tile for every engine, [1, 3, side, side], values in [-1, 1], smooth like a photograph."""
    noise = torch.rand(1, 3, side // 8 + 2, side // 8 + 2, generator=torch.Generator().manual_seed(side))
    return nn.functional.interpolate(noise * 2 - 1, (side, side), mode="bicubic").clamp(-1, 1).contiguous()
