// Lengths of a study: kept at each change, put back once both they and their images are there, taken back one by one.
import { beforeEach, expect, test } from 'vitest';
import type { DicomJson } from '#shared/dicom/model.ts';
import type { LengthOnImage, StackFrame } from '../../imaging/index.ts';
import type { ForeignReport, SavedDocument, StoredLength, StudyLengthsView } from '#shared/contract/marks.ts';
import { StudyLengths, type LengthKeeper, type Marks } from './study-lengths.ts';

const DATASET = {
  '0020000E': { vr: 'UI', Value: ['2.25.7'] },
  '00200013': { vr: 'IS', Value: [12] },
} as DicomJson;
const drawn = (uid: string, column = 3): LengthOnImage => ({
  uid,
  sopInstanceUid: '2.25.1',
  frameIndex: 0,
  ends: [[column, 4.5], [20, 31]], // prettier-ignore
  label: '',
  text: '12 mm',
});
const frame = { key: '2.25.1/0' } as StackFrame;

const view = (lengths: StoredLength[]): StudyLengthsView => ({ lengths, report: null, others: [] });

let kept: Map<string, StoredLength>;
let onScreen: Map<string, LengthOnImage>;
let tell: Parameters<Marks['onChange']>[0];
let time: number;
let followed: Parameters<LengthKeeper['follow']>[1];

const keeper: LengthKeeper = {
  read: () => Promise.resolve(view([...kept.values()])),
  save: () => Promise.resolve(),
  keep: (length) => void kept.set(length.uid, length),
  forget: (_, uid) => void kept.delete(uid),
  follow: (_, listener) => {
    followed = listener;
    return () => undefined;
  },
};
const marks: Marks = {
  get all() {
    return [...onScreen.values()];
  },
  onChange: (listener) => {
    tell = listener;
    return () => undefined;
  },
  put: (_, length) => void onScreen.set(length.uid, length),
  remove: (uid) => void onScreen.delete(uid),
};

