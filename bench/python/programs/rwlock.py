"""CPython has no such lock: this is the recipe of the Python Cookbook, a condition and a count of readers."""

import threading
from itertools import repeat
from math import ceil
from time import perf_counter

from effort import time_per_operation, time_threads


class RWLock:
    def __init__(self):
        self._ready = threading.Condition(threading.Lock())
        self._readers = 0

    def acquire_read(self):
        with self._ready:
            self._readers += 1

    def release_read(self):
        with self._ready:
            self._readers -= 1
            if not self._readers:
                self._ready.notify_all()

    def acquire_write(self):
        self._ready.acquire()
        while self._readers:
            self._ready.wait()

    def release_write(self):
        self._ready.release()


def uncontended(effort, write):
    lock = RWLock()

    def run(count):
        acquire = lock.acquire_write if write else lock.acquire_read
        release = lock.release_write if write else lock.release_read
        start = perf_counter()
        for _ in repeat(None, count):
            acquire()
            release()
        return perf_counter() - start

    return {"time": time_per_operation(effort, run)}


def contended(effort, threads, write_every):
    lock = RWLock()
    pair = [0, 0]

    def run(count):
        each = ceil(count / threads)
        pair[:] = 0, 0

        def read_and_write():
            torn = 0
            for k in range(1, each + 1):
                if k % write_every == 0:
                    lock.acquire_write()
                    pair[0] += 1
                    pair[1] += 1
                    lock.release_write()
                else:
                    lock.acquire_read()
                    if pair[0] != pair[1]:
                        torn += 1
                    lock.release_read()
            assert torn == 0

        took = time_threads([read_and_write] * threads)
        assert pair[0] == threads * (each // write_every)
        return took

    return {"time": time_per_operation(effort, run)}
