import threading
from itertools import repeat

from effort import time_per_operation, time_threads


def rounds(effort, threads):
    barrier = threading.Barrier(threads)

    def run(count):
        led = []

        def meet():
            wait = barrier.wait
            leading = 0
            for _ in repeat(None, count):
                if wait() == 0:
                    leading += 1
            led.append(leading)

        took = time_threads([meet] * threads)
        assert sum(led) == count
        return took

    return {"time": time_per_operation(effort, run)}
