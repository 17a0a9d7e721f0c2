// How V8 is set for a process that moves images.
import v8 from 'node:v8';

/** For this process and the workers it starts from now on. */
export function setEngine(): void {
  // Nearly all garbage is large buffers, which lie outside the heap and make it look small. With the young generation at its first
  // size they are freed soon by cheap collections; growing, it leaves them to full ones, which took half of all processor time of
  // sending (bench `send`: 2.6 s of user time before, 1.2 s with it, and 109 MB of memory instead of 170).
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  // What lives longer waits for a full one: allowed to grow by half only until it comes, the receiver of 24 senders stays 40 MB smaller
  // (bench `store-24`). By a fifth, the buffers of young-garbage.ts alone would make a full one every few milliseconds.
  v8.setFlagsFromString('--heap-growing-percent=50');
  v8.setFlagsFromString(keepGenericWrappers);
}

/** V8 of Node 24 ends the process ("Check failed: jit_page.has_value()", nodejs/node#64500) when two threads compile the same wrapper
 * of a WebAssembly import at once and one of them is freed. An import is compiled once it was called this often: with this, never. What
 * we import is called rarely, so nothing is slower. Chromium 156 has it no more. */
export const keepGenericWrappers = '--wasm-wrapper-tiering-budget=1000000000';
