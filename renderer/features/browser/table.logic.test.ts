import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COLUMNS, showAge, showDate } from './columns.ts';
import { keyName } from '../../ui/use-command-keys.ts';
import { commandOf, COMMANDS, menuLabel, type BrowserContext } from './commands.ts';
import { groupedLines, plainLine } from './grouping.logic.ts';
import { NOTHING, select, selectOnly } from '../../ui/selection.logic.ts';
import { compareRows, nextSort, SortedEntries, type SortTerm } from './sort.logic.ts';
import { testRow } from './test-row.ts';

const uids = (rows: readonly { studyUid: string }[]): string[] => rows.map(({ studyUid }) => studyUid);

describe('order', () => {
  const rows = [
    testRow({ studyUid: 'a', studyDate: '20240101', patientName: 'Zoll^A' }),
    testRow({ studyUid: 'b', studyDate: '20250101', patientName: 'abel^B' }),
    testRow({ studyUid: 'c', studyDate: '', patientName: 'Abel^B' }),
    testRow({ studyUid: 'd', studyDate: '20250101', patientName: '' }),
  ];
  const ordered = (sort: SortTerm[]): string[] => uids([...rows].sort((a, b) => compareRows(a, b, sort)));
  test('newest first, unknown last either way', () => {
    expect(ordered([{ key: 'studyDate', isDescending: true }])).toEqual(['b', 'd', 'a', 'c']);
    expect(ordered([{ key: 'studyDate', isDescending: false }])).toEqual(['a', 'b', 'd', 'c']);
  });
  test('a time without seconds, or none, leaves a study in its day', () => {
    const times = ['', '12', '1200', '120000.250'].map((studyTime, index) =>
      testRow({ studyUid: `t${index}`, studyDate: '20241130', studyTime }),
    );
    const old = testRow({ studyUid: 'old', studyDate: '20160503', studyTime: '120800' });
    const sorted = [old, ...times].sort((a, b) => compareRows(a, b, [{ key: 'studyDate', isDescending: true }]));
    expect(uids(sorted)).toEqual(['t3', 't1', 't2', 't0', 'old']);
  });
  test('a second column decides between equals', () => {
    expect(
      ordered([
        { key: 'patientName', isDescending: false },
        { key: 'studyDate', isDescending: true },
      ]),
    ).toEqual(['b', 'c', 'a', 'd']);
  });
  test('a name without an alphabetic group stands by the group it has; one of empty groups is unknown', () => {
    const names = ['=', '^^==やまだ^たろう', '=山田^太郎', 'Zoll^A', 'Abel^B=山田'].map((patientName) =>
      testRow({ studyUid: patientName, patientName }),
    );
    const sorted = names.sort((a, b) => compareRows(a, b, [{ key: 'patientName', isDescending: false }]));
    expect(uids(sorted)).toEqual(['Abel^B=山田', 'Zoll^A', '^^==やまだ^たろう', '=山田^太郎', '=']);
  });
  test('a click sorts, another turns it round, Shift adds', () => {
    const first = nextSort([], 'studyDate', false);
    expect(first).toEqual([{ key: 'studyDate', isDescending: true }]);
    const added = nextSort(first, 'patientName', true);
    expect(nextSort(added, 'patientName', true)).toEqual([
      { key: 'studyDate', isDescending: true },
      { key: 'patientName', isDescending: true },
    ]);
  });
  test('the kept list equals one sorted anew, after any change', () => {
    const day = fc.integer({ min: 1, max: 28 });
    fc.assert(
      fc.property(fc.array(fc.array(fc.tuple(fc.nat(30), day), { maxLength: 12 }), { maxLength: 6 }), (steps) => {
        const sorted = new SortedEntries();
        const sort: SortTerm[] = [{ key: 'studyDate', isDescending: true }];
        let studies = new Map<string, ReturnType<typeof testRow>>();
        for (const changes of steps) {
          studies = new Map(studies);
          for (const [uid, date] of changes) {
            const studyUid = `1.${uid}`;
            if (date === 28) studies.delete(studyUid);
            else studies.set(studyUid, testRow({ studyUid, studyDate: `202401${String(date).padStart(2, '0')}` }));
          }
          const rows = [...studies.values()];
          const kept = sorted.update(rows, sort).map((entry) => entry.row);
          expect(kept).toEqual([...rows].sort((a, b) => compareRows(a, b, sort)));
        }
      }),
    );
  });
});

