"""How long a program measures: the twin of src/harness/effort.ts."""

import threading
from dataclasses import dataclass
from math import ceil
from time import perf_counter

# So many operations are tried first.
FIRST = 50
# So many tries must have been long enough: a first one may be long for other reasons.
LONG_TRIES = 3


@dataclass(frozen=True)
class Effort:
    sample: float  # milliseconds that one sample takes at least
    samples: int  # samples that one process takes


def time_per_operation(effort, run):
    """Samples of the time that one operation takes, in nanoseconds.

    The number of operations grows until they take long enough, which is the warm-up as well.
    `run` does so many operations, and returns the seconds that they took.
    """
    count, tries = FIRST, 0
    while tries < LONG_TRIES:
        took = run(count) * 1e3
        if took >= effort.sample:
            tries += 1
        else:
            wanted = 1.2 * effort.sample / max(took, 1e-3)
            count = ceil(count * min(max(wanted, 1.5), 10))
    return [run(count) / count * 1e9 for _ in range(effort.samples)]


def time_threads(targets):
    """Seconds that threads take for a target each, from the moment at which all are ready."""
    here = threading.Barrier(len(targets) + 1)
    go = threading.Event()

    def member(target):
        here.wait()
        go.wait()
        target()

    crew = [threading.Thread(target=member, args=(target,)) for target in targets]
    for thread in crew:
        thread.start()
    here.wait()
    start = perf_counter()
    go.set()
    for thread in crew:
        thread.join()
    return perf_counter() - start
