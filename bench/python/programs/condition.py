import threading
from itertools import repeat
from math import ceil

from effort import time_per_operation, time_threads


def turns(effort, threads):
    condition = threading.Condition(threading.Lock())
    turn = 0

    def run(count):
        nonlocal turn
        each = ceil(count / threads)
        turn = 0

        def player(me):
            def play():
                nonlocal turn
                for _ in repeat(None, each):
                    with condition:
                        while turn % threads != me:
                            condition.wait()
                        turn += 1
                        if threads == 2:
                            condition.notify()
                        else:
                            condition.notify_all()

            return play

        took = time_threads([player(me) for me in range(threads)])
        assert turn == threads * each
        return took

    return {"time": time_per_operation(effort, run)}
