// Retrieving from a node that lists instances in one study or series and gives them as of another: here, and not where looked for.
import { expect, test } from 'vitest';
import { nodeWith, SERIES, STUDY } from './testing/scripted-node.ts';

const ALL = Object.values(SERIES).flat();
const reason = 'It is here under another study, 1.9.';

test('a study whose instances all name another one is not here, whatever the node lists of it', async () => {
  const node = nodeWith({ studyOf: () => '1.9' });
  const result = await node.run(1, 2);
  expect(result).toMatchObject({ expected: 6, received: 0 });
  expect(result.warnings).toEqual([
    '6 of the instances that PACS lists of the study 1.2 name another study, 1.9, and are here under that: look whose images these are, and tell who runs PACS.',
    'Nothing of what was asked for is here under its own UID.',
  ]);
  expect(result.failed).toEqual(ALL.map((sopInstanceUid) => ({ sopInstanceUid, reason })));
  // They would come so again.
  expect([node.asked.length, node.pauses]).toEqual([1, []]);
  expect(node.unasked).toEqual(['6 of 1.9']);
});

test('those of a study that name another one are not received; the rest is, and nothing is asked for again', async () => {
  const node = nodeWith({ studyOf: (uid) => (uid === 'b' ? '1.9' : STUDY) });
  const result = await node.run(2, 2);
  expect(result).toMatchObject({ expected: 6, received: 5, failed: [{ sopInstanceUid: 'b', reason }] });
  expect(result.warnings).toEqual([
    expect.stringMatching(
      /^1 of the instances that PACS lists of the study 1\.2 names another study, 1\.9, and is here/,
    ),
  ]);
  expect(node.asked.flatMap(({ sopInstanceUids = [] }) => sopInstanceUids)).toEqual([]);
});

test('those that name another series of the study than the node lists are received, and that is told', async () => {
  const node = nodeWith({ seriesOf: (uid) => (uid < 'd' ? '1.2.77' : '1.2.3') });
  const result = await node.run(1, 1);
  expect(result).toMatchObject({ expected: 6, received: 6, failed: [] });
  expect(result.warnings).toEqual([
    '4 of the instances that PACS lists name another series of the study than it lists, 1.2.77, 1.2.3, and are here under that.',
  ]);
  // Else the study would be marked as incomplete for ever.
  expect(node.expectations).toEqual({ '1.2.1': 0, '1.2.2': 0, '1.2.3': 2 });
  node.expectations['1.2.1'] = 3;
  await node.run(1, 1);
  expect(node.expectations['1.2.1']).toBe(0);
});

test('what came as of another series stands for none that is missing there', async () => {
  const node = nodeWith({ unable: ['f'], isSilent: true, seriesOf: (uid) => (uid < 'd' ? '1.2.1' : '1.2.3') });
  expect(await node.run(1, 1)).toMatchObject({ expected: 6, received: 5, failed: [{ sopInstanceUid: 'f' }] });
});

test('of a series that was asked for they are not received', async () => {
  const node = nodeWith({ seriesOf: () => '1.2.77' });
  const result = await node.run(1, 1, '1.2.2');
  expect(result.failed).toEqual([{ sopInstanceUid: 'd', reason: 'It is here under another series, 1.2.77.' }]);
  expect(result.received).toBe(0);
  expect(node.asked).toHaveLength(1);
});
