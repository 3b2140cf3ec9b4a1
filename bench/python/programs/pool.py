"""Pools: the twins of src/programs/pool. `kind` is one of the three pools that CPython has."""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from math import ceil
from statistics import median
from time import perf_counter, perf_counter_ns

import payloads
from percentiles import percentiles

# As in src/programs/pool/batches.ts.
FEW_WARM, FEW_SMOKE = 500, 20
WARM, PATIENCE, PART = 3, 20, 1 / 4


class Executor:
    """concurrent.futures, with threads or processes."""

    def __init__(self, executor):
        self._executor = executor
        self.start = executor.submit
        self.map = executor.map

    @staticmethod
    def result(future):
        return future.result()

    def close(self):
        self._executor.shutdown()


class MultiprocessingPool:
    """multiprocessing.Pool, whose map makes chunks by itself."""

    def __init__(self, pool):
        self._pool = pool
        self.map = pool.map

    def start(self, task, arg):
        return self._pool.apply_async(task, (arg,))

    @staticmethod
    def result(call):
        return call.get()

    def close(self):
        self._pool.close()
        self._pool.join()


KINDS = {
    "ThreadPoolExecutor": lambda threads: Executor(ThreadPoolExecutor(threads)),
    "ProcessPoolExecutor": lambda threads: Executor(ProcessPoolExecutor(threads)),
    "multiprocessing": lambda threads: MultiprocessingPool(multiprocessing.Pool(threads)),
}


@contextmanager
def opened(kind, threads):
    pool = KINDS[kind](threads)
    try:
        yield pool
    finally:
        pool.close()


# --- tasks -------------------------------------------------------------------------------------------------


def echo(value):
    return value


def last_byte(data):
    return data[-1]


def factorial(request):
    product = 1
    for factor in range(1, request["taskSize"] + 1):
        product *= factor
    return {"ok": 1, "factorial": product}


def collatz(counts):
    steps = 0
    for count in counts:
        for n in range(1, count + 1):
            while n != 1:
                n = 3 * n + 1 if n & 1 else n >> 1
                steps += 1
    return steps


# --- programs ----------------------------------------------------------------------------------------------


def time_per_batch(effort, size, run):
    """Samples of the time of one operation, in nanoseconds: `run` does a batch of so many."""
    lasting(WARM * effort.sample, run, min(size, few(effort)))
    return take_samples(effort, effort.sample, size, run)


def time_per_size(effort, most, run):
    """The same, for batches of several sizes."""
    lasting(WARM * effort.sample, run, min(most, few(effort)))
    sample, figures = effort.sample * PART, {}
    for size in sizes_up_to(most):
        lasting(sample, run, min(size, few(effort)))
        figures[f"of{size}"] = take_samples(effort, sample, size, run)
    return figures


def sizes_up_to(most):
    sizes = [1]
    while sizes[-1] * 10 < most:
        sizes.append(sizes[-1] * 10)
    if most / sizes[-1] < 5:
        sizes.pop()
    return [*sizes, most]


def take_samples(effort, sample, size, run):
    whole = size if sample else min(size, FEW_SMOKE)
    times, spent = [], 0
    while len(times) < effort.samples and spent <= PATIENCE * sample:
        took, rounds = lasting(sample, run, whole)
        times.append(took / (rounds * whole) * 1e6)
        spent += took
    return times


def few(effort):
    return FEW_WARM if effort.sample else FEW_SMOKE


def lasting(least, run, count):
    """Repeats batches until so many milliseconds have passed."""
    start, rounds = perf_counter(), 0
    while True:
        run(count)
        rounds += 1
        took = (perf_counter() - start) * 1e3
        if took >= least:
            return took, rounds


# As in src/programs/pool/calls.ts.
ONE_AT_A_TIME = 2000


def one_at_a_time(effort, kind, threads):
    with opened(kind, threads) as pool:

        def call(k):
            assert pool.result(pool.start(echo, k)) == k

        return percentiles(effort, call, ONE_AT_A_TIME)