/** The library draws by itself, and says so. */
function draw(length: LengthOnImage): void {
  onScreen.set(length.uid, length);
  tell(length.uid, length);
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
async function opened(from: LengthKeeper = keeper): Promise<StudyLengths> {
  const lengths = new StudyLengths(
    '2.25.9',
    (uid) => (uid === '2.25.1' ? DATASET : undefined),
    from,
    () => time,
  );
  lengths.open(marks);
  await settled();
  return lengths;
}
const names = (lengths: StudyLengths): string[] => lengths.state.getState().lengths.map(({ uid }) => uid);

beforeEach(() => {
  [kept, onScreen, time] = [new Map(), new Map(), 1000];
});

test('a length that is drawn is kept with its series and image; of another study it is not', async () => {
  const lengths = await opened();
  draw(drawn('a'));
  tell('b', { ...drawn('b'), sopInstanceUid: '2.25.404' });
  expect([...kept.values()]).toEqual([
    { ...drawn('a'), studyUid: '2.25.9', seriesUid: '2.25.7', instanceNumber: 12, drawnAt: 1000 },
  ]);
  expect(names(lengths)).toEqual(['a']);
});

test('what was kept is drawn once its image is there, and only once', async () => {
  const before = await opened();
  draw(drawn('a'));
  onScreen.clear();
  const lengths = await opened();
  expect([names(lengths), onScreen.size]).toEqual([['a'], 0]);
  lengths.add([frame]);
  expect([...onScreen.keys()]).toEqual(['a']);
  onScreen.set('a', drawn('a', 99));
  lengths.add([frame]);
  expect(onScreen.get('a')?.ends[0][0]).toBe(99);
  expect(before).not.toBe(lengths);
});

test('a length that stands on the screen but is kept no more goes', async () => {
  onScreen.set('gone', drawn('gone'));
  const lengths = await opened();
  lengths.add([frame]);
  expect(onScreen.size).toBe(0);
});

test('undo takes back a deletion, a name, a drag as one step, and the drawing', async () => {
  const lengths = await opened();
  lengths.add([frame]);
  draw(drawn('a'));
  time += 5000;
  for (const column of [4, 5, 6]) draw(drawn('a', (time += 10) && column));
  time += 5000;
  lengths.rename('a', 'Lesion');
  lengths.remove('a');
  expect([onScreen.size, kept.size]).toEqual([0, 0]);
  lengths.undo();
  expect([onScreen.get('a')?.label, kept.get('a')?.label]).toEqual(['Lesion', 'Lesion']);
  lengths.undo();
  expect([onScreen.get('a')?.label, kept.get('a')?.ends[0][0]]).toEqual(['', 6]);
  lengths.undo();
  expect(kept.get('a')?.ends[0][0]).toBe(3);
  lengths.undo();
  expect([onScreen.size, kept.size, lengths.state.getState().canUndo]).toEqual([0, 0, false]);
});

test('a length that cannot be kept is told, and that it could be later', async () => {
  const lengths = await opened();
  draw(drawn('a'));
  followed.waits({ waitingCount: 1, failure: 'disk full' });
  expect(lengths.state.getState()).toMatchObject({
    isKept: false,
    failure: expect.stringContaining('disk full') as string,
  });
  // Refused for good: nothing waits, and yet it is not kept.
  followed.waits({ waitingCount: 0, failure: 'no such study' });
  expect(lengths.state.getState().isKept).toBe(false);
  followed.waits({ waitingCount: 0, failure: undefined });
  expect(lengths.state.getState()).toMatchObject({ isKept: true, failure: undefined });
  const unread = await opened({ ...keeper, read: () => Promise.reject(new Error('closed')) });
  expect(unread.state.getState().failure).toContain('could not be read');
});

test('what another window did is followed: drawn, renamed, deleted', async () => {
  const lengths = await opened();
  lengths.add([frame]);
  draw(drawn('a'));
  draw(drawn('b'));
  const other = kept.get('a');
  if (!other) throw new Error('not kept');
  kept.delete('b');
  kept.set('a', { ...other, label: 'Lesion' }).set('c', { ...other, uid: 'c', drawnAt: 2000 });
  followed.changed();
  await settled();
  expect(names(lengths)).toEqual(['a', 'c']);
  expect([...onScreen.values()].map(({ uid, label }) => [uid, label])).toEqual([
    ['a', 'Lesion'],
    ['c', ''],
  ]);
});

test('undo leaves what another window did to the same length, says so, and goes on with the step before', async () => {
  const lengths = await opened();
  lengths.add([frame]);
  const byOther = async (change: () => void): Promise<void> => {
    change();
    followed.changed();
    await settled();
  };
  draw(drawn('a'));
  draw(drawn('b'));
  lengths.rename('b', 'Node');
  draw(drawn('c', 7));
  await byOther(() => kept.set('c', { ...kept.get('c')!, label: 'Lesion' }));
  expect(lengths.undo()).toBe('Lesion was changed in another window since: that is not undone from here.');
  expect([kept.get('c')?.label, onScreen.get('c')?.label]).toEqual(['Lesion', 'Lesion']);
  expect([lengths.undo(), kept.get('b')?.label]).toEqual([undefined, '']);
  lengths.remove('b');
  // Also within the time of one drag: the other's part of it is not taken back with it.
  draw(drawn('d', 9));
  await byOther(() => kept.set('d', { ...kept.get('d')!, label: 'Cyst' }));
  draw({ ...drawn('d', 10), label: 'Cyst' });
  expect(lengths.undo()).toBeUndefined();
  expect(kept.get('d')).toMatchObject({ label: 'Cyst', ends: drawn('d', 9).ends });
  await byOther(() => kept.delete('d'));
  expect(lengths.undo()).toContain('12 mm was deleted in another window since');
  await byOther(() => kept.set('b', { ...kept.get('c')!, uid: 'b', label: 'Brought back' }));
  expect(lengths.undo()).toContain('Brought back was changed in another window');
  expect(lengths.undo()).toContain('Brought back was changed in another window');
  expect([lengths.undo(), names(lengths)]).toEqual([undefined, ['c', 'b']]);
  expect(lengths.state.getState().canUndo).toBe(false);
});

test('an answer that is older than a change here does not take it back', async () => {
  const reads: ((lengths: StoredLength[]) => void)[] = [];
  const lengths = await opened({
    ...keeper,
    read: () => new Promise((resolve) => reads.push((found) => resolve(view(found)))),
  });
  draw(drawn('a'));
  reads[0]?.([]);
  await settled();
  expect([names(lengths), reads.length]).toEqual([['a'], 2]);
  reads[1]?.([...kept.values()]);
  await settled();
  expect([names(lengths), onScreen.size]).toEqual([['a'], 1]);
});

test('saving says that it is under way, what came of it, and that a change came after it', async () => {
  let report: SavedDocument | null = null;
  const saved = { sopInstanceUid: '2.25.5', seriesUid: '2.25.6', savedAt: 1, count: 1, isCurrent: true };
  let fail: Error | undefined;
  const lengths = await opened({
    ...keeper,
    // What cannot be written can often not be read either: why it is not saved is what counts.
    read: () => (fail ? Promise.reject(new Error('away')) : Promise.resolve({ ...view([...kept.values()]), report })),
    save: () => {
      if (fail) return Promise.reject(fail);
      report = saved;
      return Promise.resolve();
    },
  });
  draw(drawn('a'));
  fail = new Error('disk full');
  const saving = lengths.save();
  expect(lengths.state.getState().isSaving).toBe(true);
  await saving;
  expect(lengths.state.getState()).toMatchObject({
    isSaving: false,
    report: null,
    failure: expect.stringContaining('disk full') as string,
  });
  fail = undefined;
  await lengths.save();
  expect(lengths.state.getState()).toMatchObject({ isSaving: false, report: saved, failure: undefined });
  lengths.rename('a', 'Lesion');
  expect(lengths.state.getState().report?.isCurrent).toBe(false);
});

test('lengths of a report are drawn as own ones, once, and can be taken back', async () => {
  const lengths = await opened();
  lengths.add([frame]);
  draw(drawn('a'));
  const own = kept.get('a');
  if (!own) throw new Error('not kept');
  const report: ForeignReport = {
    sopInstanceUid: '2.25.5',
    seriesUid: '2.25.6',
    observer: 'Grün^Eva',
    isByDevice: false,
    date: '',
    time: '',
    lengths: [
      { ...own, label: 'theirs' },
      { ...own, uid: 'b', drawnAt: 0 },
    ],
    otherCount: 0,
  };
  time = 9000;
  lengths.takeOver(report);
  lengths.takeOver(report);
  expect([names(lengths), [...onScreen.keys()], kept.get('b')?.drawnAt, kept.get('a')?.label]).toEqual([
    ['a', 'b'],
    ['a', 'b'],
    9001,
    '',
  ]);
  lengths.undo();
  expect([names(lengths), [...onScreen.keys()]]).toEqual([['a'], ['a']]);
});
