"""Code that the benchmarks share: it runs engines in turn, makes photographs of any size, and times jobs of `srgan upscale`."""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.path.join(ROOT, ".build/release")
MODEL = os.path.join(ROOT, "models/srresnet-x4.safetensors")
PHOTOS = os.path.join(ROOT, "../shared/data/photos-a")
median = statistics.median


def cores():
    return len(os.sched_getaffinity(0))


def say(text):
    """Shows progress on standard error."""
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


def table(*columns):
    print(f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}", flush=True)


def row(*cells):
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


class Engine:
    """A process that runs its work once for each line on its standard input, and answers with the seconds it took."""

    def __init__(self, command, output=None, tiles=1, environment=None):
        # The errors go to a file: a pipe could fill up, because nothing reads it while the engine works.
        complaints = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, text=True,
                                        env=os.environ | (environment or {}))
        self.output, self.tiles, self.times = output, tiles, []
        self.name = self.process.stdout.readline().strip()
        if not self.name:
            status = self.process.wait()
            complaints.seek(0)
            errors = complaints.read().strip().splitlines()
            raise RuntimeError("killed, probably because memory ran out" if status == -9 else (errors or [f"status {status}"])[-1])

    def run(self):
        """Runs the work once more and returns the seconds for one tile."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.name} ended during its work, with status {self.process.wait()}")
        self.times.append(float(answer) / self.tiles)
        return self.times[-1]

    def finish(self):
        self.process.stdin.close()
        self.process.wait()


def photograph(path, width, height):
    """Writes a JPEG image of any size, composed of photographs."""
    from PIL import Image
    if not os.path.exists(PHOTOS):
        subprocess.run([os.path.join(ROOT, "scripts/demo-samples"), os.path.join(ROOT, "var/samples")], check=True)
    folder = PHOTOS if os.path.exists(PHOTOS) else os.path.join(ROOT, "var/samples")
    photos = [Image.open(os.path.join(folder, name)).convert("RGB") for name in sorted(os.listdir(folder))[:60]]
    image, next_photo, y = Image.new("RGB", (width, height)), 0, 0
    while y < height:
        x, step = 0, height
        while x < width:
            photo = photos[next_photo % len(photos)]
            image.paste(photo, (x, y))
            next_photo, x, step = next_photo + 1, x + photo.width, min(step, photo.height)
        y += step
    image.save(path, quality=92)
    return path


class Job:
    """One run of the worker, with the seconds until it has read the image's header, until its first tile, and until its end."""

    def __init__(self, source, target, *arguments):
        start = time.perf_counter()
        worker = subprocess.Popen([f"{BIN}/srgan", "upscale", source, target, "--json", "--force", "--model", MODEL, *arguments],
                                  stderr=subprocess.PIPE, text=True)
        self.ready = self.first_tile = None
        for line in worker.stderr:
            event = json.loads(line)
            now = time.perf_counter() - start
            if event["event"] == "input":
                self.ready = now
            elif event["event"] == "progress" and self.first_tile is None:
                self.first_tile = now
            elif event["event"] == "error":
                raise RuntimeError(event["message"])
            elif event["event"] == "result":
                self.result = event
        worker.wait()
        self.seconds = time.perf_counter() - start
