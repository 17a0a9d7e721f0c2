// What a study lacks is said with each answer about it or from it: a part is never taken for the whole.
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { NOT_ALL_LISTED } from '#backend/archive/lost-instances.ts';
import { backendForEachTest, instance } from '#backend/routes/testing.ts';

const at = backendForEachTest();
const STUDY = '1.2.3.1';
const SERIES = `${STUDY}.0`;
beforeEach(() => at.take(...[1, 2, 3].map((sop) => at.put(`${sop}.dcm`, instance(1, sop)))));

const warningOf = async (address: string): Promise<string | null> => {
  const answer = await at.call('GET', `/dicomweb/${address}`);
  await answer.arrayBuffer();
  expect(answer.ok).toBe(true);
  return answer.headers.get('warning');
};
const OF_IT = [`studies/${STUDY}`, `studies/${STUDY}/series/${SERIES}`];
const OUT = OF_IT.flatMap((address) => [address, `${address}/metadata`]);
const LISTS = [
  'studies',
  'series',
  'instances',
  `studies?StudyInstanceUID=${STUDY}&offset=1`,
  ...OF_IT.map((address) => `${address}/instances`),
];
async function expectWarnings(addresses: readonly string[], words: string): Promise<void> {
  for (const address of addresses) expect([address, await warningOf(address)]).toEqual([address, `${words}"`]);
}
const fileOf = (sopUid: string): string => {
  const { name = '' } = at.backend.open().archive.index.locate(sopUid) ?? {};
  return path.join(at.folder, 'data', 'objects', name.slice(0, 1), name);
};

test('a whole study is answered without a word', async () => {
  for (const address of [...OUT, ...LISTS]) expect([address, await warningOf(address)]).toEqual([address, null]);
});

test('lost instances are told by lists and by what is handed out, until they come again', async () => {
  fs.rmSync(fileOf(`${STUDY}.2`));
  await at.backend.open().archive.rebuild();
  const words = '1 instance stored here before is lost: retrieve or import the study again.';
  await expectWarnings(OUT, `299 127.0.0.1 "Not whole here: ${words}`);
  await expectWarnings(LISTS, `299 127.0.0.1 "Study ${STUDY} is not whole here: ${words}`);
  expect(await warningOf(`studies/${STUDY}/series/${SERIES}/instances/${STUDY}.1`)).toBe(null);
  await at.take(path.join(at.folder, 'source', '2.dcm'));
  expect(await warningOf(`studies/${STUDY}`)).toBe(null);
});

test('so is what a node has, by which a lost one counts once', async () => {
  const { archive } = at.backend.open();
  fs.rmSync(fileOf(`${STUDY}.2`));
  await archive.rebuild();
  archive.index.expect(
    STUDY,
    'PACS',
    [
      { seriesUid: SERIES, count: 5 },
      { seriesUid: `${STUDY}.9`, count: 1 },
    ],
    {
      isWhole: true,
    },
  );
  const words = (awaited: number): string =>
    '1 instance stored here before is lost: retrieve or import the study again. ' +
    `${awaited} instances that a node has are not here yet: retrieve the study again for the rest.`;
  expect(await warningOf(`studies/${STUDY}`)).toContain(words(3));
  expect(await warningOf(`studies/${STUDY}/series/${SERIES}`)).toContain(words(2));
});

test('so is a damaged file, once it is known', async () => {
  const { archive } = at.backend.open();
  fs.truncateSync(fileOf(`${STUDY}.2`), 100);
  await archive.checks.noteLost(STUDY);
  const words = '1 stored file is damaged or missing: retrieve or import the study again.';
  expect(await warningOf(`studies/${STUDY}/metadata`)).toContain(`Not whole here: ${words}`);
  expect(await warningOf('studies')).toContain(words);
});

test('a study that is lost whole is in no list, which says so', async () => {
  for (const sop of [1, 2, 3]) fs.rmSync(fileOf(`${STUDY}.${sop}`));
  await at.backend.open().archive.rebuild();
  expect(await warningOf('studies')).toContain('1 study is not listed, since all stored files of it are lost');
  expect(await warningOf(`studies?StudyInstanceUID=${STUDY}`)).toContain(
    `Study ${STUDY} is not whole here: 3 instances stored here before are lost`,
  );
  expect(await warningOf('studies?StudyInstanceUID=1.2.3.7')).toBe(null);
});

test('while the index is being made anew all that is handed out says that it may be a part', async () => {
  at.backend.open().archive.index.setIncomplete(true);
  await expectWarnings([...OUT, ...LISTS], `299 127.0.0.1 "${NOT_ALL_LISTED}`);
  expect(await warningOf(`studies/${STUDY}/series/${SERIES}/instances/${STUDY}.1`)).toBe(null);
});