def in_flight(effort, kind, threads, most, payload):
    item = getattr(payloads, payload)()
    with opened(kind, threads) as pool:

        def run(count):
            calls = [pool.start(echo, item) for _ in range(count)]
            assert all(pool.result(call) == item for call in calls)

        return time_per_size(effort, most, run)


def buffers(effort, kind, threads, bytes, most):
    """Threads share the buffer; processes get a copy of it."""
    data = bytearray(b"\x07") * bytes
    with opened(kind, threads) as pool:

        def run(count):
            calls = [pool.start(last_byte, data) for _ in range(count)]
            assert all(pool.result(call) == 7 for call in calls)

        return time_per_size(effort, most, run)


def map(effort, kind, threads, items):
    with opened(kind, threads) as pool:

        def run(count):
            back = list(pool.map(echo, range(count)))
            assert back == list(range(count))

        return {"time": time_per_batch(effort, items, run)}


def factorials(effort, kind, threads, size):
    request = {"test": "MYBENCH", "taskType": "CPU_INTENSIVE", "taskSize": 1000}
    expected = factorial(request)
    with opened(kind, threads) as pool:

        def run(count):
            calls = [pool.start(factorial, request) for _ in range(count)]
            assert all(pool.result(call) == expected for call in calls)

        return {"time": time_per_batch(effort, size, run)}


# As in src/programs/pool/lengths.ts; CPython counts more slowly, so it counts to less.
TASKS, FEW_TASKS, MEAN, WARM_BATCHES = 400, 8, 60, 3


def counts_of(lengths, tasks):
    state = 20

    def random():
        nonlocal state
        state = state * 16807 % 2147483647
        return state / 2147483647

    def weight():
        if lengths == "flat":
            return 1
        return random() if lengths == "random" else min((1 - random()) ** (-1 / 1.2), 60)

    weights = [weight() for _ in range(tasks)]
    scale = MEAN * tasks / sum(weights)
    return [ceil(one * scale) for one in weights]


def split(counts, parts):
    shares = [[] for _ in range(parts)]
    for count in sorted(counts, reverse=True):
        min(shares, key=sum).append(count)
    return shares


def over_ideal(effort, kind, threads, lengths):
    counts = counts_of(lengths, TASKS if effort.sample else FEW_TASKS)
    expected = collatz(counts)
    shares = split(counts, threads)
    with opened("multiprocessing", threads) as even, opened(kind, threads) as pool:

        def timed(which, tasks):
            start = perf_counter()
            calls = [which.start(collatz, task) for task in tasks]
            steps = sum(which.result(call) for call in calls)
            took = perf_counter() - start
            assert steps == expected
            return took

        over = []
        for batch in range(-WARM_BATCHES, effort.samples):
            before = timed(even, shares)
            took = timed(pool, [[count] for count in counts])
            ideal = median([before, timed(even, shares)])
            if batch >= 0:
                over.append(took / ideal)
        return {"overIdeal": over}


def first(effort, kind, threads):
    start = perf_counter_ns()
    pool = KINDS[kind](threads)
    assert pool.result(pool.start(echo, 1)) == 1
    took = perf_counter_ns() - start
    pool.close()
    return {"time": [took]}


# As in src/programs/idle-share.ts.
SETTLE, LOOK, LEAST = 3, 5, 4


def idle(effort, kind, threads):
    with opened(kind, threads) as pool:
        for call in [pool.start(echo, k) for k in range(1000)]:
            pool.result(call)
        unit = max(effort.sample, LEAST) / 1e3
        time.sleep(SETTLE * unit)
        share = []
        for _ in range(effort.samples):
            start, before = perf_counter(), time.process_time()
            time.sleep(LOOK * unit)
            share.append((time.process_time() - before) / (perf_counter() - start))
        return {"share": share}
