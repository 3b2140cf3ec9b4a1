"""CPython has no atomic numbers: an int and the lock that guards it."""

import threading
from itertools import repeat
from math import ceil
from time import perf_counter

from effort import time_per_operation, time_threads


def uncontended(effort):
    lock = threading.Lock()

    def run(count):
        value = 0
        start = perf_counter()
        for _ in repeat(None, count):
            with lock:
                value += 1
        took = perf_counter() - start
        assert value == count
        return took

    return {"time": time_per_operation(effort, run)}


def contended(effort, threads):
    lock = threading.Lock()
    value = 0

    def run(count):
        nonlocal value
        each = ceil(count / threads)
        value = 0

        def add():
            nonlocal value
            for _ in repeat(None, each):
                with lock:
                    value += 1

        took = time_threads([add] * threads)
        assert value == threads * each
        return took

    return {"time": time_per_operation(effort, run)}
