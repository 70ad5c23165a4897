#!/usr/bin/env python3
"""Measure whole jobs, from file to file, and the network alone on the same tiles. Also measure peak memory, and compare one thread
with all cores and tiles with an image in one piece.

  .venv/bin/python Benchmarks/jobs.py [--sizes 0.25,1,4,25] [--rounds 3] [--no-untiled] [--no-pipeline]

The images are JPEG files composed of photographs. A job is `srgan upscale` with one thread for each core. The network alone runs in turn
with the jobs, on the same tiles. Above 1.5 megapixels there is only one round, and the network alone runs on some of the tiles; its time is
scaled to all. Above 10 megapixels the output is only PNG.
"""
import argparse
import json
import os
import subprocess
import tempfile

from common import BIN, MODEL, ROOT, Engine, Job, cores, median, photograph, row, say, table

SIDES = {0.25: (592, 432), 1: (1184, 848), 4: (2368, 1696), 25: (6000, 4176), 100: (11600, 8640)}


def network(width, height, *arguments):
    return Engine([f"{BIN}/srgan-bench", "image", MODEL, str(width), str(height), *map(str, arguments)])


def mebibytes(count):
    return f"{count / (1 << 20):.0f}"


def start_up(folder, rounds):
    """The time until a worker starts its first tile, with an 8 x 8 image whose tile takes almost no time."""
    source = photograph(f"{folder}/tiny.jpg", 8, 8)
    jobs = []
    for number in range(rounds):
        say(f"start of a worker: round {number + 1} of {rounds}")
        jobs.append(Job(source, f"{folder}/tiny.png"))
    table("from a worker's start", "median s", "best s")
    for name, times in (("until the image's header has been read", [j.ready for j in jobs]),
                        ("until the first tile, 8 x 8 pixels, is done", [j.first_tile for j in jobs]),
                        ("until its end", [j.seconds for j in jobs])):
        row(name, f"{median(times):.3f}", f"{min(times):.3f}")


def whole_jobs(folder, sizes, rounds):
    table("Mpixel", "output", "job s", "network alone s", "ratio", "encoder s", "peak MiB", "tiles")
    for size in sizes:
        width, height = SIDES[size]
        source = photograph(f"{folder}/{size}.jpg", width, height)
        is_large = size > 1.5
        sample = ["--sample", 6 * cores()] if is_large else []
        engine = network(width, height, "--threads", cores(), *sample)
        jobs = {ending: [] for ending in (["png"] if size > 10 else ["png", "jpg"])}
        share = float(engine.name.split("share ")[1])
        for number in range(1 if is_large else rounds):
            say(f"{size} Mpixel: round {number + 1} of {1 if is_large else rounds}")
            engine.run()
            for ending, done in jobs.items():
                done.append(Job(source, f"{folder}/out.{ending}", "--threads", str(cores())))
                os.remove(f"{folder}/out.{ending}")
        engine.finish()
        alone = median(engine.times) / share
        for ending, done in jobs.items():
            seconds = median([job.seconds for job in done])
            row(size, ending.upper(), f"{seconds:.2f}", f"{alone:.2f}", f"{seconds / alone:.3f}",
                f"{median([job.result['encode_seconds'] for job in done]):.2f}",
                mebibytes(max(job.result["peak_memory_bytes"] for job in done)), engine.name.split(", share")[0])


def all_cores(sizes, rounds):
    """The network alone on one thread and on all cores, in turn."""
    if cores() == 1:
        return
    table("Mpixel, network alone", "1 thread s", f"{cores()} threads s", "times as fast")
    for size in sizes:
        one, all_of_them = (network(*SIDES[size], "--threads", threads) for threads in (1, cores()))
        for number in range(rounds):
            say(f"{size} Mpixel, 1 and {cores()} threads: round {number + 1} of {rounds}")
            one.run()
            all_of_them.run()
        row(size, f"{median(one.times):.2f}", f"{median(all_of_them.times):.2f}", f"{median(one.times) / median(all_of_them.times):.2f}")
        one.finish()
        all_of_them.finish()


def tiled_and_untiled():
    """The network on 2 megapixels with one thread: in one piece and in tiles."""
    width, height = 1696, 1184
    engines = {"in one piece": network(width, height, "--tile", 4096), "overlap exact": network(width, height, "--overlap", "exact"),
               "overlap 20, the default": network(width, height)}
    for name, engine in engines.items():
        say(f"2 Mpixel, {name}")
        engine.run()
        engine.finish()
    whole = engines["in one piece"].times[0]
    table("2 Mpixel, 1 thread", "s", "ratio", "tiles")
    for name, engine in engines.items():
        row(name, f"{engine.times[0]:.2f}", f"{engine.times[0] / whole:.3f}", engine.name.split(", share")[0])


def pipeline(folder, sizes):
    """Memory and time of decoding and encoding without the network, up to 100 megapixels."""
    table("Mpixel, without the network (pixels are repeated)", "s", "encoding s", "peak MiB")
    for size in sizes:
        say(f"{size} Mpixel without the network")
        source = photograph(f"{folder}/{size}.jpg", *SIDES[size])
        answer = json.loads(subprocess.run([f"{BIN}/srgan-bench", "pipeline", source, f"{folder}/out.png", "--threads", str(cores())],
                                           check=True, capture_output=True, text=True).stdout)
        os.remove(f"{folder}/out.png")
        row(size, f"{answer['seconds']:.1f}", f"{answer['encode_seconds']:.1f}", mebibytes(answer["peak_memory_bytes"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="0.25,1,4,25", help=f"megapixels, chosen from {', '.join(map(str, SIDES))}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-untiled", action="store_true", help="leave out the run of 2 megapixels in one piece, which needs 2 GB")
    parser.add_argument("--no-pipeline", action="store_true", help="leave out the runs without the network")
    a = parser.parse_args()
    sizes = [float(s) if "." in s else int(s) for s in a.sizes.split(",")]
    os.makedirs(f"{ROOT}/var", exist_ok=True)
    # The folder is on the disk, as in a real job; /tmp may be in memory.
    with tempfile.TemporaryDirectory(dir=f"{ROOT}/var") as folder:
        start_up(folder, 5 * a.rounds)
        whole_jobs(folder, sizes, a.rounds)
        all_cores([size for size in sizes if size <= 1], a.rounds)
        if not a.no_untiled:
            tiled_and_untiled()
        if not a.no_pipeline:
            pipeline(folder, [1, 25, 100])


if __name__ == "__main__":
    main()
