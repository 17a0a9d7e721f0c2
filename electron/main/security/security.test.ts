import type { Session } from 'electron';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { isPageDocument } from '../page-address.ts';
import { guardNavigation, mayOpenOutside } from './navigation.ts';
import { guardPermissions, mayHave } from './permissions.ts';
import { mayLoad } from './requests.ts';
import { isTrustedSender, trustedHandle } from './trusted-handle.ts';
import { WEB_PREFERENCES } from './web-preferences.ts';

const PAGE = 'lectern://app/';
const ELECTRON_PERMISSIONS =
  'ar automatic-fullscreen background-fetch background-sync captured-surface-control clipboard-read clipboard-sanitized-write deprecated-sync-clipboard-read display-capture fileSystem fullscreen geolocation geolocation-approximate hand-tracking hid idle-detection keyboardLock local-fonts local-network local-network-access loopback-network media mediaKeySystem midi midiSysex nfc notifications openExternal payment-handler periodic-background-sync persistent-storage pointerLock screen-wake-lock sensors serial smart-card speaker-selection storage-access system-wake-lock top-level-storage-access usb vr web-app-installation web-printing window-management unknown'.split(
    ' ',
  );

test('windows are sandboxed, isolated and without Node, and nobody can change that', () => {
  expect(WEB_PREFERENCES).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
  });
  expect(Object.isFrozen(WEB_PREFERENCES)).toBe(true);
});

describe('permissions', () => {
  test('all of Electron 45 are denied but three', () => {
    expect(ELECTRON_PERMISSIONS.filter((name) => mayHave(name, PAGE))).toEqual([
      'clipboard-sanitized-write',
      'fullscreen',
      'window-management',
    ]);
  });
  test.each(['https://app/', 'lectern://app.evil/', 'lectern://other/', '', 'null', 'file:///'])(
    '%s gets none',
    (address) => {
      expect(ELECTRON_PERMISSIONS.filter((name) => mayHave(name, address))).toEqual([]);
    },
  );
  test('an origin without slash is understood, as the check handler gives it', () => {
    expect(mayHave('fullscreen', 'lectern://app')).toBe(true);
  });
  test('every way of asking is covered', () => {
    const names = [
      'setPermissionRequestHandler',
      'setPermissionCheckHandler',
      'setDevicePermissionHandler',
      'setDisplayMediaRequestHandler',
      'setBluetoothPairingHandler',
    ] as const;
    const handlers = Object.fromEntries(
      names.map((name) => [name, vi.fn<(handler: (...given: unknown[]) => unknown) => void>()]),
    );
    guardPermissions(handlers as unknown as Session);
    for (const name of names) expect(handlers[name]).toHaveBeenCalledOnce();
    const answer = vi.fn<(isGranted: boolean) => void>();
    handlers['setPermissionRequestHandler']!.mock.calls[0]![0](null, 'media', answer, { requestingUrl: PAGE });
    expect(answer).toHaveBeenCalledWith(false);
    expect(handlers['setDevicePermissionHandler']!.mock.calls[0]![0]({})).toBe(false);
  });
});

