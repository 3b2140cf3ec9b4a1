import sys
from time import perf_counter_ns


def load(effort):
    for name in ("threading", "queue"):
        sys.modules.pop(name, None)
    start = perf_counter_ns()
    import queue
    import threading

    took = perf_counter_ns() - start
    assert queue.threading is threading
    return {"time": [took]}
