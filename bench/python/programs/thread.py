import threading
from itertools import repeat
from time import perf_counter, perf_counter_ns

from effort import time_per_operation


def warm(effort):
    total = 0

    def one():
        nonlocal total
        total += 1

    def run(count):
        nonlocal total
        total = 0
        start = perf_counter()
        for _ in repeat(None, count):
            thread = threading.Thread(target=one)
            thread.start()
            thread.join()
        took = perf_counter() - start
        assert total == count
        return took

    return {"time": time_per_operation(effort, run)}


def first(effort):
    start = perf_counter_ns()
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    return {"time": [perf_counter_ns() - start]}


def cold(effort):
    leave = threading.Event()
    crew, time = [], []
    for _ in repeat(None, effort.samples):
        here = threading.Event()

        def stay(here=here):
            here.set()
            leave.wait()

        start = perf_counter_ns()
        thread = threading.Thread(target=stay)
        thread.start()
        here.wait()
        time.append(perf_counter_ns() - start)
        crew.append(thread)
    leave.set()
    for thread in crew:
        thread.join()
    return {"time": time}
