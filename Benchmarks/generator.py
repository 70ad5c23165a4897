#!/usr/bin/env python3
"""Measure a network: srgan and other engines in turn, in one run, on the same weights and input.

  .venv/bin/python Benchmarks/generator.py [--model FILE] [--sides 128,256,512] [--threads 1,2] [--rounds 5,3,1]

A round runs every engine once, each in its own process. The table shows the medians, and their ratios to srgan's median. With several
threads, the other engines spread one tile over all threads; srgan runs one tile on each thread, as the service does. Times are per tile.
All engines compute in single precision. The last column shows the largest difference between an engine's output and the output of
PyTorch in its default layout, in units of half the range of values. The other engines need gigabytes for tiles of 512, so there one engine's process
ends before the next one starts.
"""
import argparse
import os
import sys
import tempfile
import time

import numpy as np
import torch
from safetensors.torch import save_file

from common import BIN, MODEL, ROOT, Engine, cores, median, row, say, table

sys.path.insert(0, os.path.join(ROOT, "scripts/fixtures"))
from make_fixtures import Generator, hashed_state  # noqa: E402

PEERS = "openvino,onnxruntime,ncnn,torch-channels-last,torch"
LARGE = 400


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=MODEL, help="a model file or a checkpoint, or 'hashed' for 16 blocks with weights from a hash")
    parser.add_argument("--program", default=f"{BIN}/srgan-bench")
    parser.add_argument("--peers", default=PEERS, help=f"the engines to compare with; default: {PEERS}; torch-jit is another choice")
    parser.add_argument("--kernels", default="", help="more kernels of srgan to compare, such as avx2")
    parser.add_argument("--sides", default="128,256,512")
    parser.add_argument("--threads", default=f"1,{cores()}" if cores() > 1 else "1")
    parser.add_argument("--rounds", default="5,3,1", help="rounds for each of --sides; the last number also applies to all further sides")
    parser.add_argument("--pause", type=float, default=0.1, help="seconds between two runs, in which an engine's idle threads stop spinning")
    a = parser.parse_args()
    rounds = list(map(int, a.rounds.split(",")))
    table("tile", "threads", "engine", "median s", "best s", "ratio to srgan", "largest difference")
    with tempfile.TemporaryDirectory() as folder:
        if a.model == "hashed":
            a.model = f"{folder}/model.safetensors"
            shapes = {k: list(v.shape) for k, v in Generator(blocks=16).state_dict().items() if not k.endswith("num_batches_tracked")}
            save_file(hashed_state(shapes), a.model)
        for index, side in enumerate(map(int, a.sides.split(","))):
            image = f"{folder}/input"
            torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1)).numpy().tofile(image)
            for threads in map(int, a.threads.split(",")):
                compare(a, image, side, threads, rounds[min(index, len(rounds) - 1)], folder)


def compare(a, image, side, threads, rounds, folder):
    here = os.path.dirname(os.path.abspath(__file__))

    def starter(name, *command, tiles=1, environment=None):
        output = f"{folder}/{name}"
        return lambda: Engine([*command, a.model, image, output, str(side), str(threads)], output, tiles, environment)

    starters = {"ours": starter("ours", a.program, "generator", tiles=threads)}
    for kernels in filter(None, a.kernels.split(",")):
        starters[kernels] = starter(kernels, a.program, "generator", tiles=threads, environment={"SRGAN_KERNELS": kernels})
    for peer in filter(None, a.peers.split(",")):
        starters[peer] = starter(peer, sys.executable, f"{here}/engine.py", peer)

    measured, failures, peers = {}, {}, a.peers.split(",")
    for names in [[name] for name in starters] if side >= LARGE else [list(starters)]:
        run(names, starters, peers, rounds, a.pause, measured, failures, f"{side} x {side}, {threads} thread(s)")

    reference = np.fromfile(f"{folder}/torch", np.float32) * 2 - 1 if "torch" in measured else None
    for name in starters:
        if name in failures:
            row(side, threads, name, failures[name], "", "", "")
            continue
        engine = measured[name]
        shown = engine.name if name in peers else f"srgan ({engine.name})"
        difference = "" if reference is None else f"{np.abs(np.fromfile(engine.output, np.float32) * 2 - 1 - reference).max():.1e}"
        ratio = f"{median(engine.times) / median(measured['ours'].times):.2f}" if "ours" in measured else ""
        row(side, threads, shown, f"{median(engine.times):.3f}", f"{min(engine.times):.3f}", ratio, difference)


def run(names, starters, peers, rounds, pause, measured, failures, what):
    """Starts engines, runs them in turn, and ends them. The first run of each engine is not timed: engine.py makes it before it answers."""
    engines = {}
    for name in names:
        say(f"{what}: starting {name}")
        try:
            engines[name] = starters[name]()
            if name not in peers:
                engines[name].run()
                engines[name].times.clear()
        except RuntimeError as error:
            failures[name] = str(error)
            engines.pop(name, None)
    for number in range(rounds):
        say(f"{what}: round {number + 1} of {rounds}")
        for name, engine in list(engines.items()):
            try:
                engine.run()
            except RuntimeError as error:
                failures[name] = str(error)
                del engines[name]
            time.sleep(pause)
    for engine in engines.values():
        engine.finish()
    measured |= engines


if __name__ == "__main__":
    main()
