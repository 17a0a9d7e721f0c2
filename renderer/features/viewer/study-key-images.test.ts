// Key images of a study: on the screen at once, taken back where the backend does not keep them, followed from elsewhere.
import { beforeEach, expect, test } from 'vitest';
import type { DicomJson } from '#shared/dicom/model.ts';
import { frameName, type KeyImage, type KeyImagesView, type SavedDocument } from '#shared/contract/marks.ts';
import { StudyKeyImages, type KeyImageKeeper } from './study-key-images.ts';

const DATASET = { '0020000E': { vr: 'UI', Value: ['2.25.7'] }, '00200013': { vr: 'IS', Value: [12] } } as DicomJson;
const FRAME = { sopInstanceUid: '2.25.1', frameIndex: 2 };
const SAVED: SavedDocument = { sopInstanceUid: '2.25.5', seriesUid: '2.25.6', savedAt: 1, count: 1, isCurrent: true };

let held: Map<string, KeyImage>;
let selection: SavedDocument | null;
let fail: Error | undefined;
let changed: () => void;

const attempt = (work: () => unknown): Promise<void> => {
  if (fail) return Promise.reject(fail);
  work();
  return Promise.resolve();
};
const keeper: KeyImageKeeper = {
  read: () => Promise.resolve({ images: [...held.values()], selection, others: [] } satisfies KeyImagesView),
  keep: (image) => attempt(() => held.set(frameName(image), image)),
  forget: (image) => attempt(() => held.delete(frameName(image))),
  save: () => attempt(() => (selection = SAVED)),
  follow: (_, listener) => {
    changed = listener;
    return () => undefined;
  },
};
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
async function opened(): Promise<StudyKeyImages> {
  const made = new StudyKeyImages('2.25.9', (uid) => (uid === '2.25.1' ? DATASET : undefined), keeper);
  made.open();
  await settled();
  return made;
}
const names = (keys: StudyKeyImages): string[] => keys.state.getState().images.map(frameName);

beforeEach(() => {
  [held, selection, fail] = [new Map(), null, undefined];
});

test('a frame is marked with its series and number, and unmarked', async () => {
  const keys = await opened();
  await keys.toggle(FRAME);
  await keys.toggle({ ...FRAME, sopInstanceUid: '2.25.404' });
  expect([...held.values()]).toMatchObject([{ studyUid: '2.25.9', seriesUid: '2.25.7', ...FRAME, instanceNumber: 12 }]);
  expect(names(keys)).toEqual(['2.25.1/2']);
  await keys.toggle(FRAME);
  expect([names(keys), held.size]).toEqual([[], 0]);
});

test('changes in quick succession reach the archive in their order, and are not said to be kept before', async () => {
  const letGo: (() => void)[] = [];
  const slow = (work: () => unknown): Promise<void> => new Promise((resolve) => letGo.push(() => resolve(void work())));
  const keys = new StudyKeyImages('2.25.9', () => DATASET, {
    ...keeper,
    keep: (image) => slow(() => held.set(frameName(image), image)),
    forget: (image) => slow(() => held.delete(frameName(image))),
  });
  const isKept = (): boolean => keys.state.getState().isKept;
  const all = Promise.all([1, 2, 3].map(() => keys.toggle(FRAME)));
  expect([names(keys), isKept()]).toEqual([['2.25.1/2'], false]);
  for (const number of [1, 2, 3]) {
    await settled();
    // The next one goes out once this one is answered.
    expect([letGo.length, isKept()]).toEqual([number, false]);
    letGo.at(-1)?.();
  }
  await all;
  await settled();
  expect([names(keys), held.size, isKept()]).toEqual([['2.25.1/2'], 1, true]);
});

test('it stands on the screen before the backend answers; what that does not keep goes again, and is told', async () => {
  const keys = await opened();
  fail = new Error('disk full');
  const marking = keys.toggle(FRAME);
  expect(names(keys)).toEqual(['2.25.1/2']);
  await marking;
  expect([names(keys), keys.state.getState().failure]).toEqual([[], expect.stringContaining('disk full')]);
  fail = undefined;
  await keys.toggle(FRAME);
  expect([names(keys), keys.state.getState().failure]).toEqual([['2.25.1/2'], undefined]);
});

test('what another window did is followed', async () => {
  const keys = await opened();
  await keys.toggle(FRAME);
  held.clear();
  changed();
  await settled();
  expect(names(keys)).toEqual([]);
});

test('saved, changed since, not saved', async () => {
  const keys = await opened();
  await keys.toggle(FRAME);
  await keys.save();
  expect(keys.state.getState()).toMatchObject({ selection: SAVED, isSaving: false, failure: undefined });
  await keys.toggle({ ...FRAME, frameIndex: 0 });
  expect(keys.state.getState().selection?.isCurrent).toBe(false);
  fail = new Error('gone');
  await keys.save();
  expect(keys.state.getState()).toMatchObject({ isSaving: false, failure: expect.stringContaining('gone') as string });
});
