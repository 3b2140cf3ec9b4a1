import threading
from itertools import repeat
from math import ceil
from time import perf_counter

from effort import time_per_operation, time_threads


def uncontended(effort, recursive=False):
    lock = threading.RLock() if recursive else threading.Lock()

    def run(count):
        acquire, release = lock.acquire, lock.release
        start = perf_counter()
        for _ in repeat(None, count):
            acquire()
            release()
        return perf_counter() - start

    return {"time": time_per_operation(effort, run)}


def nested(effort):
    lock = threading.RLock()

    def run(count):
        acquire, release = lock.acquire, lock.release
        with lock:
            start = perf_counter()
            for _ in repeat(None, count):
                acquire()
                release()
            return perf_counter() - start

    return {"time": time_per_operation(effort, run)}


def guarded(effort):
    lock = threading.Lock()

    def run(count):
        start = perf_counter()
        for _ in repeat(None, count):
            with lock:
                pass
        return perf_counter() - start

    return {"time": time_per_operation(effort, run)}


def contended(effort, threads, recursive=False):
    lock = threading.RLock() if recursive else threading.Lock()
    total = 0

    def run(count):
        nonlocal total
        each = ceil(count / threads)
        total = 0

        def add():
            nonlocal total
            acquire, release = lock.acquire, lock.release
            for _ in repeat(None, each):
                acquire()
                total += 1
                release()

        took = time_threads([add] * threads)
        assert total == threads * each
        return took

    return {"time": time_per_operation(effort, run)}
