import queue
import threading
import time

# As in src/programs/idle-share.ts.
SETTLE, LOOK, LEAST = 3, 5, 4


def warm(effort, threads):
    """Threads block in a queue's get, and the main thread sleeps."""
    nothing = queue.Queue()
    crew = [threading.Thread(target=nothing.get) for _ in range(threads)]
    for thread in crew:
        thread.start()
    unit = max(effort.sample, LEAST) / 1e3
    time.sleep(SETTLE * unit)
    share = []
    for _ in range(effort.samples):
        start, before = time.perf_counter(), time.process_time()
        time.sleep(LOOK * unit)
        share.append((time.process_time() - before) / (time.perf_counter() - start))
    for _ in crew:
        nothing.put(None)
    for thread in crew:
        thread.join()
    return {"share": share}