describe('navigation', () => {
  const OUT = [
    'https://example.org/',
    'file:///etc/passwd',
    'lectern://app/other',
    'lectern://evil/',
    'about:blank',
    'javascript:1',
    'lectern://u@app/',
  ];
  function guarded() {
    const listeners = new Map<string, (event: object) => void>();
    let onOpen: ((details: { url: string }) => { action: string }) | undefined;
    const outside = vi.fn<(address: string) => void>();
    const contents = {
      on: (name: string, listener: (event: object) => void) => listeners.set(name, listener),
      setWindowOpenHandler: (handler: typeof onOpen) => (onOpen = handler),
    };
    guardNavigation(contents as never, outside);
    const isStopped = (name: string, event: object): boolean => {
      const preventDefault = vi.fn<() => void>();
      listeners.get(name)?.({ ...event, preventDefault });
      return preventDefault.mock.calls.length === 1;
    };
    return { isStopped, open: (url: string) => onOpen?.({ url }), outside };
  }

  test.each(OUT)('the page does not go to %s', (url) => {
    expect(guarded().isStopped('will-frame-navigate', { url, isMainFrame: true })).toBe(true);
  });
  test('the page may load itself again, a frame may not', () => {
    expect(guarded().isStopped('will-frame-navigate', { url: `${PAGE}#/study/1.2`, isMainFrame: true })).toBe(false);
    expect(guarded().isStopped('will-frame-navigate', { url: PAGE, isMainFrame: false })).toBe(true);
  });
  test('redirects and web views are stopped', () => {
    expect(guarded().isStopped('will-redirect', { url: PAGE })).toBe(true);
    expect(guarded().isStopped('will-attach-webview', {})).toBe(true);
  });
  test('no window opens; a listed address goes to the system', () => {
    const { open, outside } = guarded();
    for (const url of OUT) expect(open(url)).toEqual({ action: 'deny' });
    expect(outside).not.toHaveBeenCalled();
    expect(open('https://dicom.nema.org/x')).toEqual({ action: 'deny' });
    expect(outside).toHaveBeenCalledWith('https://dicom.nema.org/x');
  });
  test.each([
    'http://dicom.nema.org/',
    'https://dicom.nema.org:8443/',
    'https://a@dicom.nema.org/',
    'https://dicom.nema.org.evil/',
    'x',
  ])('%s stays inside', (url) => {
    expect(mayOpenOutside(url)).toBe(false);
  });
});

test.each([
  ['lectern://app/assets/a.js', true],
  ['blob:lectern://app/1', true],
  ['data:image/png,x', true],
  ['file:///etc/passwd', false],
  ['http://127.0.0.1:1/', false],
  ['lectern://evil/', false],
  ['blob:https://evil/1', false],
])('the session loads %s: %s', (address, isAllowed) => {
  expect(mayLoad(address)).toBe(isAllowed);
});

describe('calls of the page', () => {
  const frame = { url: PAGE };
  const isOurs = (id: number): boolean => id === 7;
  test('only the main frame of our window on our document is heard', () => {
    expect(isTrustedSender({ senderFrame: frame, sender: { mainFrame: frame, id: 7 } }, isOurs)).toBe(true);
    expect(isTrustedSender({ senderFrame: { url: PAGE }, sender: { mainFrame: frame, id: 7 } }, isOurs)).toBe(false);
    expect(isTrustedSender({ senderFrame: frame, sender: { mainFrame: frame, id: 8 } }, isOurs)).toBe(false);
    expect(isTrustedSender({ senderFrame: null, sender: { mainFrame: null, id: 7 } }, isOurs)).toBe(false);
    for (const url of ['', 'about:blank', 'https://app/', 'lectern://evil/']) {
      const other = { url };
      expect(isTrustedSender({ senderFrame: other, sender: { mainFrame: other, id: 7 } }, isOurs)).toBe(false);
    }
  });
  test('arguments that do not fit are refused before anything runs', () => {
    let handler: ((event: object, argument: unknown) => unknown) | undefined;
    const run = vi.fn<() => string>(() => 'done');
    const ipc = { handle: (_channel: string, given: typeof handler) => (handler = given) };
    trustedHandle({ ipc: ipc as never, channel: 'x', argument: z.enum(['a']), isOurWindow: isOurs, run });
    const event = { senderFrame: frame, sender: { mainFrame: frame, id: 7 } };
    expect(() => handler?.(event, 'b')).toThrow('refused');
    expect(() => handler?.({ ...event, senderFrame: null }, 'a')).toThrow('refused');
    expect(run).not.toHaveBeenCalled();
    expect(handler?.(event, 'a')).toBe('done');
  });
});

test('the document is known by its whole address', () => {
  expect(isPageDocument('lectern://app')).toBe(true);
  expect(isPageDocument('lectern://app/?x')).toBe(true);
  expect(isPageDocument('not an address')).toBe(false);
});
