// Overlays 60xx (PS3.3 C.9.2) and display shutters (PS3.3 C.7.6.11) drawn into RGBA.
import type { ImageDescription } from '../dicom/image-description.ts';
import type { DecodedFrame } from './frame.ts';

function isSet(bits: Uint8Array, bit: number): boolean {
  return ((bits[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
}

/** Draws the overlays that belong to this frame, white. */
export function drawOverlays(frame: DecodedFrame, image: ImageDescription, out: Uint8ClampedArray): void {
  for (const overlay of image.overlays) {
    const plane = overlay.frameCount === undefined ? 0 : image.frameIndex + 1 - overlay.frameOrigin;
    if (plane < 0 || plane >= (overlay.frameCount ?? 1)) continue;
    const bits = overlay.bits ?? frame.overlayBits?.get(overlay.bulkUri ?? '');
    const first = plane * overlay.rows * overlay.columns;
    const [originRow, originColumn] = overlay.origin;
    for (let row = 0; row < overlay.rows; row++) {
      const y = row + originRow - 1;
      if (y < 0 || y >= frame.rows) continue;
      for (let column = 0; column < overlay.columns; column++) {
        const x = column + originColumn - 1;
        if (x < 0 || x >= frame.columns) continue;
        const shown =
          bits !== undefined
            ? isSet(bits, first + row * overlay.columns + column)
            : overlay.embeddedBit !== undefined &&
              (((frame.words[y * frame.columns + x] ?? 0) >> overlay.embeddedBit) & 1) === 1;
        if (shown) out.fill(255, (y * frame.columns + x) * 4, (y * frame.columns + x) * 4 + 3);
      }
    }
  }
}

/** Is the pixel (row and column from 1) left open by every shutter? */
function isOpen(
  { shutters, pixelAspect }: Pick<ImageDescription, 'shutters' | 'pixelAspect'>,
  row: number,
  column: number,
): boolean {
  return shutters.every((shutter) => {
    switch (shutter.shape) {
      case 'RECTANGULAR':
        return column >= shutter.left && column <= shutter.right && row >= shutter.upper && row <= shutter.lower;
      case 'CIRCULAR':
        // The radius counts pixels along a row (PS3.3 C.7.6.11): where these are not square, fewer or more rows are as far.
        return ((row - shutter.row) * pixelAspect) ** 2 + (column - shutter.column) ** 2 <= shutter.radius ** 2;
      case 'POLYGONAL':
        return isInside(shutter.vertices, row, column);
    }
  });
}

function isInside(vertices: readonly (readonly [number, number])[], row: number, column: number): boolean {
  let inside = false;
  for (let i = 0, j = vertices.length - 1; i < vertices.length; j = i++) {
    const [r1, c1] = vertices[i] ?? [0, 0];
    const [r2, c2] = vertices[j] ?? [0, 0];
    if (r1 > row !== r2 > row && column < ((c2 - c1) * (row - r1)) / (r2 - r1) + c1) inside = !inside;
  }
  return inside;
}

export function drawShutters(image: ImageDescription, out: Uint8ClampedArray): void {
  if (!image.shutters.length) return;
  for (let row = 1; row <= image.rows; row++) {
    for (let column = 1; column <= image.columns; column++) {
      if (isOpen(image, row, column)) continue;
      out.set(image.shutterRgb, ((row - 1) * image.columns + column - 1) * 4);
    }
  }
}
