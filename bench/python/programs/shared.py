"""All of CPython's objects are shared; what must be one step has a lock."""

import threading
from dataclasses import dataclass
from itertools import cycle, islice, repeat
from math import ceil
from time import perf_counter

from effort import time_per_operation, time_threads

KEYS = [f"key number {k}" for k in range(1000)]


def map_get(effort):
    shared = dict.fromkeys(KEYS, 1)

    def run(count):
        total = 0
        start = perf_counter()
        for key in islice(cycle(KEYS), count):
            total += shared.get(key, 0)
        took = perf_counter() - start
        assert total == count
        return took

    return {"time": time_per_operation(effort, run)}


def map_update(effort, threads):
    lock = threading.Lock()

    def run(count):
        each = ceil(count / threads)
        shared = dict.fromkeys(KEYS, 0)

        def count_under_keys():
            for key in islice(cycle(KEYS), each):
                with lock:
                    shared[key] = shared.get(key, 0) + 1

        took = time_threads([count_under_keys] * threads)
        assert sum(shared.values()) == threads * each
        return took

    return {"time": time_per_operation(effort, run)}


def list(effort):
    shared = []

    def run(count):
        total = 0
        start = perf_counter()
        for _ in repeat(None, count):
            shared.append(7)
            total += shared.pop()
        took = perf_counter() - start
        assert total == 7 * count
        return took

    return {"time": time_per_operation(effort, run)}


@dataclass
class Counter:
    count: int = 0


def value(effort, threads):
    lock = threading.Lock()

    def run(count):
        each = ceil(count / threads)
        shared = Counter()

        def add():
            for _ in repeat(None, each):
                with lock:
                    shared.count += 1

        took = time_threads([add] * threads)
        assert shared.count == threads * each
        return took

    return {"time": time_per_operation(effort, run)}


guarded = value


@dataclass
class Account:
    balance: float = 0.0
    hits: int = 0


def fields(effort):
    def run(count):
        account = Account()
        start = perf_counter()
        for _ in repeat(None, count):
            account.balance += 0.5
            account.hits += 1
        took = perf_counter() - start
        assert (account.balance, account.hits) == (count / 2, count)
        return took

    return {"time": time_per_operation(effort, run)}
