// The key images of one study: marked and unmarked at once on the screen, kept by the backend, taken back and told where that fails.
import { createStore, type StoreApi } from 'zustand/vanilla';
import { numberOf, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import {
  frameName,
  type ForeignSelection,
  type KeyImage,
  type KeyImagesView,
  type SavedDocument,
} from '#shared/contract/marks.ts';

export interface KeyImageKeeper {
  read(studyUid: string): Promise<KeyImagesView>;
  keep(image: KeyImage): Promise<void>;
  forget(image: KeyImage): Promise<void>;
  /** Makes them part of the study as a selection; rejects with why that is not possible. */
  save(studyUid: string): Promise<unknown>;
  /** Calls back when they may be others than before, by another window say; returns the function that unregisters. */
  follow(studyUid: string, changed: () => void): () => void;
}

export interface KeyImagesState {
  /** In the order they were marked. */
  images: readonly KeyImage[];
  /** The selection that Lectern made of them last; null: none. */
  selection: SavedDocument | null;
  isSaving: boolean;
  /** Nothing is on its way to the archive. */
  isKept: boolean;
  /** Selections that came with the study. */
  others: readonly ForeignSelection[];
  /** Why they cannot be kept or were not found; undefined while all is well. */
  failure: string | undefined;
}

const EMPTY: KeyImagesState = {
  images: [],
  selection: null,
  isSaving: false,
  isKept: true,
  others: [],
  failure: undefined,
};
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class StudyKeyImages {
  readonly state: StoreApi<KeyImagesState> = createStore(() => EMPTY);
  readonly #studyUid: string;
  readonly #instanceOf: (sopInstanceUid: string) => DicomJson | undefined;
  readonly #keeper: KeyImageKeeper;
  /** Changes of this page: what was read before the last of them may be old. */
  #changeCount = 0;
  /** Changes go to the backend one after the other: a mark that is set, taken away and set again must not end as the second came. */
  #lastChange: Promise<unknown> = Promise.resolve();

  /** `instanceOf`: metadata of an instance of the study, of series that were loaded. */
  constructor(studyUid: string, instanceOf: (sopInstanceUid: string) => DicomJson | undefined, keeper: KeyImageKeeper) {
    this.#studyUid = studyUid;
    this.#instanceOf = instanceOf;
    this.#keeper = keeper;
  }

  /** Reads what was kept and follows it; returns the function that ends that. */
  open(): () => void {
    void this.#read();
    return this.#keeper.follow(this.#studyUid, () => void this.#read());
  }

  async #read(): Promise<void> {
    const changeCount = this.#changeCount;
    try {
      const found = await this.#keeper.read(this.#studyUid);
      // Changed meanwhile: the answer may be older than that.
      if (changeCount !== this.#changeCount) return await this.#read();
      this.state.setState(found);
    } catch (error) {
      this.state.setState({ failure: `The key images of this study could not be read: ${wordsOf(error)}` });
    }
  }

  /** Marks a frame, or takes its mark away. */
  async toggle(frame: Pick<KeyImage, 'sopInstanceUid' | 'frameIndex'>): Promise<void> {
    const marked = this.state.getState().images.find((image) => frameName(image) === frameName(frame));
    if (marked) return this.remove(marked);
    const dataset = this.#instanceOf(frame.sopInstanceUid);
    if (!dataset) return;
    const instanceNumber = numberOf(dataset, '00200013');
    const image: KeyImage = {
      studyUid: this.#studyUid,
      seriesUid: textOf(dataset, '0020000E') ?? '',
      sopInstanceUid: frame.sopInstanceUid,
      frameIndex: frame.frameIndex,
      ...(instanceNumber !== undefined && { instanceNumber }),
      markedAt: Date.now(),
    };
    await this.#change([...this.state.getState().images, image], () => this.#keeper.keep(image));
  }

  async remove(image: KeyImage): Promise<void> {
    const left = this.state.getState().images.filter((each) => frameName(each) !== frameName(image));
    await this.#change(left, () => this.#keeper.forget(image));
  }

  async #change(images: readonly KeyImage[], keep: () => Promise<void>): Promise<void> {
    this.#changeCount++;
    const { selection } = this.state.getState();
    this.state.setState({ images, isKept: false, selection: selection && { ...selection, isCurrent: false } });
    const kept = this.#lastChange.then(keep);
    const settled = kept.then(
      () => undefined,
      () => undefined,
    );
    this.#lastChange = settled;
    void settled.then(() => {
      if (this.#lastChange === settled) this.state.setState({ isKept: true });
    });
    try {
      await kept;
      this.state.setState({ failure: undefined });
    } catch (error) {
      this.state.setState({ failure: `The mark of a key image is not kept: ${wordsOf(error)}` });
      // What the backend has is true.
      await this.#read();
    }
  }

  /** Makes the key images part of the study; false where that failed, which `failure` says. */
  async save(): Promise<boolean> {
    this.state.setState({ isSaving: true });
    let isSaved = true;
    try {
      await this.#keeper.save(this.#studyUid);
      this.state.setState({ failure: undefined });
    } catch (error) {
      isSaved = false;
      this.state.setState({ failure: `The key images are not saved in the study: ${wordsOf(error)}` });
    }
    this.state.setState({ isSaving: false });
    await this.#read();
    return isSaved;
  }
}
