#!/usr/bin/env python3
"""Time the generator: this project's engine and its peers in turn, in one run, on the same weights and input.

  Benchmarks/prepare                                  # once: the peers, into .venv
  swift build -c release --product srgan-bench
  .venv/bin/python Benchmarks/generator.py [--model FILE] [--sides 128,256] [--threads 1,2] [--rounds 7]

A round runs every engine once, each in a process of its own; the table has the medians, and the medians' ratios to this project's.
With several threads a peer spreads one tile over all of them, and this project runs a tile on each, as the service does; times are
per tile. All compute in single precision. The difference is the largest one to PyTorch's default layout, in the range [-1, 1].
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
from safetensors.torch import save_file

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "../scripts/fixtures"))
from make_fixtures import Generator, hashed_state  # noqa: E402

PEERS = "openvino,onnxruntime,ncnn,torch-channels-last,torch-jit,torch"


class Engine:
    """A process that runs the network once for each line that it is sent."""

    def __init__(self, command, output, tiles_a_run, environment=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                        env=os.environ | (environment or {}))
        self.output, self.tiles = output, tiles_a_run
        self.name = self.process.stdout.readline().strip()
        assert self.name, f"{command} did not start"
        self.times = []

    def run(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.times.append(float(self.process.stdout.readline()) / self.tiles)

    def finish(self):
        """Ends the process; its output as planes in [-1, 1]."""
        self.process.stdin.close()
        self.process.wait()
        return np.fromfile(self.output, np.float32) * 2 - 1


def processor():
    with open("/proc/cpuinfo") as f:
        names = [line.split(":")[1].strip() for line in f if line.startswith("model name")]
    return f"{names[0]}, {len(names)} cores seen"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a model file; default: hashed weights, 16 blocks")
    parser.add_argument("--program", default=".build/release/srgan-bench")
    parser.add_argument("--peers", default=PEERS)
    parser.add_argument("--kernels", default="", help="further kernels of ours to compare, such as avx2")
    parser.add_argument("--sides", default="128,256")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--pause", type=float, default=0.1, help="seconds between two runs, so that a peer's idle threads stop spinning")
    a = parser.parse_args()
    print(f"{processor()}; {a.rounds} rounds\n")
    print("| tile | threads | engine | median s | best s | times ours | largest difference |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        model = a.model
        if not model:
            model = f"{folder}/model.safetensors"
            shapes = {k: list(v.shape) for k, v in Generator(blocks=16).state_dict().items() if not k.endswith("num_batches_tracked")}
            save_file(hashed_state(shapes), model)
        for side in map(int, a.sides.split(",")):
            picture = f"{folder}/input"
            torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1)).numpy().tofile(picture)
            for threads in map(int, a.threads.split(",")):
                table(a, model, picture, side, threads, folder)


def table(a, model, picture, side, threads, folder):
    def common(name):
        return [model, picture, f"{folder}/{name}", str(side), str(threads)]

    ours = [Engine([a.program, *common("ours")], f"{folder}/ours", threads)]
    for kernels in filter(None, a.kernels.split(",")):
        ours.append(Engine([a.program, *common(kernels)], f"{folder}/{kernels}", threads, {"SRGAN_KERNELS": kernels}))
    for engine in ours:
        engine.name = f"srgan ({engine.name})"
    peers = [Engine([sys.executable, f"{here}/engine.py", name, *common(name)], f"{folder}/{name}", 1)
             for name in filter(None, a.peers.split(","))]
    engines = ours + peers
    for _ in range(a.rounds):
        for engine in engines:
            engine.run()
            time.sleep(a.pause)
    outputs = {engine.name: engine.finish() for engine in engines}
    for engine in engines:
        median = statistics.median(engine.times)
        ratio = median / statistics.median(ours[0].times)
        difference = np.abs(outputs[engine.name] - outputs["torch"]).max() if "torch" in outputs else float("nan")
        print(f"| {side} | {threads} | {engine.name} | {median:.3f} | {min(engine.times):.3f} | {ratio:.2f} | {difference:.1e} |", flush=True)


if __name__ == "__main__":
    main()