describe('patients', () => {
  const a1 = testRow({ studyUid: 'a1', patientId: '7', issuer: 'A', patientName: 'Same^Name' });
  const a2 = testRow({ studyUid: 'a2', patientId: '7', issuer: 'A', patientName: 'Other^Spelling' });
  const b = testRow({ studyUid: 'b', patientId: '7', issuer: 'B', patientName: 'Same^Name' });
  const none1 = testRow({ studyUid: 'n1', patientId: '', patientName: 'Same^Name' });
  const none2 = testRow({ studyUid: 'n2', patientId: '', patientName: 'Same^Name' });
  const all = [a1, b, none1, a2, none2];
  test('ID and issuer group, a name never does', () => {
    const heads = groupedLines(all, all, new Set()).filter((line) => line.kind === 'patient');
    expect(heads.map((line) => uids(line.rows))).toEqual([['a1', 'a2'], ['b'], ['n1'], ['n2']]);
  });
  test('a patient found by one study shows all', () => {
    const lines = groupedLines(all, [a2], new Set());
    expect(lines.map((line) => (line.kind === 'study' ? [line.row.studyUid, line.isFound] : line.foundCount))).toEqual([
      1,
      ['a1', false],
      ['a2', true],
    ]);
  });
  test('folded away, the head stays', () => {
    const [head] = groupedLines(all, [b], new Set());
    expect(head?.kind === 'patient' && groupedLines(all, [b], new Set([head.key]))).toHaveLength(1);
  });
  test('not grouped: a study is a line', () => {
    expect(plainLine(b)).toMatchObject({ row: b, isFound: true, level: 1 });
  });
});

describe('selection', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  test('a range goes from the anchor, also when it turns round', () => {
    const start = selectOnly('c');
    expect([...select(start, 'e', 'range', ids).selected]).toEqual(['c', 'd', 'e']);
    expect([...select(select(start, 'e', 'range', ids), 'a', 'range', ids).selected]).toEqual(['a', 'b', 'c']);
  });
  test('toggle adds and takes away, focus alone selects nothing', () => {
    const two = select(selectOnly('a'), 'd', 'toggle', ids);
    expect([...two.selected]).toEqual(['a', 'd']);
    expect([...select(two, 'a', 'toggle', ids).selected]).toEqual(['d']);
    expect(select(NOTHING, 'b', 'focus', ids)).toMatchObject({ focus: 'b', selected: new Set() });
  });
});

test.each([
  ['19700101', '20240517', '54 y'],
  ['20220601', '20240517', '23 m'],
  ['20220501', '20240517', '2 y'],
  ['20240501', '20240517', '16 d'],
  ['', '20240517', ''],
  ['00000000', '20240517', ''],
  ['20250101', '20240517', ''],
  ['19040517', '20240517', '120 y'],
  ['19500101', '99991231', ''],
])('born %s, studied %s: %s', (birthDate, studyDate, age) => {
  expect(showAge(testRow({ birthDate, studyDate }))).toBe(age);
});
test('a day that is none leaves its place empty', () =>
  expect(['20240517', '00000000', ''].map(showDate)).toEqual(['2024-05-17', '', '']));

test('each command has keys of its own, each column a key of its own', () => {
  const keys = COMMANDS.flatMap((command) => command.keys);
  expect(new Set(keys).size).toBe(keys.length);
  expect(new Set(COLUMNS.map(({ key }) => key)).size).toBe(COLUMNS.length);
});

test('one study is opened, never one of several without a word', () => {
  const open = commandOf('open');
  const isEnabled = (...uids: string[]): boolean =>
    open.isEnabled({ selected: uids.map((studyUid) => testRow({ studyUid })) } as unknown as BrowserContext);
  expect([isEnabled(), isEnabled('a'), isEnabled('a', 'b')]).toEqual([false, true, false]);
  expect([menuLabel(open, 1), menuLabel(open, 2)]).toEqual(['Open', 'Open: choose one study']);
  const remove = commandOf('remove');
  expect([menuLabel(remove, 1), menuLabel(remove, 2)]).toEqual([
    'Remove from the archive',
    'Remove from the archive: 2 studies',
  ]);
});

test('keys are named as commands write them', () => {
  const none = { code: '', ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };
  expect(keyName({ ...none, key: 'o', ctrlKey: true, shiftKey: true })).toBe('Ctrl+Shift+O');
  expect(keyName({ ...none, key: '/', shiftKey: true })).toBe('/');
  expect(keyName({ ...none, key: ',', metaKey: true })).toBe('Ctrl+,');
  // A Cyrillic keyboard; a German one, where a letter stands at another place.
  expect(keyName({ ...none, key: 'З', code: 'KeyP', shiftKey: true })).toBe('Shift+P');
  expect(keyName({ ...none, key: 'z', code: 'KeyY' })).toBe('Z');
});
