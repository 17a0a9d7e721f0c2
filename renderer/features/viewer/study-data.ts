// Loads a study's series and their metadata for the viewer; each series once.
import { backend } from '../../backend-client/client.ts';
import { FrameStore, stackOf, type Stack } from '../../imaging/index.ts';
import { isLabelObject } from './object-summary.ts';
import type { StudyRow } from '#shared/contract/views.ts';
import type { DicomJson } from '#shared/dicom/model.ts';

export interface LoadedSeries {
  stack: Stack;
  metadata: DicomJson[];
  bySop: Map<string, DicomJson>;
}

/** The study opened last: its metadata may be under way before its screen is there, and is still here when it is opened again. */
let latest: { as: string; data: StudyData } | undefined;

/** `row`: as the study is listed now. Removed and brought in anew, or with an instance exchanged, it is read anew. */
export function studyData(studyUid: string, row: StudyRow | undefined): StudyData {
  const as = [studyUid, row?.receivedAt, row?.instanceCount, row?.sizeBytes, row?.conflictCount].join(' ');
  if (latest?.as !== as) latest = { as, data: new StudyData(studyUid) };
  return latest.data;
}

export class StudyData {
  readonly studyUid: string;
  /** Frames of all its series, one memory budget for all cells. */
  readonly frames = new FrameStore();
  readonly #series = new Map<string, Promise<LoadedSeries>>();
  readonly #instances = new Map<string, DicomJson>();

  constructor(studyUid: string) {
    this.studyUid = studyUid;
  }

  /** An instance's metadata, of a series that was loaded. */
  instance(sopInstanceUid: string): DicomJson | undefined {
    return this.#instances.get(sopInstanceUid);
  }

  /** Rejects with BackendError; a failed load is tried again at the next call. */
  series(seriesUid: string): Promise<LoadedSeries> {
    let pending = this.#series.get(seriesUid);
    if (!pending) {
      pending = this.#load(seriesUid);
      pending.catch(() => this.#series.delete(seriesUid));
      this.#series.set(seriesUid, pending);
    }
    return pending;
  }

  /** A series with at least `count` instances, as far as they are here: asked for again where more have come since. */
  async grown(seriesUid: string, count: number): Promise<LoadedSeries> {
    const pending = this.series(seriesUid);
    const known = await pending;
    if (known.metadata.length >= count) return known;
    // Whoever comes first asks; the others wait for the same answer.
    if (this.#series.get(seriesUid) === pending) this.#series.delete(seriesUid);
    return this.series(seriesUid);
  }

  /** Where a stack opens: cross-sections in the middle, cines and single images at their start. */
  static startIndex({ frames }: Pick<Stack, 'frames'>): number {
    const isCine = frames.every((frame) => frame.image.sopInstanceUid === frames[0]?.image.sopInstanceUid);
    return isCine ? 0 : Math.floor(frames.length / 2);
  }

  /** Fetches what the first picture of a series needs. */
  async prepare(seriesUid: string): Promise<void> {
    const { stack } = await this.series(seriesUid);
    const first = stack.frames[StudyData.startIndex(stack)];
    if (first) this.frames.want(this, [first]);
  }

  async #load(seriesUid: string): Promise<LoadedSeries> {
    const metadata = await backend.seriesMetadata(this.studyUid, seriesUid);
    const uidOf = (dataset: DicomJson): string => String(dataset['00080018']?.Value?.[0] ?? '');
    for (const dataset of metadata) this.#instances.set(uidOf(dataset), dataset);
    return {
      stack: stackOf(this.studyUid, seriesUid, metadata, isLabelObject),
      metadata,
      bySop: new Map(metadata.map((dataset) => [uidOf(dataset), dataset])),
    };
  }
}
