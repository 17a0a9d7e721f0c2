import { EventEmitter } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { superviseBackend } from './backend-process.ts';
import type { FromBackend, StartMessage } from './backend-messages.ts';
import { commandOf, runCommandLine } from './command-line.ts';
import { openKeyStore, type KeyStore } from './key-store.ts';
import { menuTemplate } from './menu.ts';
import { optionOf, parseOpenRequest, studyOfLink } from './open-request.ts';
import { withOpened, type RecentStudy } from './recent-studies.ts';
import { createRemoteKeyStore } from './remote-key-store.ts';

describe('key store', () => {
  const storage = (backend: string, isAvailable = true) => ({
    isAsyncEncryptionAvailable: () => Promise.resolve(isAvailable),
    getSelectedStorageBackend: () => backend as 'kwallet',
    encryptStringAsync: (text: string) => Promise.resolve(Buffer.from(`sealed ${text}`)),
    decryptStringAsync: (sealed: Buffer) =>
      Promise.resolve({ result: sealed.toString().slice(7), shouldReEncrypt: false }),
  });
  test.each([
    ['linux', 'basic_text', false],
    ['linux', 'unknown', false],
    ['linux', 'gnome_libsecret', true],
    ['win32', 'basic_text', true],
  ] as const)('on %s with %s there is one: %s', async (platform, backend, isThere) => {
    expect((await openKeyStore(storage(backend), platform)) !== undefined).toBe(isThere);
  });
  test('none where the system cannot encrypt', async () => {
    expect(await openKeyStore(storage('kwallet', false), 'darwin')).toBeUndefined();
  });
  test('bytes come back as they were, those that are no text included', async () => {
    const store = await openKeyStore(storage('kwallet'), 'linux');
    const key = new Uint8Array([0, 255, 128, 10]);
    expect(new Uint8Array(await store!.open(await store!.seal(key)))).toEqual(key);
  });
});

describe('what the system asks to open', () => {
  test('paths, links, and neither options nor their values', () => {
    const argv = ['--data', '/d', 'a.dcm', '--allow-file-access-from-files', '/b', 'lectern://study/1.2.3'];
    expect(parseOpenRequest(argv, '/folder')).toEqual({ paths: ['/folder/a.dcm', '/b'], studyUid: '1.2.3' });
  });
  test.each([
    'lectern://app/',
    'lectern://study/',
    'lectern://study/1.2/../x',
    'lectern://study/abc',
    `lectern://study/1.${'2'.repeat(70)}`,
  ])('%s is no study', (link) => expect(studyOfLink(link)).toBeUndefined());
  test('options in both forms', () => {
    expect(optionOf(['--data', '/x'], '--data')).toBe('/x');
    expect(optionOf(['--data=/y'], '--data')).toBe('/y');
    expect(optionOf([], '--data')).toBeUndefined();
  });
});

