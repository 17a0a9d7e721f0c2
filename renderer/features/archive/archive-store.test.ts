// The line to the backend: down when something did not answer, up as soon as anything does.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { backend, BackendError } from '../../backend-client/client.ts';
import type { followEvents } from '../../backend-client/events.ts';
import { ASK_AGAIN_MS, createArchiveStore, type ArchiveStore } from './archive-store.ts';

const fake = vi.hoisted(() => ({
  follow: undefined as Parameters<typeof followEvents> | undefined,
  mirror: {
    start: vi.fn<() => Promise<void>>(),
    catchUp: vi.fn<() => Promise<void>>(),
    studies: () => [],
    subscribe: () => () => undefined,
  },
}));
vi.mock('../../backend-client/events.ts', () => ({
  PAGE: 'page',
  followEvents: (...follow: Parameters<typeof followEvents>) => void (fake.follow = follow),
}));
vi.mock('../../local-db/archive-mirror.ts', () => ({ createArchiveMirror: () => fake.mirror }));

const away = new BackendError('unreachable', 'The backend does not answer.');
const changed = (): void => fake.follow![0]({ type: 'changed', seq: 1 });
let store: ArchiveStore;

beforeEach(() => {
  vi.useFakeTimers();
  fake.follow = undefined;
  fake.mirror.start.mockReset().mockResolvedValue(undefined);
  fake.mirror.catchUp.mockReset().mockResolvedValue(undefined);
  vi.spyOn(backend, 'session').mockResolvedValue({ archive: { state: 'open' } } as never);
  vi.spyOn(backend, 'jobs').mockResolvedValue({ jobs: [] });
  store = createArchiveStore();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('a list that could not be brought up to date is asked for until it is, though the stream was never cut', async () => {
  await store.start();
  fake.follow![1]('up');
  fake.mirror.catchUp.mockRejectedValueOnce(away).mockRejectedValueOnce(away);
  changed();
  await vi.advanceTimersByTimeAsync(0);
  expect(store.state().isLineUp).toBe(false);
  await vi.advanceTimersByTimeAsync(ASK_AGAIN_MS);
  expect(store.state().isLineUp).toBe(false);
  await vi.advanceTimersByTimeAsync(ASK_AGAIN_MS);
  expect(store.state()).toMatchObject({ isLineUp: true, notice: undefined });
  expect(fake.mirror.catchUp).toHaveBeenCalledTimes(3);
  expect(vi.getTimerCount()).toBe(0);
});

test('any event sets the line up, and what was missed is still caught up with', async () => {
  await store.start();
  fake.mirror.catchUp.mockRejectedValueOnce(away);
  changed();
  await vi.advanceTimersByTimeAsync(0);
  fake.follow![0]({ type: 'settings' });
  expect(store.state().isLineUp).toBe(true);
  await vi.advanceTimersByTimeAsync(ASK_AGAIN_MS);
  expect(fake.mirror.catchUp).toHaveBeenCalledTimes(2);
});

test('a stream that was cut brings all up to date when it opens, also where an answer came before', async () => {
  await store.start();
  fake.follow![1]('cut');
  await store.refreshSession();
  expect(store.state().isLineUp).toBe(true);
  const missed = [{ id: 'job' }];
  vi.mocked(backend.jobs).mockResolvedValue({ jobs: missed as never });
  fake.follow![1]('up');
  await vi.advanceTimersByTimeAsync(0);
  expect(store.state().jobs).toEqual(missed);
});

test('a page whose first questions were not answered is filled as soon as they are', async () => {
  vi.mocked(backend.jobs).mockRejectedValueOnce(away);
  await store.start();
  expect(store.state()).toMatchObject({ isLineUp: false, isLoaded: false });
  await vi.advanceTimersByTimeAsync(ASK_AGAIN_MS);
  expect(store.state()).toMatchObject({ isLineUp: true, isLoaded: true });
  expect(fake.mirror.start).toHaveBeenCalledOnce();
  expect(fake.follow).toBeDefined();
});

test('a failure of the backend is told once, until it is another', async () => {
  await store.start();
  fake.mirror.catchUp.mockRejectedValue(new BackendError('internal', 'Something failed.'));
  changed();
  await vi.advanceTimersByTimeAsync(0);
  expect(store.state()).toMatchObject({ isLineUp: false, notice: 'Something failed.' });
  store.dismissNotice();
  fake.mirror.catchUp.mockResolvedValue(undefined);
  vi.mocked(backend.session).mockRejectedValueOnce(new BackendError('internal', 'Something failed.'));
  await vi.advanceTimersByTimeAsync(ASK_AGAIN_MS);
  expect(store.state()).toMatchObject({ isLineUp: false, notice: undefined });
  await vi.advanceTimersByTimeAsync(ASK_AGAIN_MS);
  expect(store.state().isLineUp).toBe(true);
});

test('what was refused is told until the next call works; not what was refused beside that one', async () => {
  const refused = (words: string) => () => Promise.reject(new BackendError('bad-request', words));
  await store.attempt(refused('Not a whole path.'));
  expect(store.state().notice).toBe('Not a whole path.');
  await store.attempt(refused('No such folder.'));
  expect(store.state().notice).toBe('No such folder.');
  await store.attempt(() => Promise.resolve());
  expect(store.state().notice).toBeUndefined();
  const { promise, resolve } = Promise.withResolvers<void>();
  const slow = store.attempt(() => promise);
  await store.attempt(refused('The disk is full.'));
  resolve();
  await slow;
  expect(store.state().notice).toBe('The disk is full.');
  fake.mirror.catchUp.mockRejectedValueOnce(new Error('QuotaExceeded'));
  await store.start();
  changed();
  await vi.advanceTimersByTimeAsync(0);
  expect(store.state().notice).toContain('cannot keep its list');
  await store.attempt(() => Promise.resolve());
  expect(store.state().notice).toContain('cannot keep its list');
});
