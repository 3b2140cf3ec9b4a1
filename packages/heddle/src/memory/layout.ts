/**
 * Where everything lies in the shared heap.
 *
 * Addresses are word indices: an address `a` is the 32-bit word `i32[a]`, and a 64-bit float at an even
 * address `a` is `f64[a >> 1]`. Address 0 is never an object and stands for "none".
 *
 * ```
 * 0            HEADER     one page of single words, below
 * SLOTS        4096 words: worker slot -> address of its record (records.ts)
 * PAGES        65536 words: the page map of the allocator (allocator.ts)
 * FIRST_PAGE   blocks, in pages of 64 KiB
 * ```
 */

/** A page is the allocator's coarse unit: 64 KiB, 16384 words. */
export const PAGE_WORDS = 16_384;
export const PAGE_SHIFT = 14;

/** Words of the header. Who writes each stands beside it. */
export const Header = {
  /** `MAGIC` once main has laid out the heap. */
  MAGIC: 0,
  /** Robust mutex of the allocator (mutex.ts). */
  ALLOCATOR: 1,
  /** Robust mutex of the slot table, the idle workers and the tables of threads (records.ts, thread/). */
  REGISTRY: 2,
  /** Threads that are not parked; a hint for spinning. Changed with Atomics.add on slow paths only. */
  RUNNING: 3,
  /** Cores of the machine; main, once. */
  CORES: 4,
  /** Pages in use by the allocator, page map entries that are not free; under ALLOCATOR. */
  PAGES_USED: 5,
  /** Where the search for a run of free pages begins; under ALLOCATOR. */
  PAGE_HINT: 6,
  /** Bytes handed out and not given back; under ALLOCATOR, as a float at an even address. */
  BYTES_USED: 8,
  /** The next number of a thread, as people see it; Atomics.add. */
  NEXT_THREAD: 10,
  /** Threads that keep the program alive: started, not daemon, not ended; Atomics.add. */
  LIVE: 11,
  /** First record on the list of idle workers, or 0; under REGISTRY. */
  IDLE: 12,
  /** Idle workers on that list; under REGISTRY. */
  IDLE_COUNT: 13,
  /** Address of the table of all threads that have not ended (table.ts); under REGISTRY. */
  THREADS: 14,
  /** Address of the table of failed threads that nobody has joined (table.ts); under REGISTRY. */
  FAILURES: 15,
  /** 1 when acquisitions are counted and timed; main, before any thread. */
  PROFILING: 16,
  /** Address of the table of objects kept for the summary while profiling; under REGISTRY. */
  PROFILED: 17,
  /** The next serial number of a shared object; Atomics.add. */
  NEXT_SERIAL: 18,
  /** Robust mutex held while one thread writes lines to standard output or error. */
  STDIO: 19,
  /** 1 once the program is ending: no thread starts any more; main. */
  CLOSING: 20,
  /** The next number of a value kept by the supervisor (foreign.ts); Atomics.add. */
  NEXT_FOREIGN: 21,
  /** Threads ever started, workers ever started; Atomics.add. */
  THREADS_STARTED: 22,
  WORKERS_STARTED: 23,
  /** Address of the newest description of a struct type (shared/struct-registry.ts); under REGISTRY. */
  STRUCT_TYPES: 24,
  /** Address of the table of failures of tasks that nobody has read (executor/lost.ts); under REGISTRY. */
  LOST: 25,
  /** How many failures have been put there, and how many were only counted; under REGISTRY. */
  LOST_KEPT: 26,
  LOST_COUNTED: 27,
  /** Counts suspicions that threads wait in vain; who has one adds and notifies (park/suspicion.ts). */
  SUSPICIONS: 28,
  /** Counts answers to the detector's questions; who answers adds and notifies (park/inquiry.ts). */
  ANSWERS: 29,
  /** The number of the last verdict whose waits have all been left (park/inquiry.ts); supervisor, and notifies. */
  VERDICTS: 30,
  /** Timers that will start a thread; Atomics.add. */
  TIMERS: 37,
  /** The next number of a report; Atomics.add. */
  NEXT_REPORT: 31,
  /** What becomes of a deadlock: 0 throw, 1 report, 2 off; configure(), on any thread, as for the next three. */
  DEADLOCK: 32,
  /** What becomes of locks taken in opposite orders: 0 off, 1 report, 2 throw. */
  LOCK_ORDER: 33,
  /** Whether waits may spin: 0 where it helps, 1 never. */
  SPIN: 34,
  /** Whether the end of the program reports what was forgotten: 0 yes, 1 no. */
  EXIT_REPORTS: 35,
  /** 1 when the place of each acquisition is recorded; main, once, from HEDDLE_SITES. */
  SITES: 36,
  /** First blocks of the allocator's free lists, one word for each size class; under ALLOCATOR. */
  FREE: 64,
} as const;

export const MAGIC = 0x4ed1e;

/** Slots for workers: at most this many threads exist at one time. */
export const SLOTS = 4096;
export const SLOT_BASE = 4096;
export const PAGE_MAP_BASE: number = SLOT_BASE + SLOTS;

/** Pages that the largest heap (4 GiB) has. */
export const MAX_PAGES = 65_536;

/** The first word that is handed out. */
export const FIRST_PAGE: number = Math.ceil((PAGE_MAP_BASE + MAX_PAGES) / PAGE_WORDS);
