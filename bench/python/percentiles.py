"""The twin of src/programs/percentiles.ts."""

from statistics import quantiles
from time import perf_counter_ns

# Round trips that one sample is of, where time permits any.
TRIPS = 5000


def percentiles(effort, action, most=TRIPS):
    """The median and the 99th percentile of the time that one action takes, in nanoseconds; `most` trips in a sample."""
    trips = min(most, TRIPS if effort.sample else 10)
    p50, p99 = [], []
    for sample in range(effort.samples + 1):  # the first is the warm-up
        times = []
        for k in range(trips):
            start = perf_counter_ns()
            action(k)
            times.append(perf_counter_ns() - start)
        if sample:
            cuts = quantiles(times, n=100)
            p50.append(cuts[49])
            p99.append(cuts[98])
    return {"p50": p50, "p99": p99}
