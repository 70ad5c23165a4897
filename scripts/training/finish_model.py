#!/usr/bin/env python3
"""Write the metadata of a trained generator: architecture, training, and measured figures.

  finish_model.py TRAINED.safetensors models/NAME.safetensors --program .build/release/srgan --photo FILE
      --training "one sentence" [--figures FILE] [--blend OTHER SHARE]

--blend makes each weight from SHARE of OTHER and the rest of TRAINED. A blend of a model and the network that it was trained from shows
less of the effect of that training (Wang et al., ESRGAN, section 3.4: network interpolation).

The script measures the overlap figures with the program itself: the largest difference between output tiled with an overlap of N
pixels and exact output, which equals untiled output. It uses a photograph and 16-bit files; the unit is 1/255.
"""
import argparse
import json
import os
import subprocess
import tempfile

import numpy as np
from PIL import Image
from safetensors.numpy import load_file, save_file


def upscale(program, model, photo, overlap, work):
    """The 16-bit output as an array. libvips reads the file because Pillow does not support 16-bit colour."""
    out = f"{work}/out.png"
    subprocess.run([program, "upscale", "--force", "--model", model, "--tile", "64", "--overlap", str(overlap), photo, out], check=True)
    subprocess.run(["vips", "rawsave", out, f"{work}/out.raw"], check=True)
    return np.fromfile(f"{work}/out.raw", np.uint16).astype(np.int64)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("trained")
    p.add_argument("model")
    p.add_argument("--program", default=".build/release/srgan")
    p.add_argument("--photo", required=True, help="a photograph of a few hundred pixels a side")
    p.add_argument("--training", required=True)
    p.add_argument("--figures", help="the file that `srgan evaluate --json` wrote")
    p.add_argument("--blend", nargs=2, metavar=("OTHER", "SHARE"))
    a = p.parse_args()
    state = load_file(a.trained)
    if a.blend:
        other, share = load_file(a.blend[0]), np.float32(a.blend[1])
        assert other.keys() == state.keys(), "the two models have different parameters"
        state = {name: (1 - share) * value + share * other[name] for name, value in state.items()}
    blocks = 1 + max(int(k.split(".")[1]) for k in state if k.startswith("res_block."))
    metadata = {
        "format": "pt", "architecture": "srgan-generator", "blocks": str(blocks), "scale": "4", "bn_eps": "1e-05",
        "input_range": "-1,1", "output_range": "-1,1", "final_activation": "none", "license": "Apache-2.0",
        "training": a.training,
    }
    if a.figures:
        with open(a.figures) as f:
            for dataset in json.load(f)["datasets"]:
                scores = [s["psnr"] for image in dataset["images"] for s in image["scores"] if s["method"] != "bicubic"]
                metadata["psnr_y_" + dataset["name"].lower()] = f"{np.mean(scores):.2f}"
    save_file(state, a.model, metadata)
    with tempfile.TemporaryDirectory() as work:
        photo = f"{work}/photo.png"
        subprocess.run(["vips", "linear", a.photo, f"{work}/wide.v", "257", "0"], check=True)
        subprocess.run(["vips", "cast", f"{work}/wide.v", f"{work}/ushort.v", "ushort"], check=True)
        subprocess.run(["vips", "copy", f"{work}/ushort.v", photo, "--interpretation", "rgb16"], check=True)
        exact = upscale(a.program, a.model, photo, "exact", work)
        table = {}
        for overlap in (0, 4, 8, 12, 16, 20, 24):
            table[overlap] = round(float(np.abs(upscale(a.program, a.model, photo, overlap, work) - exact).max()) / 257, 3)
            print(f"overlap {overlap:2}: {table[overlap]} of 255", flush=True)
    metadata["overlap_difference"] = str(table[20])
    metadata["overlap_differences"] = json.dumps(table)
    save_file(state, a.model + ".tmp", metadata)
    os.replace(a.model + ".tmp", a.model)


if __name__ == "__main__":
    main()
