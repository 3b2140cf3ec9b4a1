/** Workers that stay, and begin each run together: what threads on raw shared memory need, and no more. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Effort, elapsed } from '../../harness/effort.js';
import { warmUp } from '../warm-up.js';

/** Words of the memory by which a crew is started and awaited. */
export const Control = { RUN: 0, COUNT: 1, LEFT: 2 } as const;

/** What a member of a crew does in one run. */
export type Member = (memory: SharedArrayBuffer, index: number, count: number) => void;

export interface CrewData {
  readonly module: string;
  readonly member: string;
  readonly memory: SharedArrayBuffer;
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly index: number;
}

/** Workers in whose members' hands a memory is. */
export class Crew {
  readonly #control = new Int32Array(new SharedArrayBuffer(12));
  readonly #workers: readonly Worker[];

  private constructor(threads: number, data: Omit<CrewData, 'control' | 'index'>) {
    const file = new URL('crew-worker.js', import.meta.url);
    this.#workers = Array.from({ length: threads }, (_, index) => {
      const workerData: CrewData = { ...data, control: this.#control, index };
      return new Worker(file, { workerData });
    });
  }

  /**
   * Starts workers and waits until they are ready.
   *
   * @param module the module that exports the member, as `import.meta.url` gives it
   */
  static async start(
    threads: number,
    module: string,
    member: string,
    memory: SharedArrayBuffer,
  ): Promise<Crew> {
    const crew = new Crew(threads, { module, member, memory });
    await Promise.all(crew.#workers.map((worker) => once(worker, 'message')));
    return crew;
  }

  /** Runs every member with this count. Milliseconds until the last has ended; they have all been waiting. */
  run(count: number): number {
    return elapsed(() => {
      this.begin(count)();
    });
  }

  /** Begins a run. Returns what waits for its end. */
  begin(count: number): () => void {
    const control = this.#control;
    control[Control.COUNT] = count;
    Atomics.store(control, Control.LEFT, this.#workers.length);
    Atomics.add(control, Control.RUN, 1);
    Atomics.notify(control, Control.RUN);
    return () => {
      for (let left; (left = Atomics.load(control, Control.LEFT)) > 0;)
        Atomics.wait(control, Control.LEFT, left);
    };
  }

  /** See {@link warmUp}. */
  warmUp(effort: Effort): void {
    warmUp(effort, this.#workers.length, (count) => this.run(count));
  }

  /** Ends the workers. */
  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
