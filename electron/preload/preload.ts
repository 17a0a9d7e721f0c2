// The bridge `window.desktop` (contract: shared/contract/bridge.ts): what only a desktop can do, a function each, no raw
// message channel. Callbacks get values, never Electron's event object.
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { DesktopBridge } from '#shared/contract/bridge.ts';
import { CHANNELS } from '../main/desktop-channels.ts';

/** What main sends by itself. */
interface Pushed {
  [CHANNELS.openPaths]: string[];
  [CHANNELS.openStudy]: string;
}

/** Calls back with the message's only value; returns the function that unregisters. */
function listen<Channel extends keyof Pushed>(
  channel: Channel,
  callback: (value: Pushed[Channel]) => void,
): () => void {
  const listener = (_event: unknown, value: Pushed[Channel]): void => callback(value);
  ipcRenderer.on(channel, listener);
  return () => void ipcRenderer.off(channel, listener);
}

const bridge: DesktopBridge = {
  pickImportPaths: (kind) => ipcRenderer.invoke(CHANNELS.pickImportPaths, kind) as Promise<string[]>,
  pathsOfFiles: (files) => files.map((file) => (file instanceof File ? webUtils.getPathForFile(file) : '')),
  onOpenPaths: (callback) => listen(CHANNELS.openPaths, callback),
  onOpenStudy: (callback) => listen(CHANNELS.openStudy, callback),
  noteOpened: (studyUid) => void ipcRenderer.invoke(CHANNELS.noteOpened, studyUid),
  reportReady: () => void ipcRenderer.invoke(CHANNELS.reportReady, null),
};

contextBridge.exposeInMainWorld('desktop', bridge);
