"""CPython has no such thing: the usual check, lock and check again."""

import threading
from itertools import repeat
from time import perf_counter

from effort import time_per_operation


class Once:
    def __init__(self):
        self._lock = threading.Lock()
        self._done = False

    def run(self, init):
        if not self._done:
            with self._lock:
                if not self._done:
                    self._value = init()
                    self._done = True
        return self._value


def done(effort):
    once = Once()

    def init():
        return 7

    once.run(init)

    def run(count):
        run_once = once.run
        total = 0
        start = perf_counter()
        for _ in repeat(None, count):
            total += run_once(init)
        took = perf_counter() - start
        assert total == 7 * count
        return took

    return {"time": time_per_operation(effort, run)}
