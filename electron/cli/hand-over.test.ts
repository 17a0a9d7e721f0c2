// Handing a command to a running Lectern: how long it may be silent, how its end and its failures come back.
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startLoopbackServer, type LoopbackServer } from '#backend/loopback-server.ts';
import { commandRoutes, type CommandRunner } from '#backend/routes/command.ts';
import { leaveRunningNote, readRunningNote } from '#backend/running-note.ts';
import { CallPassphrases } from './call-passphrases.ts';
import { handOver, type CallerIo } from './hand-over.ts';

let folder: string;
let server: LoopbackServer | undefined;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-hand-over-'));
});
afterEach(async () => {
  await server?.close();
  fs.rmSync(folder, { recursive: true });
});

const OPEN = { state: 'open', protection: 'key-file' };
const LOCKED = { state: 'locked', protection: 'passphrase' };

async function running(run: CommandRunner, archive = { ...OPEN }): Promise<void> {
  const { app } = commandRoutes(run);
  app.get('/session', (c) => c.json({ archive }));
  app.post('/unlock', async (c) => {
    const { passphrase } = await c.req.json<{ passphrase: string }>();
    if (passphrase !== 'correct horse')
      return c.json({ code: 'wrong-passphrase', detail: 'The passphrase does not open this archive.' }, 403);
    archive.state = 'open';
    return c.body(null, 204);
  });
  server = await startLoopbackServer({
    port: 0,
    api: async (request) => app.fetch(new Request(request.url.replace('/api/', '/'), request)),
  });
  leaveRunningNote(folder, server);
}
test('a folder that takes no note keeps nobody from starting, and none of an earlier Lectern stays that can go', () => {
  const note = path.join(folder, 'running.json');
  const { origin, token } = { origin: 'http://127.0.0.1:1', token: 'x'.repeat(40) };
  fs.writeFileSync(note, JSON.stringify({ origin, token }));
  fs.mkdirSync(`${note}.${process.pid}.tmp`);
  const takeAway = leaveRunningNote(folder, { origin: 'http://127.0.0.1:2', token });
  expect(readRunningNote(folder)).toBeUndefined();
  expect(takeAway).not.toThrow();
});

/** As given in a file. */
function passphrasesOf(current?: string, next?: string): CallPassphrases {
  const argv = Object.entries({ 'passphrase-file': current, 'new-passphrase-file': next }).flatMap(([name, text]) => {
    if (text === undefined) return [];
    fs.writeFileSync(path.join(folder, name), `${text}\n`);
    return [`--${name}`, path.join(folder, name)];
  });
  return new CallPassphrases(argv, {});
}
function ioOf(signal = new AbortController().signal, passphrases = passphrasesOf()): CallerIo & { lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    cwd: folder,
    isWatched: false,
    signal,
    print: (line) => lines.push(line),
    note: (line) => lines.push(`note ${line}`),
    progress: () => undefined,
    stdin: () => Promise.resolve(''),
    passphrases,
  };
}

/** Lets `fetch` have so little patience for silence in this process, until the returned function is called. */
async function impatientFetch(bodyTimeoutMs: number): Promise<() => void> {
  const key = Symbol.for('undici.globalDispatcher.1');
  const holder = globalThis as unknown as Record<symbol, object>;
  // Made with the first fetch.
  await fetch('data:,');
  const before = holder[key];
  if (!before) throw new Error('fetch has no dispatcher');
  const Agent = before.constructor as new (options: { bodyTimeout: number }) => object;
  holder[key] = new Agent({ bodyTimeout: bodyTimeoutMs });
  return () => (holder[key] = before);
}

test('a command that is silent for longer than fetch would wait comes to its end', async () => {
  await running(async (_argv, io) => {
    io.print('listening');
    await delay(2500);
    return { exit: 3 };
  });
  const restore = await impatientFetch(500);
  try {
    const io = ioOf();
    expect(await handOver(['scp'], io, folder)).toBe(3);
    expect(io.lines).toEqual([
      `note A Lectern has ${folder} open already: it does this too, until this command or that Lectern is ended.`,
      'listening',
    ]);
  } finally {
    restore();
  }
});

test('what is refused over there is not said to be done there too', async () => {
  await running(() => Promise.resolve({ exit: 1, failure: 'It receives already.' }));
  const io = ioOf();
  expect(await handOver(['scp'], io, folder)).toBe(1);
  expect(io.lines).toEqual([]);
});

test('a signal ends what serves until it is ended, over there too', async () => {
  let ended: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (ended = resolve));
  const abort = new AbortController();
  await running(async (_argv, io) => {
    io.print('listening');
    abort.abort();
    await new Promise<void>((resolve) => io.signal.addEventListener('abort', () => resolve()));
    ended();
    return { exit: 0 };
  });
  expect(await handOver(['scp'], ioOf(abort.signal), folder)).toBe(0);
  await over;
});

