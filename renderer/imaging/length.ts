// A length on one frame as it is kept and listed: where its ends lie in the picture, and how it reads.

export interface LengthOnImage {
  uid: string;
  sopInstanceUid: string;
  /** From 0. */
  frameIndex: number;
  /** Column and row of both ends, from 0 at the first pixel's centre. */
  ends: readonly [readonly [number, number], readonly [number, number]];
  /** The person's own name for it; '' for none. */
  label: string;
  /** Its value with the unit, as it stands on the picture. */
  text: string;
}

/** Key of the frame it lies on (`StackFrame.key`). */
export const frameKeyOf = ({ sopInstanceUid, frameIndex }: LengthOnImage): string => `${sopInstanceUid}/${frameIndex}`;
