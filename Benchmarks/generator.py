#!/usr/bin/env python3
"""Time the generator of 16 blocks: this project's engine and PyTorch in turn, in one run, on the same weights and input.

  swift build -c release --product srgan-bench
  Benchmarks/generator.py [--model FILE] [--sides 128,256] [--threads 1,2] [--rounds 7]

needs torch (CPU) and safetensors. A round runs every engine once; the table has the medians, the best times, and the ratio of
medians to this project. With several threads, PyTorch spreads one tile over all of them and this project runs a tile on each, as
the service does; times are per tile. The difference is the largest one to PyTorch's single precision, in the range [-1, 1].
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch
from safetensors.torch import load_file, save_file

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../scripts/fixtures"))
from make_fixtures import Generator, hashed_state  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", help="a trained model; default: hashed weights, 16 blocks")
    parser.add_argument("--program", default=".build/release/srgan-bench")
    parser.add_argument("--sides", default="128,256")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--kernels", default="", help="further kernels of ours to compare, such as avx2")
    a = parser.parse_args()
    folder = tempfile.mkdtemp()
    if a.model:
        state = load_file(a.model)
        blocks = 1 + max(int(k.split(".")[1]) for k in state if k.startswith("res_block."))
        g = Generator(blocks=blocks)
        g.load_state_dict(state, strict=False)
        model = a.model
    else:
        g = Generator(blocks=16)
        shapes = {k: list(v.shape) for k, v in g.state_dict().items() if not k.endswith("num_batches_tracked")}
        g.load_state_dict(hashed_state(shapes), strict=False)
        model = f"{folder}/model.safetensors"
        save_file(hashed_state(shapes), model)
    g.eval()
    last = Generator(blocks=len(g.res_block)).eval()
    last.load_state_dict(g.state_dict())
    last = last.to(memory_format=torch.channels_last)

    print("| tile | threads | engine | median s | best s | ratio to ours | largest difference |")
    print("|---|---|---|---|---|---|---|")
    for side in map(int, a.sides.split(",")):
        for threads in map(int, a.threads.split(",")):
            torch.set_num_threads(threads)
            x = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1))
            x.numpy().tofile(f"{folder}/input")
            names = ["ours"] + [f"ours, {k}" for k in a.kernels.split(",") if k]
            ours = {}
            for name in names:
                environment = dict(os.environ)
                if ", " in name:
                    environment["SRGAN_KERNELS"] = name.split(", ")[1]
                process = subprocess.Popen([a.program, model, f"{folder}/input", f"{folder}/output", str(side), str(threads)],
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
                kernels = process.stdout.readline().strip()
                ours[f"ours ({kernels})"] = process

            def run_ours(process):
                process.stdin.write("\n")
                process.stdin.flush()
                return float(process.stdout.readline()) / threads

            def run_torch(network, pixels):
                with torch.inference_mode():
                    start = time.perf_counter()
                    network(pixels)
                    return time.perf_counter() - start

            signed = x * 2 - 1
            engines = {name: (lambda p=process: run_ours(p)) for name, process in ours.items()}
            engines["PyTorch, channels last"] = lambda: run_torch(last, signed.contiguous(memory_format=torch.channels_last))
            engines["PyTorch, default layout"] = lambda: run_torch(g, signed)
            times = {name: [] for name in engines}
            for run in engines.values():
                run()
            for _ in range(a.rounds):
                for name, run in engines.items():
                    times[name].append(run())
            with torch.inference_mode():
                expected = g(signed)[0].numpy()
            base = None
            for name in engines:
                difference = ""
                if name in ours:
                    ours[name].stdin.close()
                    ours[name].wait()
                    output = np.fromfile(f"{folder}/output", np.float32).reshape(expected.shape) * 2 - 1
                    difference = f"{np.abs(output - expected).max():.1e}"
                median = statistics.median(times[name])
                base = base or median
                print(f"| {side} | {threads} | {name} | {median:.3f} | {min(times[name]):.3f} | {median / base:.2f} | {difference} |",
                      flush=True)


if __name__ == "__main__":
    main()
