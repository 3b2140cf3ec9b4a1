import threading
from itertools import repeat
from math import ceil
from time import perf_counter

from effort import time_per_operation, time_threads


def one_thread(effort):
    event = threading.Event()

    def run(count):
        set, wait, clear = event.set, event.wait, event.clear
        start = perf_counter()
        for _ in repeat(None, count):
            set()
            wait()
            clear()
        return perf_counter() - start

    return {"time": time_per_operation(effort, run)}


def ping_pong(effort):
    events = [threading.Event(), threading.Event()]
    events[0].set()

    def run(count):
        each = ceil(count / 2)

        def player(mine, other):
            def play():
                for _ in repeat(None, each):
                    mine.wait()
                    mine.clear()
                    other.set()

            return play

        took = time_threads([player(*events), player(*events[::-1])])
        assert events[0].is_set() and not events[1].is_set()
        return took

    return {"time": time_per_operation(effort, run)}
