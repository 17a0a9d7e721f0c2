// Worker thread entry: decodes one frame and makes a PNG or JPEG of it, by the same pipeline as the viewer.
import { parentPort } from 'node:worker_threads';
import { decodeFrame } from '#shared/codecs/decode-frame.ts';
import { initialVoi, renderFrame } from '#shared/pixels/render-frame.ts';
import { encodeJpeg } from './encode-jpeg.ts';
import { encodePng } from './encode-png.ts';
import { nodeWasm } from './node-wasm.ts';
import type { RenderAnswer, RenderCall } from './render-messages.ts';
import { cropPicture, pictureSize, scalePicture } from './scale-picture.ts';

async function render({
  bytes,
  transferSyntaxUid,
  image,
  overlayBits,
  format,
  quality,
  window,
  source,
  fit,
}: RenderCall): Promise<RenderAnswer> {
  const decoded = await decodeFrame(bytes, transferSyntaxUid, image, nodeWasm);
  if (!decoded.ok) return { ok: false, detail: decoded.error.detail };
  const full = new Uint8ClampedArray(image.rows * image.columns * 4);
  const voi = window ? ({ kind: 'window', ...window } as const) : initialVoi(decoded.value, image);
  renderFrame({ ...decoded.value, overlayBits }, image, { voi, isInverted: false }, full);
  const size = pictureSize(source, image.pixelAspect, fit);
  const picture = scalePicture(cropPicture(full, image.columns, source), source, size);
  const encoded =
    format === 'png'
      ? encodePng(picture, size.width, size.height)
      : encodeJpeg(picture, size.width, size.height, quality);
  return { ok: true, bytes: encoded, isEndMissing: decoded.value.isEndMissing === true };
}

parentPort?.on('message', ({ id, call }: { id: number; call: RenderCall }) => {
  render(call).then(
    (answer) => parentPort?.postMessage({ id, answer }),
    (error: unknown) =>
      parentPort?.postMessage({
        id,
        answer: { ok: false, detail: error instanceof Error ? error.message : String(error) },
      }),
  );
});