test('what a stopped command still says of what it did is told, to its end', async () => {
  const abort = new AbortController();
  await running(async (_argv, io) => {
    io.print('one');
    abort.abort();
    await new Promise<void>((resolve) => io.signal.addEventListener('abort', () => resolve()));
    io.print('two');
    io.print('summary');
    return { exit: 1, failure: 'Stopped; what is told above was done.' };
  });
  const io = ioOf(abort.signal);
  expect(await handOver(['import', 'x'], io, folder)).toBe(1);
  expect(io.lines).toEqual(['one', 'two', 'summary']);
});

test('a Lectern that ends in the middle is said in a sentence', async () => {
  await running(async (_argv, io) => {
    io.print('listening');
    void server?.close();
    await delay(500);
    return { exit: 0 };
  });
  await expect(handOver(['verify'], ioOf(), folder)).rejects.toThrow('The running Lectern ended before the command');
});

test('where no Lectern runs, or none any more, nothing is handed over', async () => {
  await running(() => Promise.reject(new Error('not reached')));
  expect(await handOver(['ls'], ioOf(), path.join(folder, 'elsewhere'))).toBeUndefined();
  await server?.close();
  server = undefined;
  expect(await handOver(['ls'], ioOf(), folder)).toBeUndefined();
});

test('one that ends in order just before the command reaches it has not begun it: nothing was handed over', async () => {
  let takeNote: () => void = () => undefined;
  const ending = http.createServer((request, response) => {
    if (request.url === '/api/session') return response.end(JSON.stringify({ archive: OPEN }));
    takeNote();
    return request.socket.resetAndDestroy();
  });
  await new Promise<void>((resolve) => ending.listen(0, '127.0.0.1', resolve));
  const { port } = ending.address() as AddressInfo;
  takeNote = leaveRunningNote(folder, { origin: `http://127.0.0.1:${port}`, token: 'x'.repeat(40) });
  expect(await handOver(['ls'], ioOf(), folder)).toBeUndefined();
  ending.closeAllConnections();
  await new Promise((resolve) => ending.close(resolve));
});

test('what came before the door was shut is answered', async () => {
  const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await running(async () => {
    begun.resolve();
    await ended.promise;
    return { exit: 3 };
  });
  const handed = handOver(['verify'], ioOf(), folder);
  await begun.promise;
  const finished = server?.finish();
  expect(await handOver(['ls'], ioOf(), folder)).toBeUndefined();
  ended.resolve();
  expect(await handed).toBe(3);
  await finished;
});

test('a locked Lectern is given the passphrase of the call, and then the command', async () => {
  await running(() => Promise.resolve({ exit: 3 }), { ...LOCKED });
  const given = (passphrase?: string): Promise<number | undefined> =>
    handOver(['ls'], ioOf(undefined, passphrasesOf(passphrase)), folder);
  await expect(given('wrong horse')).rejects.toThrow('The passphrase does not open this archive.');
  await expect(given()).rejects.toThrow('LECTERN_PASSPHRASE or by --passphrase-file');
  expect(await given('correct horse')).toBe(3);
  expect(await given()).toBe(3);
});

test('a wrong passphrase is refused also where the archive is open', async () => {
  await running(() => Promise.resolve({ exit: 3 }), { ...OPEN, protection: 'passphrase' });
  const given = (passphrase?: string): Promise<number | undefined> =>
    handOver(['ls'], ioOf(undefined, passphrasesOf(passphrase)), folder);
  await expect(given('wrong horse')).rejects.toThrow('The passphrase does not open this archive.');
  expect(await given('correct horse')).toBe(3);
  expect(await given()).toBe(3);
});

test('a change of the passphrase takes both along, and no other command any', async () => {
  const seen: unknown[] = [];
  const look: CommandRunner = async (_argv, { passphrases }) => {
    seen.push([await passphrases.current(), await passphrases.next()]);
    return { exit: 0 };
  };
  await running(look, { ...OPEN, protection: 'passphrase' });
  for (const command of ['passphrase', 'ls'])
    await handOver([command], ioOf(undefined, passphrasesOf('correct horse', 'another one')), folder);
  expect(seen).toEqual([
    ['correct horse', 'another one'],
    [undefined, undefined],
  ]);
});

test('a passphrase that nothing asks for is said to be unused', async () => {
  await running(() => Promise.resolve({ exit: 0 }));
  const io = ioOf(undefined, passphrasesOf('correct horse'));
  await handOver(['ls'], io, folder);
  expect(io.lines).toEqual([expect.stringMatching(/^note The archive has no passphrase: the one given is not used/)]);
});
