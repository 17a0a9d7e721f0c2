// The life cycle of main with a small fake of Electron: who waits for whom between backend, window and page.
import { EventEmitter } from 'node:events';
import { beforeEach, expect, test, vi } from 'vitest';
import { CHANNELS } from './desktop-channels.ts';

type Handler = (event: object, argument: unknown) => unknown;
class FakeContents extends EventEmitter {
  id = 7;
  mainFrame = { url: 'lectern://app/' };
  send = vi.fn<(channel: string, value: unknown) => void>();
  reload = vi.fn<() => void>();
  forcefullyCrashRenderer = vi.fn<() => void>();
}
class FakeWindow extends EventEmitter {
  webContents = new FakeContents();
  loaded = Promise.withResolvers<void>();
  loadURL = (): Promise<void> => this.loaded.promise;
  show = vi.fn<() => void>();
  constructor() {
    super();
    opened.push(this);
  }
}
const opened: FakeWindow[] = [];
const fake = {
  app: Object.assign(new EventEmitter(), {
    isPackaged: false,
    enableSandbox: () => undefined,
    requestSingleInstanceLock: vi.fn<() => boolean>(() => true),
    whenReady: () => Promise.resolve(),
    getVersion: () => '1.0.0',
    quit: vi.fn<() => void>(),
    exit: vi.fn<(code: number) => void>(),
    relaunch: vi.fn<() => void>(),
  }),
  backend: Object.assign(new EventEmitter(), { postMessage: () => undefined, kill: () => true }),
  handlers: new Map<string, Handler>(),
  showMessageBox: vi.fn<(...given: unknown[]) => Promise<{ response: number }>>(),
  showErrorBox: vi.fn<(title: string, text: string) => void>(),
};
vi.mock('electron', () => ({
  app: fake.app,
  BrowserWindow: FakeWindow,
  dialog: { showMessageBox: fake.showMessageBox, showErrorBox: fake.showErrorBox },
  ipcMain: { handle: (channel: string, handler: Handler) => fake.handlers.set(channel, handler) },
  Menu: { setApplicationMenu: () => undefined, buildFromTemplate: () => ({}) },
  net: {},
  protocol: { registerSchemesAsPrivileged: () => undefined },
  safeStorage: { isAsyncEncryptionAvailable: () => Promise.resolve(false) },
  session: {
    fromPartition: () => ({
      setPermissionRequestHandler: () => undefined,
      setPermissionCheckHandler: () => undefined,
      setDevicePermissionHandler: () => undefined,
      setDisplayMediaRequestHandler: () => undefined,
      setBluetoothPairingHandler: () => undefined,
      webRequest: { onBeforeRequest: () => undefined },
      protocol: { handle: () => undefined },
    }),
  },
  shell: {},
  utilityProcess: { fork: () => fake.backend },
}));

/** Starts main up to the window whose page is loading. */
async function start(): Promise<FakeWindow> {
  process.argv = ['electron', '.', '/discs/a.dcm'];
  vi.resetModules();
  await import('./main.ts');
  await vi.waitFor(() => expect(fake.backend.listenerCount('message')).toBe(1), 50_000);
  expect(opened).toEqual([]);
  fake.backend.emit('message', { kind: 'serving', origin: 'http://127.0.0.1:5', token: 't'.repeat(43) });
  await vi.waitFor(() => expect(opened).toHaveLength(1), 50_000);
  return opened[0]!;
}

const callFrom = (window: FakeWindow, channel: string, argument: unknown): unknown => {
  const { webContents } = window;
  return fake.handlers.get(channel)?.({ sender: webContents, senderFrame: webContents.mainFrame }, argument);
};

beforeEach(() => {
  opened.length = 0;
  fake.app.removeAllListeners();
  fake.backend.removeAllListeners();
  fake.showMessageBox.mockReset();
  fake.app.quit.mockReset();
});

test('a page that is ready before it has loaded is heard, and gets what the program was started with', async () => {
  const window = await start();
  const { webContents } = window;
  callFrom(window, CHANNELS.reportReady, null);
  expect(webContents.send).toHaveBeenCalledExactlyOnceWith(CHANNELS.openPaths, ['/discs/a.dcm']);
  window.loaded.resolve();
});

