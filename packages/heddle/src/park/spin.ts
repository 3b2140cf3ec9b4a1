/**
 * Spinning: looking at a word a while longer before going to sleep, since waking a sleeper costs tens of
 * microseconds and a waiter that still looks answers in less than one.
 *
 * Spinning only helps when whoever will end the wait is running at the same time. It is therefore off while more
 * threads run than the machine has cores, and it is bounded.
 */
import { i32 } from '../memory/heap.js';
import { Header } from '../memory/layout.js';

/** Looks, at most, before a waiter parks: some tens of microseconds. */
const LOOKS = 2000;

/** Whether spinning can help now. */
export function maySpin(): boolean {
  return Atomics.load(i32, Header.RUNNING) <= i32[Header.CORES]!;
}

/** Looks at the word at `at` until it is no longer `value` or patience ends; true if it changed. */
export function spinWhile(at: number, value: number): boolean {
  if (!maySpin()) return Atomics.load(i32, at) !== value;
  for (let i = 0; i < LOOKS; i++) {
    if (Atomics.load(i32, at) !== value) return true;
  }
  return false;
}
