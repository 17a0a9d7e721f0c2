// The desktop bridge (shared/contract/bridge.ts): fewer than a dozen members, no raw IPC. Runs sandboxed in the page's
// process and requires nothing but electron.
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { DesktopBridge } from '../../shared/contract/bridge.ts';

/** Registers for a message of the main process; gives the function that unregisters. */
function listen(channel: string, callback: (payload: unknown) => void): () => void {
  const listener = (_event: unknown, payload: unknown): void => callback(payload);
  ipcRenderer.on(channel, listener);
  return () => void ipcRenderer.removeListener(channel, listener);
}

const bridge: DesktopBridge = {
  pickImportPaths: (kind) => ipcRenderer.invoke('lectern:pick-import-paths', kind) as Promise<string[]>,
  pathsOfFiles: (files) => files.map((file) => (file instanceof File ? webUtils.getPathForFile(file) : '')),
  onOpenPaths: (callback) =>
    listen('lectern:open-paths', (paths) => Array.isArray(paths) && callback(paths.map(String))),
  onOpenStudy: (callback) => listen('lectern:open-study', (uid) => typeof uid === 'string' && callback(uid)),
  noteOpened: (studyUid) => ipcRenderer.send('lectern:note-opened', studyUid),
  reportReady: () => ipcRenderer.send('lectern:ready'),
};

contextBridge.exposeInMainWorld('desktop', bridge);
