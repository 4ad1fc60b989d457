"""Real Dask clusters on loopback: a scheduler and workers as processes of their own."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


class Cluster:
    """A scheduler; workers join with `start`."""

    def __init__(self, folder):
        from distributed import Client

        self.folder, self.workers, self._logs = folder, [], []
        file = folder / "scheduler.json"
        options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
        self.scheduler = self._run("scheduler", *options, "--scheduler-file", str(file))
        self.client = Client(scheduler_file=str(file), timeout=60, set_as_default=False)
        self.address = self.client.scheduler.address

    def start(self, count=1, *options, **variables):
        """Start workers of one thread and wait until the scheduler has them."""
        for _ in range(count):
            name = f"worker-{len(self.workers)}"
            flags = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name)
            place = ("--local-directory", str(self.folder / name))
            found = self._run("worker", self.address, *flags, *place, *options, **variables)
            self.workers.append(found)
        alive = sum(worker.poll() is None for worker in self.workers)
        self.client.wait_for_workers(alive, timeout=60)

    def kill(self, index):
        """End a worker as a power cut does."""
        self.workers[index].send_signal(signal.SIGKILL)
        self.workers[index].wait()

    def kill_holder(self, key):
        """Kill the worker that holds a key."""
        (address, *_) = self.client.who_has()[key]
        name = self.client.scheduler_info()["workers"][address]["name"]
        self.kill(int(name.rpartition("-")[2]))

    def kill_others(self):
        """Kill all workers but the one that came last."""
        for index, worker in enumerate(self.workers[:-1]):
            if worker.poll() is None:
                self.kill(index)

    def close(self):
        self.client.close()
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
        for log in self._logs:
            log.close()

    def _run(self, kind, *words, **variables):
        log = (self.folder / f"{kind}-{len(self._logs)}.log").open("wb")
        self._logs.append(log)
        path = os.pathsep.join(filter(None, (variables.pop("PYTHONPATH", ""), str(ROOT))))
        environment = os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"} | variables
        argv = (sys.executable, "-m", f"distributed.cli.dask_{kind}", *words)
        return subprocess.Popen(argv, stdout=log, stderr=log, env=environment, cwd=self.folder)


@contextmanager
def running(folder):
    """Give a `Cluster` without workers, and end all of it afterwards."""
    folder.mkdir(exist_ok=True)
    cluster = Cluster(folder)
    try:
        yield cluster
    finally:
        cluster.close()
