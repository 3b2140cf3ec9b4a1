import type { Effort, Figures } from '../harness/effort.js';

/** What a program does after its threads have become idle, in samples: until the compilers have come to rest. */
const SETTLE = 3;
/** And what one look at the processor takes, in samples. */
const LOOK = 5;
/** No sample is shorter, in milliseconds. */
const LEAST = 4;

/** How much of a core this process uses, while `pass` lets so many milliseconds pass. */
export async function idleShare(
  { sample, samples }: Effort,
  pass: (ms: number) => void | Promise<void>,
): Promise<Figures> {
  const unit = Math.max(sample, LEAST);
  await pass(SETTLE * unit);
  const share: number[] = [];
  while (share.length < samples) {
    const start = performance.now();
    const before = process.cpuUsage();
    await pass(LOOK * unit);
    const { user, system } = process.cpuUsage(before);
    share.push((user + system) / 1000 / (performance.now() - start));
  }
  return { share };
}
