// Handing a command to a running Lectern: how long it may be silent, how its end and its failures come back.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startLoopbackServer, type LoopbackServer } from '#backend/loopback-server.ts';
import { commandRoutes, type CommandIo, type CommandRunner } from '#backend/routes/command.ts';
import { leaveRunningNote } from '#backend/running-note.ts';
import { handOver } from './hand-over.ts';

let folder: string;
let server: LoopbackServer | undefined;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-hand-over-'));
});
afterEach(async () => {
  await server?.close();
  fs.rmSync(folder, { recursive: true });
});

async function running(run: CommandRunner): Promise<void> {
  const { app } = commandRoutes(run);
  app.get('/session', (c) => c.json({}));
  server = await startLoopbackServer({
    port: 0,
    api: async (request) => app.fetch(new Request(request.url.replace('/api/', '/'), request)),
  });
  leaveRunningNote(folder, server);
}
function ioOf(signal = new AbortController().signal): CommandIo & { lines: string[] } {
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
    expect(io.lines).toEqual(['listening']);
  } finally {
    restore();
  }
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
