#!/usr/bin/env python3
"""PSNR on Y of `srgan upscale` itself, beside bicubic interpolation: the figures of README and model cards.

  evaluate.py --program .build/release/srgan --model srresnet-x4 --set NAME HR_DIR LR_DIR [--set ...] [--json FILE]

HR_DIR holds the true pictures, LR_DIR the same names reduced x4. Y is BT.601's, a border of 4 pixels is left out, and the
program's own 8-bit PNG files are compared.
"""
import argparse
import glob
import json
import math
import os
import subprocess
import tempfile

import numpy as np
from PIL import Image


def luma(image):
    return np.asarray(image.convert("RGB"), np.float64) @ np.array([65.481, 128.553, 24.966]) / 255 + 16


def psnr(a, b):
    difference = (luma(a) - luma(b))[4:-4, 4:-4]
    return 10 * math.log10(255**2 / (difference**2).mean())


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--program", default=".build/release/srgan")
    p.add_argument("--model", default="srresnet-x4")
    p.add_argument("--set", nargs=3, action="append", required=True, metavar=("NAME", "HR_DIR", "LR_DIR"))
    p.add_argument("--json", help="write the figures here too")
    a = p.parse_args()
    figures = {}
    print(f"{'':8} {'bicubic':>8} {a.model:>16}")
    with tempfile.TemporaryDirectory() as work:
        for name, hr_dir, lr_dir in a.set:
            scores = []
            for path in sorted(glob.glob(f"{hr_dir}/*.png")):
                hr = Image.open(path)
                lr_path = f"{lr_dir}/{os.path.basename(path)}"
                out = f"{work}/out.png"
                subprocess.run([a.program, "upscale", "--force", "--model", a.model, lr_path, out], check=True, capture_output=True)
                bicubic = Image.open(lr_path).convert("RGB").resize(hr.size, Image.BICUBIC)
                scores.append((psnr(bicubic, hr), psnr(Image.open(out), hr)))
            bicubic, ours = np.mean(scores, axis=0)
            figures[name] = {"images": len(scores), "bicubic": round(bicubic, 3), "psnr_y": round(ours, 3)}
            print(f"{name:8} {bicubic:8.2f} {ours:16.2f}")
    if a.json:
        with open(a.json, "w") as f:
            json.dump(figures, f, indent=1)


if __name__ == "__main__":
    main()
