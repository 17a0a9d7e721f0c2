// What the backend and its render worker say to each other.
import type { ImageDescription, VoiFunction } from '#shared/dicom/image-description.ts';

export interface RenderCall {
  kind: 'render';
  bytes: Uint8Array;
  transferSyntaxUid: string;
  image: ImageDescription;
  /** Of overlays that the header only points at. */
  overlayBits: ReadonlyMap<string, Uint8Array>;
  format: 'png' | 'jpeg';
  /** 1 to 100. */
  quality: number;
  window: { center: number; width: number; function: VoiFunction } | undefined;
  /** The stored pixels that are shown. */
  source: { x: number; y: number; width: number; height: number };
  /** The picture fits into this many pixels, enlarged where it is smaller or not; undefined: its own size. */
  fit: { width: number; height: number; isEnlarging: boolean } | undefined;
}

/** `isEndMissing`: of the codestream; all that belongs before its end marker was there. */
export type RenderAnswer = { ok: true; bytes: Uint8Array; isEndMissing: boolean } | { ok: false; detail: string };
export interface RenderAnswers {
  render: RenderAnswer;
}
