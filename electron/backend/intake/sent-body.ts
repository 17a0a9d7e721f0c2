// The body of a file that is handed over, as it comes.
import { LecternError } from '#shared/contract/errors.ts';
import { JobStopped } from '#backend/jobs/job-context.ts';
import { CONTAINER_HEAD_BYTES } from './containers.ts';

/** A sender that goes away is no mistake of ours. Throws JobStopped when the upload is stopped: what is left of a large file is not
 * waited for. */
export async function* fromSender(
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const reader = body?.getReader();
  const stop = (): void => void reader?.cancel().catch(() => undefined);
  signal.addEventListener('abort', stop);
  try {
    for (;;) {
      const next = await reader?.read();
      if (signal.aborted) throw new JobStopped('stopped');
      if (!next || next.done) return;
      yield next.value;
    }
  } catch (cause) {
    if (cause instanceof JobStopped) throw cause;
    throw new LecternError('bad-request', 'The file did not come whole: its sender went away.', { cause });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The beginning of a body, as far as it tells what the file is, and all of it. */
export async function looked(
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal,
): Promise<{ head: Buffer; all: AsyncIterable<Uint8Array> }> {
  const pieces = fromSender(body, signal);
  const first: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < CONTAINER_HEAD_BYTES) {
    const next = await pieces.next();
    if (next.done) break;
    bytes += next.value.length;
    first.push(next.value);
  }
  const all = (async function* whole() {
    yield* first;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
  })();
  return { head: Buffer.concat(first), all };
}
