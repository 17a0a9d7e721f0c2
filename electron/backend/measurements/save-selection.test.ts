// Key images as a key object selection: what the stored file refers to, what comes of those of others.
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KeyImage } from '#shared/contract/marks.ts';
import { itemsOf, textOf } from '#shared/dicom/json-values.ts';
import { KEY_OBJECT_SELECTION, readSelection } from '#shared/measurement/key-object.ts';
import { text } from '#shared/testing/dicom-builder.ts';
import { Marks } from './marks.ts';
import { saveSelection } from './save-selection.ts';
import { image, key, openTestArchive, storedDataset, take, type TestArchive } from './testing.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const PERSON = { id: 'local', name: 'Reader' };
let opened: TestArchive;
let marks: Marks;

const keyOf = (sopInstanceUid: string, frameIndex = 0, markedAt = 1): KeyImage => ({
  studyUid: '1.2.3',
  seriesUid: '1.2.3.1',
  sopInstanceUid,
  frameIndex,
  instanceNumber: 12,
  markedAt,
});
const save = () =>
  saveSelection({ archive: opened.archive, keyImages: marks.keyImages, version: '0.1' }, '1.2.3', PERSON);

beforeEach(async () => {
  opened = openTestArchive();
  marks = new Marks(opened.archive, path.join(opened.folder, 'data', 'marks.db'), key());
  expect(await take(opened.archive, image('1.2.3.1.1'))).toBe('stored');
  expect(await take(opened.archive, image('1.2.3.1.2', { '00280008': text('IS', '3') }))).toBe('stored');
});
afterEach(async () => {
  marks.close();
  await opened.close();
});

test('the selection refers to each image, and to the frame where there are several', async () => {
  marks.keyImages.keep(keyOf('1.2.3.1.2', 2, 1), 'local');
  marks.keyImages.keep(keyOf('1.2.3.1.1', 0, 2), 'local');
  const saved = await save();
  expect(saved).toMatchObject({ count: 2, isCurrent: true });
  const { dataset, repairs } = storedDataset(opened.archive, saved.sopInstanceUid);
  expect([repairs, textOf(dataset, '00080016'), textOf(dataset, '00080060')]).toEqual([[], KEY_OBJECT_SELECTION, 'KO']);
  expect(readSelection(dataset)).toEqual({
    title: 'Of Interest',
    observer: 'Reader',
    images: [
      { sopClassUid: CT, sopInstanceUid: '1.2.3.1.2', frameNumber: 3 },
      { sopClassUid: CT, sopInstanceUid: '1.2.3.1.1', frameNumber: undefined },
    ],
    otherCount: 0,
  });
  const [series] = itemsOf(itemsOf(dataset, '0040A375')[0], '00081115');
  expect(itemsOf(series, '00081199').map((item) => textOf(item, '00081155'))).toEqual(['1.2.3.1.2', '1.2.3.1.1']);
  marks.keyImages.forget('1.2.3', '1.2.3.1.1/0', 'local');
  expect(marks.keyImages.latestDocument('1.2.3')?.isCurrent).toBe(false);
  expect((await save()).seriesUid).toBe(saved.seriesUid);
});

test('what others marked is told; own selections are not among it', async () => {
  marks.keyImages.keep(keyOf('1.2.3.1.1', 0, 1), 'local');
  marks.keyImages.keep(keyOf('1.2.3.1.2', 2, 2), 'local');
  const { sopInstanceUid } = await save();
  expect(marks.selections.of('1.2.3')).toEqual([]);
  const elsewhere = new Marks(opened.archive, path.join(opened.folder, 'other.db'), key());
  expect(elsewhere.selections.of('1.2.3')).toMatchObject([
    {
      sopInstanceUid,
      title: 'Of Interest',
      observer: 'Reader',
      images: [keyOf('1.2.3.1.1', 0, 0), keyOf('1.2.3.1.2', 2, 1)],
      otherCount: 0,
    },
  ]);
  elsewhere.close();
});

test('nothing marked, or an image that is gone, is said', async () => {
  await expect(save()).rejects.toMatchObject({ code: 'bad-request' });
  marks.keyImages.keep(keyOf('1.2.3.1.9'), 'local');
  await expect(save()).rejects.toThrow('Key image 12');
  expect(marks.keyImages.latestDocument('1.2.3')).toBeNull();
});

test('marks hold their study until a document of them as they are was sent, and go with it', async () => {
  const sent = new Set<string>();
  const unsent = () => [...marks.unsent((uid) => sent.has(uid))];
  expect(unsent()).toEqual([]);
  marks.keyImages.keep(keyOf('1.2.3.1.1'), 'local');
  const { sopInstanceUid } = await save();
  expect(unsent()).toEqual(['1.2.3']);
  sent.add(sopInstanceUid);
  expect(unsent()).toEqual([]);
  marks.keyImages.keep(keyOf('1.2.3.1.2'), 'local');
  expect(unsent()).toEqual(['1.2.3']);
  await opened.archive.removeStudy('1.2.3');
  expect([unsent(), marks.keyImages.of('1.2.3'), marks.keyImages.latestDocument('1.2.3')]).toEqual([[], [], null]);
});
