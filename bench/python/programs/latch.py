"""CPython has no latch: a condition and a count, as one writes it there."""

import threading
from itertools import repeat
from math import ceil
from time import perf_counter

from effort import time_per_operation, time_threads


class Latch:
    def __init__(self, count):
        self.count = count
        self._zero = threading.Condition(threading.Lock())

    def count_down(self):
        with self._zero:
            self.count -= 1
            if self.count == 0:
                self._zero.notify_all()

    def wait(self):
        with self._zero:
            while self.count > 0:
                self._zero.wait()


def uncontended(effort):
    def run(count):
        latch = Latch(count)
        count_down = latch.count_down
        start = perf_counter()
        for _ in repeat(None, count):
            count_down()
        latch.wait()
        took = perf_counter() - start
        assert latch.count == 0
        return took

    return {"time": time_per_operation(effort, run)}


def contended(effort, threads):
    def run(count):
        each = ceil(count / threads)
        latch = Latch(threads * each + 1)

        def member():
            count_down = latch.count_down
            for _ in repeat(None, each):
                count_down()

        took = time_threads([member] * threads)
        assert latch.count == 1
        return took

    return {"time": time_per_operation(effort, run)}
