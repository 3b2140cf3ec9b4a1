"""Queues in another order, and several queues at once."""

import queue
from itertools import cycle, islice, repeat
from time import perf_counter

from effort import time_per_operation

# Items that lie in the queue all the time.
LYING = 100


def lifo(effort):
    q = queue.LifoQueue()
    for k in range(LYING):
        q.put(k)

    def run(count):
        put, get = q.put, q.get
        total = 0
        start = perf_counter()
        for _ in repeat(None, count):
            put(7)
            total += get()
        took = perf_counter() - start
        assert total == 7 * count and q.qsize() == LYING
        return took

    return {"time": time_per_operation(effort, run)}


def priority(effort):
    q = queue.PriorityQueue()
    for k in range(LYING):
        q.put((k, k))

    def run(count):
        put, get = q.put, q.get
        start = perf_counter()
        for k in range(count):
            rank = k * 37 % LYING
            put((rank, rank))
            get()
        took = perf_counter() - start
        assert q.qsize() == LYING
        return took

    return {"time": time_per_operation(effort, run)}


def select(effort):
    """CPython cannot wait for several queues: one looks at each in turn."""
    queues = queue.Queue(), queue.Queue()

    def get_any():
        while True:
            for q in queues:
                try:
                    return q.get_nowait()
                except queue.Empty:
                    pass

    def run(count):
        total = 0
        start = perf_counter()
        for q in islice(cycle(queues), count):
            q.put(7)
            total += get_any()
        took = perf_counter() - start
        assert total == 7 * count
        return took

    return {"time": time_per_operation(effort, run)}
