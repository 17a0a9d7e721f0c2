// Worker thread entry: decodes one frame and makes a PNG or JPEG of it, by the same pipeline as the viewer.
import { parentPort } from 'node:worker_threads';
import { decodeFrame } from '#shared/codecs/decode-frame.ts';
import { initialVoi, renderFrame } from '#shared/pixels/render-frame.ts';
import { encodeJpeg } from './encode-jpeg.ts';
import { encodePng } from './encode-png.ts';
import { nodeWasm } from './node-wasm.ts';
import type { RenderAnswer, RenderCall } from './render-messages.ts';

async function render({
  bytes,
  transferSyntaxUid,
  image,
  overlayBits,
  format,
  quality,
  window,
  fit,
}: RenderCall): Promise<RenderAnswer> {
  const decoded = await decodeFrame(bytes, transferSyntaxUid, image, nodeWasm);
  if (!decoded.ok) return { ok: false, detail: decoded.error.detail };
  const full = new Uint8ClampedArray(image.rows * image.columns * 4);
  const voi = window ? ({ kind: 'window', ...window } as const) : initialVoi(decoded.value, image);
  renderFrame({ ...decoded.value, overlayBits }, image, { voi, isInverted: false }, full);
  const target = sizeOf(image.columns, image.rows * image.pixelAspect, fit);
  const picture =
    target.width === image.columns && target.height === image.rows
      ? full
      : resample(full, image.columns, image.rows, target.width, target.height);
  const encoded =
    format === 'png'
      ? encodePng(picture, target.width, target.height)
      : encodeJpeg(picture, target.width, target.height, quality);
  return { ok: true, bytes: encoded, isEndMissing: decoded.value.isEndMissing === true };
}

/** Size in square pixels that keeps the shape; never enlarged beyond the image. */
function sizeOf(
  width: number,
  height: number,
  fit: { width: number; height: number } | undefined,
): { width: number; height: number } {
  const scale = fit ? Math.min(1, fit.width / width, fit.height / height) : 1;
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Mean over the area that each new pixel covers. */
function resample(
  from: Uint8ClampedArray,
  columns: number,
  rows: number,
  width: number,
  height: number,
): Uint8ClampedArray {
  const out = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    const [y0, y1] = [
      Math.floor((y * rows) / height),
      Math.max(Math.floor((y * rows) / height) + 1, Math.floor(((y + 1) * rows) / height)),
    ];
    for (let x = 0; x < width; x++) {
      const [x0, x1] = [
        Math.floor((x * columns) / width),
        Math.max(Math.floor((x * columns) / width) + 1, Math.floor(((x + 1) * columns) / width)),
      ];
      for (let channel = 0; channel < 4; channel++) {
        let sum = 0;
        for (let v = y0; v < y1; v++) for (let u = x0; u < x1; u++) sum += from[(v * columns + u) * 4 + channel] ?? 0;
        out[(y * width + x) * 4 + channel] = sum / ((y1 - y0) * (x1 - x0));
      }
    }
  }
  return out;
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
