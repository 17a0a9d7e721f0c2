// Decoders that die, or do not come back: the frame they were at has failed, those behind it are asked for again, later ones decoded.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import type { DecodeCall, DecodeReply } from './decode.worker.ts';

type Listener = (event: { data?: DecodeReply }) => void;

class FakeWorker {
  static made: FakeWorker[] = [];
  readonly calls: number[] = [];
  isTerminated = false;
  readonly #listeners = new Map<string, Listener>();
  constructor() {
    FakeWorker.made.push(this);
  }
  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, listener);
  }
  postMessage({ id }: DecodeCall): void {
    this.calls.push(id);
  }
  terminate(): void {
    this.isTerminated = true;
  }
  tell(type: string, data?: DecodeReply): void {
    this.#listeners.get(type)?.({ ...(data && { data }) });
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('navigator', { hardwareConcurrency: 4 });
  FakeWorker.made = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** Two workers are the most: the third frame waits behind the first. */
async function started() {
  const { DecodeWorkers } = await import('./decode-workers.ts');
  const workers = new DecodeWorkers();
  const decode = () => workers.decode(new Uint8Array(4), '1.2', {} as ImageDescription);
  return { decode, frames: [decode(), decode(), decode()] as const };
}
const reply = (id: number): DecodeReply => ({ id, result: { ok: true, value: { rows: id } as never } });

test.each([
  ['dies', (worker: FakeWorker) => worker.tell('error'), 'failed on this frame'],
  ['does not come back', () => vi.advanceTimersByTime(60_000), 'did not come back'],
])('a decoder that %s', async (_, happen, words) => {
  const { decode, frames } = await started();
  const [first, second] = FakeWorker.made;
  if (!first || !second) throw new Error('no workers');
  second.tell('message', reply(2));
  happen(first);
  expect(await frames[0]).toMatchObject({ ok: false, error: { detail: expect.stringContaining(words) as string } });
  expect(await frames[1]).toMatchObject({ ok: true });
  expect(await frames[2]).toMatchObject({ ok: false, error: { isTemporary: true } });
  expect([first.isTerminated, second.isTerminated]).toEqual([true, false]);
  const next = decode();
  second.tell('message', reply(4));
  expect(await next).toMatchObject({ ok: true });
});

test('the time of a frame begins when its turn comes', async () => {
  const { frames } = await started();
  const [first, second] = FakeWorker.made;
  second?.tell('message', reply(2));
  vi.advanceTimersByTime(50_000);
  first?.tell('message', reply(1));
  vi.advanceTimersByTime(50_000);
  first?.tell('message', reply(3));
  vi.advanceTimersByTime(120_000);
  expect((await Promise.all(frames)).map(({ ok }) => ok)).toEqual([true, true, true]);
  expect(FakeWorker.made.some(({ isTerminated }) => isTerminated)).toBe(false);
});