test('what comes while the page loads again waits until it listens', async () => {
  const window = await start();
  const { webContents } = window;
  callFrom(window, CHANNELS.reportReady, null);
  webContents.send.mockReset();
  webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true });
  fake.app.emit('open-url', { preventDefault: () => undefined }, 'lectern://study/1.2.3');
  expect(webContents.send).toHaveBeenCalledExactlyOnceWith(CHANNELS.openStudy, '1.2.3');
  webContents.send.mockReset();
  webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
  fake.app.emit('open-url', { preventDefault: () => undefined }, 'lectern://study/1.2.4');
  expect(webContents.send).not.toHaveBeenCalled();
  callFrom(window, CHANNELS.reportReady, null);
  expect(webContents.send).toHaveBeenCalledExactlyOnceWith(CHANNELS.openStudy, '1.2.4');
});

test.each([
  ['oom', 0, 'memory', 1, 0],
  ['crashed', 1, 'crashed', 0, 1],
])('a page that ended (%s) is said; button %i', async (reason, response, text, reloads, quits) => {
  const { webContents } = await start();
  fake.showMessageBox.mockResolvedValue({ response });
  webContents.emit('render-process-gone', {}, { reason });
  expect(JSON.stringify(fake.showMessageBox.mock.calls)).toContain(text);
  await vi.waitFor(
    () => expect([webContents.reload.mock.calls.length, fake.app.quit.mock.calls.length]).toEqual([reloads, quits]),
    50_000,
  );
});

test('a page that hangs is waited for or ended; one that answers again takes the question away', async () => {
  const window = await start();
  const { webContents } = window;
  const answer = Promise.withResolvers<{ response: number }>();
  fake.showMessageBox.mockReturnValueOnce(answer.promise);
  window.emit('unresponsive');
  window.emit('unresponsive');
  expect(fake.showMessageBox).toHaveBeenCalledOnce();
  const { signal } = fake.showMessageBox.mock.calls[0]![1] as { signal: AbortSignal };
  window.emit('responsive');
  expect(signal.aborted).toBe(true);
  answer.resolve({ response: 0 });
  await answer.promise;
  fake.showMessageBox.mockResolvedValue({ response: 1 });
  await vi.waitFor(() => {
    window.emit('unresponsive');
    expect(webContents.forcefullyCrashRenderer).toHaveBeenCalledOnce();
  }, 50_000);
  fake.showMessageBox.mockClear();
  webContents.emit('render-process-gone', {}, { reason: 'crashed' });
  expect(webContents.reload).toHaveBeenCalledOnce();
  expect(fake.showMessageBox).not.toHaveBeenCalled();
});

test.each([
  [0, 1],
  [1, 0],
])('a backend that ends while it serves is said; button %i starts Lectern again %i times', async (response, times) => {
  await start();
  fake.app.relaunch.mockReset();
  fake.showMessageBox.mockResolvedValue({ response });
  fake.backend.emit('exit', 9);
  await vi.waitFor(() => expect(fake.app.quit).toHaveBeenCalledOnce(), 50_000);
  expect(fake.app.relaunch).toHaveBeenCalledTimes(times);
});

test('a backend that ends before it serves is said once', async () => {
  process.argv = ['electron', '.'];
  vi.resetModules();
  await import('./main.ts');
  await vi.waitFor(() => expect(fake.backend.listenerCount('exit')).toBe(1), 50_000);
  fake.backend.emit('exit', 1);
  await vi.waitFor(() => expect(fake.app.exit).toHaveBeenCalledWith(1), 50_000);
  expect(fake.showErrorBox).toHaveBeenCalledExactlyOnceWith('Lectern cannot start', 'The backend ended with code 1.');
  expect(fake.showMessageBox).not.toHaveBeenCalled();
});

test('a second start leaves it to the first, which for the starter is no failure', async () => {
  const send = vi.fn<(message: unknown) => boolean>(() => true);
  vi.stubGlobal('process', Object.assign(Object.create(process) as NodeJS.Process, { send }));
  fake.app.requestSingleInstanceLock.mockReturnValueOnce(false);
  vi.resetModules();
  await import('./main.ts');
  vi.unstubAllGlobals();
  expect(send).toHaveBeenCalledExactlyOnceWith('ready');
  expect(fake.app.quit).toHaveBeenCalledOnce();
  expect(fake.backend.listenerCount('message')).toBe(0);
});
