// Which values stand in the metadata themselves, and which are bulk data beside it.
import type { TagKey } from './model.ts';

export const INLINE_BYTES = 1024;
/** Look-up tables, palettes, overlays and colour profiles are needed with the first picture: inline up to these sizes. */
const INLINE_LARGE: readonly [RegExp, number][] = [
  [/^00283006$|^002812[0-2][0-4]$/, 192 * 1024],
  [/^60..3000$/, 96 * 1024],
  [/^00282000$/, 64 * 1024],
];

/** Bytes up to which the value of this tag is inline; `usual`: for those that have no limit of their own. */
export const inlineLimitOf = (tag: TagKey, usual: number): number =>
  INLINE_LARGE.find(([pattern]) => pattern.test(tag))?.[1] ?? usual;
