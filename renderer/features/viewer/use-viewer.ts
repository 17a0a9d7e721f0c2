// The state of a viewer's screen and what its commands do with it; draws nothing.
import { useCallback, useRef, useState, useSyncExternalStore, type Dispatch, type SetStateAction } from 'react';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import { valueRange, windowOfRange } from '#shared/pixels/value-range.ts';
import { isCalibrated } from '#shared/dicom/ultrasound-regions.ts';
import { columnMmOf, type StackView } from '../../imaging/index.ts';
import { frameName, type KeyImage } from '#shared/contract/marks.ts';
import type { ArchiveStore } from '../archive/index.ts';
import type { CineSettings } from './Cine.tsx';
import { changedSpeed, modeOf } from './cine.logic.ts';
import type { DragTool } from './mouse-bindings.ts';
import type { SettingsTab } from './SettingsPanel.tsx';
import type { LoadedSeries, StudyData } from './study-data.ts';
import type { Cells } from './use-cells.ts';
import { useKeyImages } from './use-key-images.ts';
import { useLengths } from './use-lengths.ts';
import { marksOf, type Marks } from './use-marks.ts';
import type { Toggle, ViewerContext } from './viewer-commands.ts';
import { pixelPitchHere, viewerSettings, type ViewerSettings } from './viewer-settings.ts';
import { presetsFor, type Preset, type Presets } from './window-presets.ts';

interface CellView {
  view: StackView;
  loaded: LoadedSeries;
}
type Frame = Pick<KeyImage, 'seriesUid' | 'sopInstanceUid' | 'frameIndex'>;
type Flags = Readonly<Record<Exclude<Toggle, 'cine' | 'bounce' | 'maximised'>, boolean>>;

const START: Flags = {
  text: true,
  tags: false,
  chrome: true,
  probe: true,
  palette: false,
  help: false,
  settings: false,
  layout: false,
  lengths: false,
};
/** Panels at the right: one at a time. */
const NO_PANEL: Partial<Flags> = { tags: false, settings: false, lengths: false };
/** Part of the pixels left out at each end by the automatic window. */
const AUTO_TRIM = 0.01;

interface ScreenState {
  tool: DragTool;
  flags: Flags;
  cine: CineSettings;
  /** Cells that a cine was started in. */
  started: readonly number[];
  tab: SettingsTab;
  notice: string | undefined;
}

export interface Viewer extends Omit<ScreenState, 'started'> {
  chosen: ViewerSettings;
  view: StackView | undefined;
  loaded: LoadedSeries | undefined;
  /** Frames of the active cell's stack. */
  count: number;
  image: ImageDescription | undefined;
  /** Stacks whose cine runs. */
  playing: readonly { cell: number; view: StackView; count: number }[];
  /** The active cell's cine runs. */
  isPlaying: boolean;
  modality: string;
  presets: Presets;
  marks: Marks;
  context: ViewerContext;
  set(part: Partial<Flags>): void;
  showTrueSize(): void;
  tell(notice: string): void;
  clearNotice(): void;
  /** Shows a frame in the active cell. */
  goTo(frame: Frame): void;
  /** Shows a frame in another cell than this one, where there is one: the next that has its series, else the next. */
  goBeside(cell: number, frame: Frame): void;
  onView(cell: number, view: StackView | undefined, loaded: LoadedSeries | undefined): void;
}

