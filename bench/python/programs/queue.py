import queue
import threading
from itertools import repeat
from math import ceil
from time import perf_counter

import payloads
from effort import time_per_operation, time_threads
from percentiles import percentiles


def make_queue(capacity, simple):
    return queue.SimpleQueue() if simple else queue.Queue(capacity)


def one_thread(effort, payload, capacity=0, simple=False):
    q = make_queue(capacity, simple)
    item = getattr(payloads, payload)()

    def run(count):
        put, get = q.put, q.get
        start = perf_counter()
        for _ in repeat(None, count):
            put(item)
            got = get()
        took = perf_counter() - start
        assert got is item
        return took

    return {"time": time_per_operation(effort, run)}


def transfer(effort, payload, capacity=0, simple=False, threads=2):
    item = getattr(payloads, payload)()
    pairs = threads // 2

    def run(count):
        each = ceil(count / pairs)
        q = make_queue(capacity, simple)

        def produce():
            put = q.put
            for _ in repeat(None, each):
                put(item)

        def consume():
            get = q.get
            for _ in repeat(None, each):
                got = get()
            assert got is item

        took = time_threads([produce] * pairs + [consume] * pairs)
        assert q.qsize() == 0
        return took / (pairs * each) * count

    return {"time": time_per_operation(effort, run)}


def round_trip(effort):
    there, back = queue.Queue(), queue.Queue()

    def echo():
        while (item := there.get()) is not None:
            back.put(item)

    thread = threading.Thread(target=echo)
    thread.start()

    def trip(k):
        there.put(k)
        assert back.get() == k

    figures = percentiles(effort, trip)
    there.put(None)
    thread.join()
    return figures
