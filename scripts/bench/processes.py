"""Child processes: the probe, its events, and what they cost."""

import ctypes
import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).absolute()
PROBE = TARGET / "release/examples/probe"
LOAD = TARGET / "release/examples/load"
SERVER = TARGET / "release/codegraph"
NOBODY = 65534
TICK = 1000 / os.sysconf("SC_CLK_TCK")  # milliseconds
heard = threading.Condition()  # some child has printed a line


class Failed(Exception):
    """A measurement could not be taken."""


def die_with_parent():
    """Between fork and exec: no child outlives a bench that was killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def run(*command, timeout=120, **options):
    """Runs a command to its end and returns what it printed."""
    command = [str(part) for part in command]
    name = Path(command[0]).name
    try:
        done = subprocess.run(
            command, timeout=timeout, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=die_with_parent, **options,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{name} took longer than {timeout} s") from None
    if done.returncode:
        raise Failed(f"{name} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


class Child:
    """A probe that goes on, and the events it prints."""

    def __init__(self, *arguments, env=None, program=PROBE):
        self.events = []
        self.process = subprocess.Popen(
            [str(program), *map(str, arguments)], env=os.environ | (env or {}), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, preexec_fn=die_with_parent,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            with heard:
                self.events.append(json.loads(line))
                heard.notify_all()
        with heard:
            heard.notify_all()

    def seen(self, kind):
        return [event for event in self.events if event["e"] == kind]

    def expect(self, kind, timeout, count=1):
        wait_for(lambda: len(self.seen(kind)) >= count, timeout, f"{count} × `{kind}`", self)
        return self.seen(kind)[count - 1]

    def stop(self, timeout=20):
        """As an operator would, and after a while as the kernel would."""
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.terminate()
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed("a worker did not stop") from None

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def cpu(self):
        return sum(times(self.process.pid)[:2]) * TICK

    def rss(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


def wait_for(come, timeout, what, *children):
    """Waits until something has been printed, as long as somebody is there to print it."""
    with heard:
        alive = lambda: all(child.process.poll() is None for child in children)
        heard.wait_for(lambda: come() or not alive(), timeout)
        if not come():
            raise Failed(f"{what} did not come within {timeout} s" if alive() else "a probe ended early")


def poll(what, timeout, come):
    """Asks again until the answer is true."""
    end = time.monotonic() + timeout
    while not come():
        if time.monotonic() > end:
            raise Failed(f"{what} did not come within {timeout} s")
        time.sleep(0.1)


def times(pid):
    """utime, stime, cutime and cstime of a process, and its parent, all from /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [int(field) for field in fields[11:15]] + [int(fields[1])]
