// Worker thread entry: an instance without its compression, its pieces handed over.
import { parentPort } from 'node:worker_threads';
import { nodeWasm } from '#backend/rendering/node-wasm.ts';
import { uncompress } from './uncompress.ts';
import type { UncompressAnswer, UncompressCall } from './uncompress-messages.ts';

async function run({ file, targetUid }: UncompressCall): Promise<UncompressAnswer> {
  const done = await uncompress(file, targetUid, nodeWasm);
  if (!done.ok) return { ok: false, detail: done.error };
  const { pieces, changes } = done.value;
  // Memory of its own, to be given away.
  const dataset = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    dataset.set(piece, at);
    at += piece.length;
  }
  return { ok: true, dataset, changes };
}

parentPort?.on('message', ({ id, call }: { id: number; call: UncompressCall }) => {
  run(call).then(
    (answer) => {
      parentPort?.postMessage({ id, answer }, answer.ok ? [answer.dataset.buffer] : []);
    },
    (error: unknown) =>
      parentPort?.postMessage({
        id,
        answer: { ok: false, detail: error instanceof Error ? error.message : String(error) },
      }),
  );
});
