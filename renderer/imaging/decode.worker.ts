// Decodes compressed frames away from the page's thread.
import { decodeFrame } from '#shared/codecs/decode-frame.ts';
import type { FrameShape } from '#shared/codecs/frame-shape.ts';
import { wasmHost } from './wasm-host.ts';

export interface DecodeCall {
  id: number;
  bytes: Uint8Array<ArrayBuffer>;
  transferSyntaxUid: string;
  shape: FrameShape;
}
export type DecodeReply = { id: number; result: Awaited<ReturnType<typeof decodeFrame>> };

interface WorkerScope {
  addEventListener(type: 'message', listener: (event: MessageEvent<DecodeCall>) => void): void;
  postMessage(message: DecodeReply, transfer: Transferable[]): void;
}
const scope = globalThis as unknown as WorkerScope;

scope.addEventListener('message', ({ data: { id, bytes, transferSyntaxUid, shape } }) => {
  void decodeFrame(bytes, transferSyntaxUid, shape, wasmHost)
    .catch((error: unknown) => ({
      ok: false as const,
      error: {
        code: 'damaged-frame' as const,
        detail: `The decoder failed: ${error instanceof Error ? error.message : String(error)}.`,
      },
    }))
    .then((result) => {
      const transfer = result.ok && result.value.words.buffer instanceof ArrayBuffer ? [result.value.words.buffer] : [];
      scope.postMessage({ id, result }, transfer);
    });
});
