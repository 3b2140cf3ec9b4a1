import threading
from itertools import repeat
from math import ceil
from time import perf_counter

from effort import time_per_operation, time_threads


def uncontended(effort, bounded=False):
    semaphore = threading.BoundedSemaphore(1) if bounded else threading.Semaphore(1)

    def run(count):
        acquire, release = semaphore.acquire, semaphore.release
        start = perf_counter()
        for _ in repeat(None, count):
            acquire()
            release()
        return perf_counter() - start

    return {"time": time_per_operation(effort, run)}


def contended(effort, threads):
    semaphore = threading.Semaphore(1)
    total = 0

    def run(count):
        nonlocal total
        each = ceil(count / threads)
        total = 0

        def add():
            nonlocal total
            acquire, release = semaphore.acquire, semaphore.release
            for _ in repeat(None, each):
                acquire()
                total += 1
                release()

        took = time_threads([add] * threads)
        assert total == threads * each
        return took

    return {"time": time_per_operation(effort, run)}