/** `focusImages` gives the keys back to the images after a panel or menu went. */
export function useViewer(
  cells: Cells,
  data: StudyData,
  store: ArchiveStore,
  focusImages: () => void,
  onClose: () => void,
): Viewer {
  const chosen = useSyncExternalStore(viewerSettings.subscribe, viewerSettings.getState);
  const [state, setState] = useState<ScreenState>({
    tool: 'window',
    flags: START,
    cine: { speed: 1, mode: undefined },
    started: [],
    tab: 'keys',
    notice: undefined,
  });
  const [views, setViews] = useState<Readonly<Record<number, CellView | undefined>>>({});
  const setNotice = (notice: string | undefined): void =>
    setState((before) => (before.notice === notice ? before : { ...before, notice }));
  const lengths = useLengths(state.tool === 'length', data, store, setNotice);
  const marks = marksOf(lengths, useKeyImages(data, store));
  const { addFrames } = lengths;
  const wanted = useRef<Frame>(undefined);
  const onView = useCallback<Viewer['onView']>(
    (cell, view, loaded) => {
      setViews((before) => ({ ...before, [cell]: view && loaded ? { view, loaded } : undefined }));
      if (!view || !loaded) return;
      addFrames(loaded.stack.frames);
      if (wanted.current && goToFrame(view, loaded, wanted.current)) wanted.current = undefined;
    },
    [addFrames],
  );
  const { view, loaded } = views[cells.active] ?? {};
  const count = loaded?.stack.frames.length ?? 0;
  const image = view?.frame?.image;
  const modality = cells.seriesOf(cells.active)?.modality ?? '';
  const playing = state.started.flatMap((cell) => {
    const { view: stack, loaded: series } = views[cell] ?? {};
    const frames = series?.stack.frames.length ?? 0;
    return stack && frames > 1 ? [{ cell, view: stack, count: frames }] : [];
  });
  const screen = new Screen(cells, views[cells.active], state, setState, focusImages, onClose);
  const presets = screen.presets();
  return {
    ...state,
    chosen,
    view,
    loaded,
    count,
    image,
    playing,
    isPlaying: state.started.includes(cells.active),
    modality,
    presets,
    marks,
    context: screen.context(count, marks),
    set: (part) => screen.set(part),
    showTrueSize: () => screen.showTrueSize(),
    tell: setNotice,
    clearNotice: () => setNotice(undefined),
    onView,
    goBeside: (cell, frame) => {
      const others = cells.shown.filter((each) => each !== cell);
      const target = others.find((each) => cells.seriesOf(each)?.seriesUid === frame.seriesUid) ?? others[0] ?? cell;
      const shown = views[target];
      if (shown && goToFrame(shown.view, shown.loaded, frame)) return;
      wanted.current = frame;
      cells.assign(target, frame.seriesUid);
    },
    goTo: (frame) => {
      const shown = views[cells.active];
      if (shown && goToFrame(shown.view, shown.loaded, frame)) return;
      wanted.current = frame;
      cells.assign(cells.active, frame.seriesUid);
    },
  };
}

/** False where the stack does not hold it. */
function goToFrame(view: StackView, { stack }: LoadedSeries, frame: Frame): boolean {
  const index = stack.frames.findIndex(({ key }) => key === frameName(frame));
  if (index >= 0) view.goTo(index);
  return index >= 0;
}

/** What commands do, on the state of one rendering. */
class Screen {
  readonly #cells: Cells;
  readonly #view: StackView | undefined;
  readonly #loaded: LoadedSeries | undefined;
  readonly #state: ScreenState;
  readonly #setState: Dispatch<SetStateAction<ScreenState>>;
  readonly #focusImages: () => void;
  readonly #onClose: () => void;

  constructor(
    cells: Cells,
    shown: CellView | undefined,
    state: ScreenState,
    setState: Dispatch<SetStateAction<ScreenState>>,
    focusImages: () => void,
    onClose: () => void,
  ) {
    this.#cells = cells;
    this.#view = shown?.view;
    this.#loaded = shown?.loaded;
    this.#state = state;
    this.#setState = setState;
    this.#focusImages = focusImages;
    this.#onClose = onClose;
  }

  context(count: number, marks: Marks): ViewerContext {
    const cells = this.#cells;
    const { lengths } = marks;
    return {
      view: count > 0 ? this.#view : undefined,
      count,
      presetCount: this.presets().usual.length,
      headerCount: this.presets().header.length,
      lengthCount: lengths.list.length,
      canUndoLength: lengths.canUndo,
      canSaveMarks: marks.canSave,
      applyPreset: (number) => this.#apply(this.presets().usual[number]),
      applyHeader: (number) => this.#applyHeader(number),
      applyRange: (kind) => this.#window(this.#rangeOf(kind === 'auto' ? AUTO_TRIM : 0)),
      editWindows: () => {
        this.#put({ tab: 'windows' });
        this.set({ ...NO_PANEL, settings: true });
      },
      setTool: (tool) => this.#put({ tool }),
      toggle: (what) => this.#toggle(what),
      setLayout: (rows, columns) => {
        cells.setLayout(rows, columns);
        this.set({ layout: false });
        this.#focusImages();
      },
      fillCells: cells.fill,
      moveCell: cells.move,
      nextSeries: cells.nextSeries,
      trueSize: () => this.showTrueSize(),
      changeCineSpeed: (by) =>
        this.#put({ cine: { ...this.#state.cine, speed: changedSpeed(this.#state.cine.speed, by) } }),
      deleteLengths: () => {
        if (!this.#view?.mount?.deleteSelected()) this.#put({ notice: 'Click a length first, then delete it.' });
      },
      undoLength: lengths.undo,
      saveMarks: () => void marks.save(),
      toggleKeyImage: () => {
        const image = this.#view?.frame?.image;
        if (image) marks.keyImages.toggle(image);
      },
      escape: () => this.#escape(),
      close: this.#onClose,
    };
  }

  set(part: Partial<Flags>): void {
    this.#setState((before) => ({ ...before, flags: { ...before.flags, ...part } }));
  }

  /** Life size where millimetres and the monitor's pitch are known; else says what is missing, or asks for it. */
  showTrueSize(): void {
    const image = this.#view?.frame?.image;
    if (!this.#view || !image) return;
    if (columnMmOf(image) === undefined)
      return this.#put({
        notice: isCalibrated(image)
          ? 'The regions of this image have several calibrations, or none in both ways: it has no one true size.'
          : 'This image is not calibrated: it has no true size.',
      });
    if (pixelPitchHere() === undefined) {
      this.#put({ tab: 'monitor' });
      return this.set({ ...NO_PANEL, settings: true });
    }
    this.#view.trueSize();
    if (image.spacingMm && image.spacingBasis !== 'patient')
      this.#put({ notice: 'The spacing is not that of the patient: life size holds at the detector or film only.' });
  }

