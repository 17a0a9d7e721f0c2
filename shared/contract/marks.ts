// What a person puts on images, as it travels between page and backend: lengths, in the coordinates of a frame's pixels, and marks of
// key images; and the documents of the study that are made of them.
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

/** A frame that a person marked as one that matters. */
export const keyImage = z.object({
  studyUid: dicomUid,
  seriesUid: dicomUid,
  sopInstanceUid: dicomUid,
  /** From 0. */
  frameIndex: z.number().int().min(0),
  /** Instance Number (0020,0013), for the list. */
  instanceNumber: z.number().optional(),
  /** Milliseconds since 1970. */
  markedAt: z.number().int(),
});
export type KeyImage = z.infer<typeof keyImage>;

/** Names a frame. */
export const frameName = ({ sopInstanceUid, frameIndex }: Pick<KeyImage, 'sopInstanceUid' | 'frameIndex'>): string =>
  `${sopInstanceUid}/${frameIndex}`;

/** The latest document that Lectern made of a study's lengths, or of its key images. */
export interface SavedDocument {
  sopInstanceUid: string;
  seriesUid: string;
  /** Milliseconds since 1970. */
  savedAt: number;
  /** Lengths, or images, in it. */
  count: number;
  /** It holds them as they are now. */
  isCurrent: boolean;
}

/** A measurement report of the study that another program made, or Lectern elsewhere. */
export interface ForeignReport {
  sopInstanceUid: string;
  seriesUid: string;
  /** Who measured, as far as the report says it. */
  observer: string;
  /** It says that a machine did. */
  isByDevice: boolean;
  /** Content Date and Time (0008,0023), (0008,0033). */
  date: string;
  time: string;
  /** What this program measures the same between the same points: these can be drawn on the images. */
  lengths: StoredLength[];
  /** Measurements that can only be read in the report: other kinds, other units, images that are not here. */
  otherCount: number;
}

/** Answer of GET /api/marks: how many, by study; studies without any are not in it. */
export interface MarkCounts {
  lengths: Record<string, number>;
  keyImages: Record<string, number>;
}

/** Answer of GET /api/studies/UID/lengths, oldest first. */
export interface StudyLengthsView {
  lengths: StoredLength[];
  report: SavedDocument | null;
  others: ForeignReport[];
}

/** A key object selection of the study that another program made, or Lectern elsewhere. */
export interface ForeignSelection {
  sopInstanceUid: string;
  seriesUid: string;
  /** Document title (PS3.16 CID 7010): why they were selected. */
  title: string;
  observer: string;
  /** Content Date and Time (0008,0023), (0008,0033). */
  date: string;
  time: string;
  images: KeyImage[];
  /** Objects that it refers to and that are not here, or are no images. */
  otherCount: number;
}

/** Answer of GET /api/studies/UID/key-images, in the order they were marked. */
export interface KeyImagesView {
  images: KeyImage[];
  selection: SavedDocument | null;
  others: ForeignSelection[];
}
