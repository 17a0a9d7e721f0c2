// What the person has set for the viewer, remembered in the page's database: keys, mouse, corner texts, windows, the
// pitch of each monitor. One store for all viewers of the page.
import { createStore } from 'zustand/vanilla';
import { followSetting, readSetting, writeSetting } from '../../local-db/database.ts';
import type { KeyOverrides } from '../../commands/bindings.ts';
import { DEFAULT_MOUSE, type MouseBindings } from './mouse-bindings.ts';
import type { OverlayLayout } from './overlay-fields.ts';
import type { PresetLists } from './window-presets.ts';

export interface ViewerSettings {
  keys: KeyOverrides;
  mouse: MouseBindings;
  /** By modality, only what differs from the defaults. */
  overlay: OverlayLayout;
  /** Millimetres of one device pixel by monitor (`monitorKey`). */
  pixelPitchMm: Readonly<Record<string, number>>;
  /** Windows by modality, only what differs from the defaults. */
  presets: PresetLists;
}

const SETTING = 'viewer';
export const DEFAULT_SETTINGS: ViewerSettings = {
  keys: {},
  mouse: DEFAULT_MOUSE,
  overlay: {},
  pixelPitchMm: {},
  presets: {},
};

export type ViewerSettingsStore = ReturnType<typeof createViewerSettings>;

function createViewerSettings() {
  const store = createStore<ViewerSettings>(() => DEFAULT_SETTINGS);
  // What the person changes before the stored settings are read stays.
  let isTouched = false;
  void readSetting<Partial<ViewerSettings>>(SETTING, {}).then((stored) => {
    if (!isTouched) store.setState({ ...DEFAULT_SETTINGS, ...stored });
  });
  followSetting(SETTING, (written) => store.setState(written as ViewerSettings));
  return {
    ...store,
    change(part: Partial<ViewerSettings>): void {
      isTouched = true;
      store.setState(part);
      void writeSetting(SETTING, store.getState());
    },
  };
}

/** Tells monitors apart as well as a page can: by their size and resolution. */
export const monitorKey = (): string => `${screen.width}x${screen.height}@${devicePixelRatio}`;

export const viewerSettings = createViewerSettings();

/** Of the monitor that the page is on now; undefined where nobody has measured it. */
export const pixelPitchHere = (): number | undefined => viewerSettings.getState().pixelPitchMm[monitorKey()];

/** Calls back when it may be another one; gives the function that ends that. */
export function followPixelPitch(heard: () => void): () => void {
  const off = viewerSettings.subscribe(heard);
  // Chromium's, which TypeScript does not know: the page has come to another monitor.
  const monitor = screen as Screen & Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;
  monitor.addEventListener?.('change', heard);
  return () => {
    off();
    monitor.removeEventListener?.('change', heard);
  };
}
