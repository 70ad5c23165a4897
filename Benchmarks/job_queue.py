#!/usr/bin/env python3
"""Measure the queue: the steps of a job without upscaling, and `srgan-jobs list` on a long history.

  .venv/bin/python Benchmarks/job_queue.py [--history 1000000] [--rounds 9]

A job waits for the disk five times, because each change must be durable before the next step. The table also shows the time of one
such wait. The history consists of copies of a real job's row.
"""
import argparse
import json
import os
import sqlite3
import subprocess
import tempfile
import time

from common import BIN, MODEL, ROOT, median, row, say, table


def sync_milliseconds(folder):
    """Milliseconds for one sync of three pages, as many as a commit writes."""
    descriptor, times = os.open(f"{folder}/sync", os.O_WRONLY | os.O_CREAT), []
    os.write(descriptor, bytes(4 << 20))
    os.fsync(descriptor)
    for number in range(200):
        os.pwrite(descriptor, os.urandom(12288), 12288 * number)
        start = time.perf_counter()
        os.fdatasync(descriptor)
        times.append(1e3 * (time.perf_counter() - start))
    os.close(descriptor)
    return median(times)


def copy_rows(database, wanted):
    """Fills the history with copies of its completed jobs, which doubles their number each time."""
    db = sqlite3.connect(database)
    columns = [c[1] for c in db.execute("PRAGMA table_info(job)") if c[1] != "id"]
    metrics = [c[1] for c in db.execute("PRAGMA table_info(job_metrics)") if c[1] != "job_id"]
    # Each copy gets its own times, a minute apart, and its own source.
    changed = {"source": "CAST('/inbox/' || (id + ?1) || '.jpg' AS BLOB)",
               **{c: f"{c} + ?1 * 60000" for c in ("created_at", "queued_at", "started_at", "finished_at")}}
    count = db.execute("SELECT max(id) FROM job").fetchone()[0]
    while count < wanted:
        step = min(count, wanted - count)
        db.execute(f"INSERT INTO job (id, {', '.join(columns)}) SELECT id + ?1, {', '.join(changed.get(c, c) for c in columns)}"
                   f" FROM job WHERE id <= ?2", (count, step))
        db.execute(f"INSERT INTO job_metrics (job_id, {', '.join(metrics)}) SELECT job_id + ?1, {', '.join(metrics)}"
                   f" FROM job_metrics WHERE job_id <= ?2", (count, step))
        count += step
    db.commit()
    db.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--history", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    a = parser.parse_args()
    os.makedirs(f"{ROOT}/var", exist_ok=True)
    with tempfile.TemporaryDirectory(dir=f"{ROOT}/var") as folder:
        os.makedirs(f"{folder}/state")
        say("queue: steps of a job")
        steps = json.loads(subprocess.run([f"{BIN}/srgan-bench", "queue", f"{folder}/state"], check=True, capture_output=True, text=True).stdout)
        table("step of a job", "median ms")
        row("enqueue", f"{steps['enqueue']:.2f}")
        row("claim", f"{steps['claim']:.2f}")
        row("finish: publishing, completed, original moved", f"{steps['finish']:.2f}")
        row("whole job", f"{steps['job']:.2f}")
        row("one sync of the disk; a job needs five", f"{sync_milliseconds(folder):.2f}")

        say(f"queue: a history of {a.history} jobs")
        copy_rows(f"{folder}/state/srgan.db", a.history)
        with open(f"{folder}/config.toml", "w") as f:
            f.write(f'[state]\ndirectory = "state"\n[[inbox]]\npath = "inbox"\noutbox = "outbox"\nmodel = "{MODEL}"\n')
        table(f"history of {a.history:,} jobs", "median s", "best s")
        for arguments in ["list"], ["list", "--state", "failed"], ["list", "--json"], ["stats"]:
            times = []
            for _ in range(a.rounds):
                start = time.perf_counter()
                subprocess.run([f"{BIN}/srgan-jobs", "--config", f"{folder}/config.toml", *arguments], check=True, stdout=subprocess.DEVNULL)
                times.append(time.perf_counter() - start)
            row(f"srgan-jobs {' '.join(arguments)}", f"{median(times):.3f}", f"{min(times):.3f}")


if __name__ == "__main__":
    main()
