// Collects buffers: short-lived ones before they cost a full collection, huge ones before they stay for long.
import v8 from 'node:v8';
import vm from 'node:vm';

/** Well below the growth of the heap after which V8 starts a full collection (engine.ts): buffers count towards it. */
const BYTES_BETWEEN = 4 * 1024 * 1024;

type Collect = (options: { type: 'minor' | 'major' }) => void;

let collect: Collect | undefined;
let bytes = 0;

/** Says that a buffer of so many bytes was made on this thread that is of no use in a moment.
 *
 * Buffers lie outside V8's heap and do not fill its young generation, but some megabytes of them make it mark all it has. Where little
 * else is made, as in answering frames, that was two thirds of all processor time (bench `frames`: 3.1 ms a frame of the server, 1.1
 * with this). A collection of the young generation frees them in half a millisecond. */
export function tellShortLived(length: number): void {
  bytes += length;
  if (bytes < BYTES_BETWEEN) return;
  bytes = 0;
  collect ??= exposedCollect();
  collect({ type: 'minor' });
}

/** To be called once buffers of hundreds of megabytes are of no use any more: a thread with little else to do keeps them. */
export function collectHuge(): void {
  collect ??= exposedCollect();
  collect({ type: 'major' });
}

/** V8 gives its collector to contexts made while this flag is set; where one does not, garbage waits as it always did. */
function exposedCollect(): Collect {
  v8.setFlagsFromString('--expose-gc');
  const found: unknown = vm.runInNewContext('globalThis.gc');
  v8.setFlagsFromString('--no-expose-gc');
  return typeof found === 'function' ? (found as Collect) : () => {};
}
