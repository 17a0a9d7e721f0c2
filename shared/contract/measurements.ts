// Lengths as they travel between page and backend: drawn on one frame, in the coordinates of its pixels.
import { z } from 'zod';

const dicomUid = z.string().regex(/^[0-9][0-9.]{0,63}$/);
const columnAndRow = z.tuple([z.number(), z.number()]).readonly();

export const storedLength = z.object({
  /** A UUID; what the report calls it (`2.25.` and the same number) comes from it. */
  uid: z.uuid(),
  studyUid: dicomUid,
  seriesUid: dicomUid,
  sopInstanceUid: dicomUid,
  /** From 0. */
  frameIndex: z.number().int().min(0),
  /** Instance Number (0020,0013), for the list. */
  instanceNumber: z.number().optional(),
  /** Column and row of both ends, from 0 at the first pixel's centre. */
  ends: z.tuple([columnAndRow, columnAndRow]).readonly(),
  /** The person's own name for it; '' for none. */
  label: z.string().max(200),
  /** Its value with the unit, as it stands on the picture. */
  text: z.string().max(100),
  /** Milliseconds since 1970. */
  drawnAt: z.number().int(),
});
/** A length that a person drew. */
export type StoredLength = z.infer<typeof storedLength>;

/** Answer of GET /api/studies/UID/lengths, oldest first. */
export interface StudyLengthsView {
  lengths: StoredLength[];
}
