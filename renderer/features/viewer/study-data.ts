// Loads a study's series and their metadata for the viewer; each series once.
import { backend } from '../../backend-client/client.ts';
import { stackOf, type Stack } from '../../imaging/index.ts';
import type { DicomJson } from '#shared/dicom/model.ts';

export interface LoadedSeries {
  stack: Stack;
  metadata: DicomJson[];
  bySop: Map<string, DicomJson>;
}

export class StudyData {
  readonly #studyUid: string;
  readonly #series = new Map<string, Promise<LoadedSeries>>();

  constructor(studyUid: string) {
    this.#studyUid = studyUid;
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

  async #load(seriesUid: string): Promise<LoadedSeries> {
    const metadata = await backend.seriesMetadata(this.#studyUid, seriesUid);
    const uidOf = (dataset: DicomJson): string => String(dataset['00080018']?.Value?.[0] ?? '');
    return {
      stack: stackOf(this.#studyUid, seriesUid, metadata),
      metadata,
      bySop: new Map(metadata.map((dataset) => [uidOf(dataset), dataset])),
    };
  }
}
