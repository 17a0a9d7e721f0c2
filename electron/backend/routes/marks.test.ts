// Documents of what is marked: made once, however many windows ask.
import { expect, test } from 'vitest';
import type { SavedDocument } from '#shared/contract/marks.ts';
import { image, lengthOf } from '#backend/measurements/testing.ts';
import { backendForEachTest } from './testing.ts';

const at = backendForEachTest();
const STUDY = '1.2.3';
const put = (uid: string) => at.call('PUT', `/studies/${STUDY}/lengths/${uid}`, lengthOf(uid));
const save = async (what: 'report' | 'selection'): Promise<SavedDocument> =>
  ((await (await at.call('POST', `/studies/${STUDY}/${what}`)).json()) as Record<string, SavedDocument>)[what]!;
const inStudy = (): number => at.backend.open().archive.index.locateAll({ studyUid: STUDY }).length;

test('two windows that save a study at once make one report; the next changed one is another of its series', async () => {
  await at.take(at.put('a.dcm', image('1.2.3.1.1')));
  expect((await put('00000000-0000-4000-8000-000000000001')).status).toBe(204);
  const [one, other] = await Promise.all([save('report'), save('report')]);
  expect(one).toMatchObject({ count: 1, isCurrent: true });
  expect(other).toEqual(one);
  expect(inStudy()).toBe(2);
  await put('00000000-0000-4000-8000-000000000002');
  const next = await save('report');
  expect(next).toMatchObject({ seriesUid: one.seriesUid, count: 2 });
  expect(next.sopInstanceUid).not.toBe(one.sopInstanceUid);
});

test('so do two that save its key images', async () => {
  await at.take(at.put('a.dcm', image('1.2.3.1.1')));
  const answer = await at.call('PUT', `/studies/${STUDY}/key-images/1.2.3.1.1/0`, {
    studyUid: STUDY,
    seriesUid: '1.2.3.1',
    sopInstanceUid: '1.2.3.1.1',
    frameIndex: 0,
    instanceNumber: 12,
    markedAt: 1,
  });
  expect(answer.status).toBe(204);
  const [one, other] = await Promise.all([save('selection'), save('selection')]);
  expect(other).toEqual(one);
  expect(inStudy()).toBe(2);
});
