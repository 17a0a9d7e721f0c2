// The lengths of one study: put back on its images when they are opened, kept at each change, with undo. Draws nothing
// itself; what is drawn is the library's, through `LengthMarks`.
import { createStore, type StoreApi } from 'zustand/vanilla';
import { numberOf, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { frameKeyOf, type LengthOnImage, type Stage, type StackFrame } from '../../imaging/index.ts';
import type { ForeignReport, SavedDocument, StoredLength, StudyLengthsView } from '#shared/contract/marks.ts';
import type { OutboxState } from '../../local-db/length-outbox.ts';

export type Marks = Pick<Stage['tools']['marks'], 'all' | 'onChange' | 'put' | 'remove'>;
/** Where lengths are kept. What is on its way there is read as if it were there. */
export interface LengthKeeper {
  read(studyUid: string): Promise<StudyLengthsView>;
  /** Makes them part of the study as a report; rejects with why that is not possible. */
  save(studyUid: string): Promise<void>;
  keep(length: StoredLength): void;
  forget(studyUid: string, uid: string): void;
  /** `waits` is told what is not kept yet, at once and with each change; `changed`, that a length may be another than before, by
   * another window say. */
  follow(studyUid: string, listener: { waits(state: OutboxState): void; changed(): void }): () => void;
}

export interface LengthsState {
  /** Oldest first. */
  lengths: readonly StoredLength[];
  /** The report that Lectern made of them last; null: none. */
  report: SavedDocument | null;
  isSaving: boolean;
  /** Reports that came with the study. */
  others: readonly ForeignReport[];
  canUndo: boolean;
  /** The backend has them all as they are. */
  isKept: boolean;
  /** Why lengths cannot be kept or were not found; undefined while all is well. */
  failure: string | undefined;
}

/** Moves of one length within this time are one step of undo. */
const ONE_STEP_MS = 1500;
const MOST_STEPS = 100;

interface Step {
  uid: string;
  before: StoredLength | undefined;
  /** As it was left: where that does not stand any more, another window changed it. */
  after: StoredLength | undefined;
  /** By the mouse: further moves belong to it. */
  isDrag: boolean;
  at: number;
}

export class StudyLengths {
  readonly state: StoreApi<LengthsState> = createStore(() => ({
    lengths: [],
    report: null,
    isSaving: false,
    others: [],
    canUndo: false,
    isKept: true,
    failure: undefined,
  }));
  readonly #studyUid: string;
  readonly #instanceOf: (sopInstanceUid: string) => DicomJson | undefined;
  readonly #keeper: LengthKeeper;
  readonly #now: () => number;
  readonly #frames = new Map<string, StackFrame>();
  readonly #steps: Step[] = [];
  #marks: Marks | undefined;
  #isRead = false;
  /** Changes of this page: what was read before the last of them may be old. */
  #changeCount = 0;

  /** `instanceOf`: metadata of an instance of the study, of series that were loaded. */
  constructor(
    studyUid: string,
    instanceOf: (sopInstanceUid: string) => DicomJson | undefined,
    keeper: LengthKeeper,
    now: () => number = Date.now,
  ) {
    this.#studyUid = studyUid;
    this.#instanceOf = instanceOf;
    this.#keeper = keeper;
    this.#now = now;
  }

  /** Reads what was kept and follows what is drawn; returns the function that ends it. */
  open(marks: Marks): () => void {
    this.#marks = marks;
    const off = marks.onChange((uid, length) => this.#changed(uid, length));
    const unfollow = this.#keeper.follow(this.#studyUid, {
      waits: ({ waitingCount, failure }) =>
        this.state.setState({
          isKept: waitingCount === 0 && failure === undefined,
          failure: failure === undefined ? undefined : `The change of a length is not kept in the archive: ${failure}`,
        }),
      changed: () => void this.#read(),
    });
    void this.#read();
    return () => {
      off();
      unfollow();
      this.#marks = undefined;
    };
  }

  async #read(): Promise<void> {
    const changeCount = this.#changeCount;
    let found: StudyLengthsView;
    try {
      found = await this.#keeper.read(this.#studyUid);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return this.state.setState({ failure: `The lengths of this study could not be read: ${why}` });
    }
    if (!this.#marks) return;
    // Changed meanwhile: the answer may be older than that. Once that is kept, it is told, and read again.
    if (changeCount !== this.#changeCount) return this.#isRead ? undefined : this.#read();
    const before = this.state.getState().lengths;
    this.state.setState({ ...found, ...(!this.#isRead && { failure: undefined }) });
    this.#isRead = true;
    for (const length of found.lengths) {
      const known = before.find(({ uid }) => uid === length.uid);
      if (known && !isSame(known, length)) this.#draw(length.uid);
    }
    this.#putBack();
  }

  /** Frames of a series were loaded: lengths on them are drawn. */
  add(frames: readonly StackFrame[]): void {
    for (const frame of frames) this.#frames.set(frame.key, frame);
    this.#putBack();
  }

  rename(uid: string, label: string): void {
    const length = this.#find(uid);
    if (!length || length.label === label) return;
    this.#put({ ...length, label });
    this.#draw(uid);
  }
  remove(uid: string): void {
    this.#take(uid);
    this.#marks?.remove(uid);
  }
  /** Takes back the last length drawn, moved, renamed or deleted. Where another window changed that one since, leaves it, forgets the
   * step and says so. */
  undo(): string | undefined {
    const step = this.#steps.pop();
    if (!step) return undefined;
    const { uid, before, after } = step;
    const now = this.#find(uid);
    const last = now ?? after;
    if (last && !isLeft(after, now)) {
      this.state.setState({ canUndo: this.#steps.length > 0 });
      return `${last.label || last.text} was ${now ? 'changed' : 'deleted'} in another window since: that is not undone from here.`;
    }
    this.#set(uid, before);
    if (before) this.#draw(uid);
    else this.#marks?.remove(uid);
    return undefined;
  }

  /** Makes the lengths part of the study; false where that failed, which `failure` says. */
  async save(): Promise<boolean> {
    this.state.setState({ isSaving: true });
    let isSaved = true;
    try {
      await this.#keeper.save(this.#studyUid);
      this.state.setState({ failure: undefined });
    } catch (error) {
      isSaved = false;
      const why = error instanceof Error ? error.message : String(error);
      this.state.setState({ failure: `The lengths are not saved in the study: ${why}` });
    }
    this.state.setState({ isSaving: false });
    if (isSaved) await this.#read();
    return isSaved;
  }

  /** Draws the lengths of a report that are not among the own ones, to go on with as these. */
  takeOver({ lengths }: ForeignReport): void {
    const from = this.#now();
    for (const [index, length] of lengths.entries()) {
      if (this.#find(length.uid)) continue;
      this.#put({ ...length, drawnAt: from + index });
      this.#draw(length.uid);
    }
  }

  #find(uid: string): StoredLength | undefined {
    return this.state.getState().lengths.find((each) => each.uid === uid);
  }

  #changed(uid: string, length: LengthOnImage | undefined): void {
    if (!length) return this.#take(uid);
    const dataset = this.#instanceOf(length.sopInstanceUid);
    if (!dataset) return;
    const known = this.#find(uid);
    if (known && isSame(known, length)) return;
    this.#put(
      {
        ...length,
        studyUid: this.#studyUid,
        seriesUid: textOf(dataset, '0020000E') ?? '',
        instanceNumber: numberOf(dataset, '00200013'),
        drawnAt: known?.drawnAt ?? this.#now(),
      },
      true,
    );
  }

  #put(length: StoredLength, isDrag = false): void {
    this.#remember(length.uid, length, isDrag);
    this.#set(length.uid, length);
  }
  #take(uid: string): void {
    if (!this.#find(uid)) return;
    this.#remember(uid, undefined);
    this.#set(uid, undefined);
  }

  #remember(uid: string, after: StoredLength | undefined, isDrag = false): void {
    const last = this.#steps.at(-1);
    const at = this.#now();
    const before = this.#find(uid);
    // A drag tells of each of its moves.
    if (isDrag && last?.isDrag === true && last.uid === uid && at - last.at < ONE_STEP_MS && isLeft(last.after, before))
      Object.assign(last, { after, at });
    else this.#steps.push({ uid, before, after, isDrag, at });
    if (this.#steps.length > MOST_STEPS) this.#steps.shift();
  }

  #set(uid: string, length: StoredLength | undefined): void {
    const others = this.state.getState().lengths.filter((each) => each.uid !== uid);
    const lengths = (length ? [...others, length] : others).sort((a, b) => a.drawnAt - b.drawnAt);
    const { report } = this.state.getState();
    this.state.setState({
      lengths,
      canUndo: this.#steps.length > 0,
      report: report && { ...report, isCurrent: false },
    });
    this.#changeCount++;
    if (length) this.#keeper.keep(length);
    else this.#keeper.forget(this.#studyUid, uid);
  }

  #draw(uid: string): void {
    const length = this.#find(uid);
    const frame = length && this.#frames.get(frameKeyOf(length));
    if (length && frame) this.#marks?.put(frame, length);
  }

  /** Draws what was kept and is not drawn; takes away what is drawn and was deleted elsewhere. */
  #putBack(): void {
    const marks = this.#marks;
    if (!marks || !this.#isRead) return;
    const drawn = new Set(marks.all.map(({ uid }) => uid));
    for (const { uid } of this.state.getState().lengths) if (!drawn.has(uid)) this.#draw(uid);
    for (const { uid, sopInstanceUid } of marks.all)
      if (this.#instanceOf(sopInstanceUid) && !this.#find(uid)) marks.remove(uid);
  }
}

/** It stands as it was left. */
const isLeft = (after: StoredLength | undefined, now: StoredLength | undefined): boolean =>
  after && now ? isSame(after, now) : after === now;

/** Drawn anew, a length tells of itself again: to a thousandth of a pixel it is the same. */
const isSame = (a: LengthOnImage, b: LengthOnImage): boolean =>
  a.label === b.label &&
  a.ends.every((end, at) => end.every((value, axis) => Math.abs(value - (b.ends[at]?.[axis] ?? Number.NaN)) < 1e-3));