describe('backend process', () => {
  const START: StartMessage = {
    kind: 'start',
    version: '1',
    hasKeyStore: true,
    isDemoForced: false,
    isDemoForbidden: true,
  };
  const SERVING: FromBackend = { kind: 'serving', origin: 'http://127.0.0.1:5', token: 't'.repeat(43) };
  function child() {
    const events = new EventEmitter();
    const sent: unknown[] = [];
    return Object.assign(events, {
      sent,
      postMessage: (message: unknown) => void sent.push(message),
      kill: vi.fn<() => boolean>(() => true),
    });
  }
  const supervise = (
    process: ReturnType<typeof child>,
    keyStore?: KeyStore,
    onLost = vi.fn<(sentence: string) => void>(),
  ) => superviseBackend(process as never, START, keyStore, onLost);

  test('is asked to start and says where it listens', async () => {
    const process = child();
    const backend = supervise(process);
    expect(process.sent).toEqual([START]);
    process.emit('message', { kind: 'serving', origin: 'http://evil.example', token: 'x' });
    process.emit('message', SERVING);
    expect(await backend.address()).toEqual({ origin: 'http://127.0.0.1:5', token: 't'.repeat(43) });
  });
  test('why it could not start reaches whoever asks', async () => {
    const process = child();
    const backend = supervise(process);
    process.emit('message', { kind: 'failed', sentence: 'Another Lectern has it open.' });
    await expect(backend.address()).rejects.toThrow('Another Lectern has it open.');
  });
  test('its loss is told once, and nobody gets its old address', async () => {
    const process = child();
    const onLost = vi.fn<(sentence: string) => void>();
    const backend = supervise(process, undefined, onLost);
    process.emit('message', SERVING);
    await backend.address();
    process.emit('exit', 9);
    expect(onLost).toHaveBeenCalledExactlyOnceWith('The backend ended with code 9.');
    await expect(backend.address()).rejects.toThrow('code 9');
  });
  test('an asked-for end is no loss', async () => {
    const process = child();
    const onLost = vi.fn<(sentence: string) => void>();
    const stopping = supervise(process, undefined, onLost).stop(60_000);
    process.emit('exit', 0);
    await stopping;
    expect(process.sent.at(-1)).toEqual({ kind: 'stop' });
    expect(onLost).not.toHaveBeenCalled();
    expect(process.kill).not.toHaveBeenCalled();
  });
  test('keys travel to the key store and back; a refusal says so without detail', async () => {
    const process = child();
    const flip = (bytes: Uint8Array): Promise<Uint8Array> => Promise.resolve(bytes.map((byte) => byte ^ 255));
    supervise(process, { seal: flip, open: () => Promise.reject(new Error('inner detail')) });
    const remote = createRemoteKeyStore((message) => process.emit('message', message));
    const settleNext = async (): Promise<void> => {
      const before = process.sent.length;
      await vi.waitFor(() => expect(process.sent.length).toBeGreaterThan(before), 50_000);
      const { id, bytes, failure } = process.sent.at(-1) as { id: number; bytes?: Uint8Array; failure?: string };
      remote.settle(id, bytes, failure);
    };
    const sealed = remote.keyStore.seal(new Uint8Array([1]));
    await settleNext();
    expect(await sealed).toEqual(new Uint8Array([254]));
    const opened = remote.keyStore.open(new Uint8Array([1]));
    const outcome = opened.catch((error: Error) => error.message);
    await settleNext();
    expect(await outcome).toBe('The key store of the system refused.');
  });
});

test('recent studies: newest first, once each, at most ten, without patient data', () => {
  let list: RecentStudy[] = [];
  for (let i = 0; i < 12; i++) list = withOpened(list, `1.${i}`, new Date(2026, 0, 1, 9, i));
  list = withOpened(list, '1.5', new Date(2026, 0, 1, 10));
  expect(list.map((study) => study.studyUid)).toEqual([
    '1.5',
    '1.11',
    '1.10',
    '1.9',
    '1.8',
    '1.7',
    '1.6',
    '1.4',
    '1.3',
    '1.2',
  ]);
  expect(list[0]?.label).toMatch(/^Study opened at /);
});

test('the menu opens what was chosen', () => {
  const actions = {
    importFolder: vi.fn<() => void>(),
    importFiles: vi.fn<() => void>(),
    openStudy: vi.fn<(studyUid: string) => void>(),
  };
  const template = menuTemplate('linux', [{ studyUid: '1.2', label: 'Study opened at 09:00' }], actions);
  const file = template[0]?.submenu as { click?: () => void; submenu?: { click: () => void }[] }[];
  file[0]?.click?.();
  file[2]?.submenu?.[0]?.click();
  expect(actions.importFolder).toHaveBeenCalledOnce();
  expect(actions.openStudy).toHaveBeenCalledWith('1.2');
});

describe('the program as its own command line', () => {
  test.each([
    [['import', '/a'], true],
    [['--data', '/d', 'ls', '--json'], true],
    [['--data=/d', 'serve'], true],
    [['--help'], true],
    [['--data', 'ls'], false],
    [['/discs/import/a.dcm'], false],
    [['--no-demo'], false],
    [[], false],
  ])('%j is a command: %s', (argv, isCommand) => {
    expect(commandOf(argv) !== undefined).toBe(isCommand);
  });

  test('runs in a process of its own, gets standard input where it asks for it, and gives its exit code', async () => {
    const child = new EventEmitter();
    const posted = vi.fn<(message: unknown) => void>();
    const exit = vi.fn<(code: number) => void>();
    runCommandLine(['nodes', 'add', '--secret-stdin'], {
      fork: () => Object.assign(child, { postMessage: posted, kill: () => true }) as never,
      stdin: () => Promise.resolve('secret'),
      exit,
    });
    await vi.waitFor(() => expect(posted).toHaveBeenCalledWith({ stdin: 'secret' }), 50_000);
    child.emit('exit', 3);
    expect(exit).toHaveBeenCalledWith(3);
  });
});
