import os
import subprocess
import threading


def resident():
    """The memory of this process that is resident, in bytes."""
    printed = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, check=True)
    return int(printed.stdout) * 1024


def per_thread(effort, threads):
    leave = threading.Event()

    def start(count):
        here = threading.Barrier(count + 1)

        def stay():
            here.wait()
            leave.wait()

        crew = [threading.Thread(target=stay) for _ in range(count)]
        for thread in crew:
            thread.start()
        here.wait()
        return crew

    first = start(1)
    before = resident()
    crew = start(threads)
    bytes = (resident() - before) / threads
    leave.set()
    for thread in first + crew:
        thread.join()
    return {"bytes": [bytes]}
