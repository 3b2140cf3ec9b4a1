/** What layers above have to do when a thread ends, its worker dies, or the program ends. */
const steps: (() => void)[] = [];

/** Says what is done in this worker at the end of each thread that ends by itself, before anyone is told of that. */
export function atThreadEnd(step: () => void): void {
  steps.push(step);
}

/** Does it. */
export function concludeThread(): void {
  for (const step of steps) step();
}

const burials: ((worker: number) => void)[] = [];

/** Says what is done in the supervisor with the record of each worker that has died. */
export function atBurial(step: (worker: number) => void): void {
  burials.push(step);
}

/** Does it. */
export function concludeWorker(worker: number): void {
  for (const step of burials) step(worker);
}

const lastSteps: (() => Promise<void>)[] = [];

/** Says what the main thread waits for before the program winds up. */
export function atProgramEnd(step: () => Promise<void>): void {
  lastSteps.push(step);
}

/** Waits for all of it. */
export async function allFinished(): Promise<void> {
  for (const step of lastSteps) await step();
}