  #put(part: Partial<ScreenState>): void {
    this.#setState((before) => ({ ...before, ...part }));
  }

  #toggle(what: Toggle): void {
    const { flags, cine } = this.#state;
    if (what === 'cine') return this.#toggleCine();
    if (what === 'maximised') return this.#cells.setMaximised(!this.#cells.isMaximised);
    if (what === 'bounce') {
      const mode = modeOf(cine.mode, this.#view?.frame?.image);
      return this.#put({ cine: { ...cine, mode: mode === 'loop' ? 'bounce' : 'loop' } });
    }
    this.set({ ...(what in NO_PANEL && NO_PANEL), [what]: !flags[what] });
    if (flags[what]) this.#focusImages();
  }

  #toggleCine(): void {
    const { started } = this.#state;
    const { active } = this.#cells;
    this.#put({
      started: started.includes(active) ? started.filter((cell) => cell !== active) : [...started, active],
    });
  }

  /** The last thing opened goes first; with nothing open, back to the studies. */
  #escape(): void {
    const { flags, notice, started } = this.#state;
    if (this.#view?.mount?.cancelDrawing() === true) return;
    if (notice !== undefined) return this.#put({ notice: undefined });
    if (started.length > 0) return this.#put({ started: [] });
    if (this.#state.tool === 'length') return this.#put({ tool: 'window' });
    if (!flags.chrome) return this.set({ chrome: true });
    if (flags.tags || flags.settings || flags.lengths) {
      this.set(NO_PANEL);
      return this.#focusImages();
    }
    if (this.#cells.isMaximised) return this.#cells.setMaximised(false);
    this.#onClose();
  }

  /** Of the image now shown, which may be another than at the last rendering of the screen. */
  presets(): Presets {
    const image = this.#view?.frame?.image;
    const dataset = image && this.#loaded?.bySop.get(image.sopInstanceUid);
    const modality = this.#cells.seriesOf(this.#cells.active)?.modality ?? '';
    return dataset
      ? presetsFor(modality, image, dataset, viewerSettings.getState().presets)
      : { header: [], usual: [] };
  }

  #apply(preset: Preset | undefined): void {
    if (!preset) return;
    const { show, label, reason } = preset;
    if (!show) return this.#put({ notice: `${label} is not possible here: ${reason ?? 'unknown'}.` });
    if (show.kind === 'range') return this.#window(this.#rangeOf(show.trim));
    if (show.kind === 'share') return this.#window(this.#shareOf(show.to));
    this.#window(show);
  }

  /** The next after the one that is shown now, from the last to the first. */
  #applyHeader(number: number | undefined): void {
    const { header } = this.presets();
    const now = JSON.stringify(this.#view?.voi);
    const at = header.findIndex(({ show }) => JSON.stringify(show) === now);
    this.#apply(header[number ?? (at + 1) % header.length]);
  }

  #shareOf(to: number): StackView['voi'] {
    const frame = this.#view?.frame;
    const decoded = frame && this.#view?.decodedOf(frame.key);
    if (!decoded) return undefined;
    const most = Math.max(Number.MIN_VALUE, valueRange(decoded, frame.image)[1] * to);
    return { kind: 'window', center: most / 2, width: most, function: 'LINEAR_EXACT' };
  }

  #rangeOf(trim: number): StackView['voi'] {
    const frame = this.#view?.frame;
    const decoded = frame && this.#view?.decodedOf(frame.key);
    return decoded && windowOfRange(decoded, frame.image, trim);
  }

  #window(voi: StackView['voi']): void {
    if (!voi) return;
    this.#view?.remember();
    this.#view?.setVoi(voi);
  }
}
