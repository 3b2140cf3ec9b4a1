from effort import time_threads


def collatz_steps(count):
    steps = 0
    for n in range(1, count + 1):
        while n != 1:
            n = 3 * n + 1 if n & 1 else n >> 1
            steps += 1
    return steps


def cores(effort, threads):
    def timed(members, count):
        found = []

        def work():
            found.append(collatz_steps(count))

        took = time_threads([work] * members) * 1e3
        assert len(found) == members and len(set(found)) == 1
        return took

    count = 100
    while timed(1, count) < effort.sample:
        count *= 2
    timed(threads, count)
    return {"speedUp": [threads * timed(1, count) / timed(threads, count) for _ in range(effort.samples)]}
