#!/usr/bin/env python3
"""Measure how the service uses the cores: many images through `srgand --drain`, with several numbers of processes and threads in turn.

  .venv/bin/python Benchmarks/workers.py [--rounds 3]

Each run has its own state folder and inbox. The time is that of the daemon, from its start to its end. One run has fewer images than
processes, to show whether a single image uses all cores.
"""
import argparse
import os
import subprocess
import tempfile
import time

from common import BIN, MODEL, ROOT, cores, median, photograph, row, say, table

# Number of images, width, height.
LOADS = [(48, 96, 64), (24, 300, 200), (1, 1184, 848)]


def drain(images, processes, threads):
    """Seconds that a daemon needs for the images."""
    with tempfile.TemporaryDirectory(dir=f"{ROOT}/var") as folder:
        os.makedirs(f"{folder}/inbox")
        for index, image in enumerate(images):
            os.link(image, f"{folder}/inbox/{index}.jpg")
        with open(f"{folder}/config.toml", "w") as f:
            f.write(f'[state]\ndirectory = "state"\n[[inbox]]\npath = "inbox"\noutbox = "outbox"\nmodel = "{MODEL}"\n'
                    f'settle_seconds = 0\noriginals = "delete"\n[workers]\nprocesses = {processes}\nthreads = {threads}\n'
                    f'program = "{BIN}/srgan"\n')
        start = time.perf_counter()
        subprocess.run([f"{BIN}/srgand", "--config", f"{folder}/config.toml", "--drain"], check=True, capture_output=True)
        seconds = time.perf_counter() - start
        made = len(os.listdir(f"{folder}/outbox"))
        assert made == len(images), f"{made} of {len(images)} images are in the outbox"
        return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    a = parser.parse_args()
    shares = list(dict.fromkeys([(1, cores()), (cores(), 1), (2, cores()), (cores(), cores())]))
    os.makedirs(f"{ROOT}/var", exist_ok=True)
    table("images", *(f"{processes} x {threads} threads, s" for processes, threads in shares))
    with tempfile.TemporaryDirectory(dir=f"{ROOT}/var") as folder:
        for count, width, height in LOADS:
            # All images differ, because the daemon does not upscale an image twice.
            images = [photograph(f"{folder}/{width}-{i}.jpg", width, height + i) for i in range(count)]
            times = {share: [] for share in shares}
            for number in range(a.rounds):
                say(f"{count} images of {width} x {height}: round {number + 1} of {a.rounds}")
                for share in shares:
                    times[share].append(drain(images, *share))
            row(f"{count} of {width} x {height}", *(f"{median(times[share]):.2f}" for share in shares))


if __name__ == "__main__":
    main()
