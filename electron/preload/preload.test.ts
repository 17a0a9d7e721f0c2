import { expect, test, vi } from 'vitest';
import type { DesktopBridge } from '#shared/contract/bridge.ts';

const electron = vi.hoisted(() => ({
  contextBridge: { exposeInMainWorld: vi.fn<(name: string, bridge: object) => void>() },
  ipcRenderer: {
    invoke: vi.fn<() => Promise<unknown[]>>(() => Promise.resolve([])),
    on: vi.fn<(channel: string, listener: (event: object, value: unknown) => void) => void>(),
    off: vi.fn<(channel: string, listener: unknown) => void>(),
  },
  webUtils: { getPathForFile: vi.fn<() => string>(() => '/picked/a.dcm') },
}));
vi.mock('electron', () => electron);
await import('./preload.ts');
const [bridgeName, exposed] = electron.contextBridge.exposeInMainWorld.mock.calls[0]!;
const bridge = exposed as DesktopBridge;

test('the bridge is these functions and nothing else', () => {
  expect(bridgeName).toBe('desktop');
  expect(Object.keys(bridge).sort()).toEqual([
    'noteOpened',
    'onOpenPaths',
    'onOpenStudy',
    'pathsOfFiles',
    'pickImportPaths',
    'reportReady',
  ]);
  expect(Object.values(bridge).every((member) => typeof member === 'function')).toBe(true);
});

test('a callback gets the value without the event, until it is unregistered', () => {
  const callback = vi.fn<(studyUid: string) => void>();
  const end = bridge.onOpenStudy(callback);
  const [channel, listener] = electron.ipcRenderer.on.mock.calls[0]!;
  listener({ sender: 'secret' }, '1.2');
  expect(callback.mock.calls).toEqual([['1.2']]);
  end();
  expect(electron.ipcRenderer.off).toHaveBeenCalledWith(channel, listener);
});

test('only files have a path', () => {
  expect(bridge.pathsOfFiles([new File([], 'a.dcm'), {}])).toEqual(['/picked/a.dcm', '']);
});
