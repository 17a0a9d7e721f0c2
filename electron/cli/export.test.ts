// Exports into folders where something is already, or may not be.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { NOT_ALL_LISTED, WORDS_OF_LOSS } from '#backend/archive/lost-instances.ts';
import { EXPLICIT, text, writeFile } from '#shared/testing/dicom-builder.ts';
import { backendForEachTest } from '#backend/routes/testing.ts';
import { runHandedCommand } from './run-command.ts';

const at = backendForEachTest();
const STUDY = '1.2.3.1';
const nameOf = (sop: number): string => `${STUDY}.${sop}.dcm`;
let bytes: Uint8Array[] = [];
let lines: string[] = [];

beforeEach(async () => {
  bytes = [1, 2, 3].map((sop) =>
    writeFile(
      {
        '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
        '00080018': text('UI', `${STUDY}.${sop}`),
        '00100020': text('LO', 'P1'),
        '0020000D': text('UI', STUDY),
        '0020000E': text('UI', `${STUDY}.0`),
      },
      { transferSyntaxUid: EXPLICIT },
    ),
  );
  await at.take(...bytes.map((each, sop) => at.put(`${sop}.dcm`, each)));
});

const inFolder = (...names: string[]): string => path.join(at.folder, ...names);
const exported = (...operands: string[]): Promise<{ exit: number; failure?: string }> => run('export', ...operands);
function run(...argv: string[]): Promise<{ exit: number; failure?: string }> {
  lines = [];
  const print = (line: string): void => void lines.push(line);
  return runHandedCommand(
    argv,
    {
      cwd: at.folder,
      isWatched: false,
      signal: new AbortController().signal,
      print,
      note: print,
      progress: () => undefined,
      stdin: () => Promise.resolve(''),
      passphrases: { current: () => Promise.resolve(undefined), next: () => Promise.resolve(undefined) },
    },
    at.backend,
  );
}
function put(name: string, content: Uint8Array | string): void {
  fs.mkdirSync(inFolder('out'), { recursive: true });
  fs.writeFileSync(inFolder('out', name), content);
}

test('an export that was cut off goes on, and leaves files of others alone', async () => {
  put(nameOf(1), bytes[0] ?? '');
  put(`${nameOf(2)}.part`, 'mine');
  fs.symlinkSync(inFolder('victim'), inFolder('out', `${nameOf(3)}.part`));
  expect(await exported(STUDY, 'out')).toEqual({ exit: 0 });
  expect(lines).toEqual([`2 instances written to ${inFolder('out')}, 1 of the same bytes were there already`]);
  expect([1, 2, 3].map((sop) => fs.readFileSync(inFolder('out', nameOf(sop))))).toEqual(
    bytes.map((each) => Buffer.from(each)),
  );
  expect(fs.readdirSync(inFolder('out'))).toHaveLength(5);
  expect(fs.readFileSync(inFolder('out', `${nameOf(2)}.part`), 'utf8')).toBe('mine');
  expect(fs.existsSync(inFolder('victim'))).toBe(false);
  expect(await exported(STUDY, 'out', '--json')).toEqual({ exit: 0 });
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    exported: 0,
    bytes: 0,
    alreadyThere: 3,
    missing: 0,
    damaged: [],
    removed: [],
  });
});

test('what a node has of it and is not here is told, and no success', async () => {
  const series = [{ seriesUid: `${STUDY}.0`, count: 5 }];
  at.backend.open().archive.index.expect(STUDY, 'PACS', series, { isWhole: true });
  expect(await exported(STUDY, 'out')).toEqual({ exit: 3 });
  expect(lines).toEqual([
    'This is not whole: 2 instances that a node has are not here yet: retrieve the study again for the rest.',
    `3 of 5 instances written to ${inFolder('out')}`,
  ]);
  expect(await exported(`${STUDY}.1`, 'one')).toEqual({ exit: 0 });
});

test('while the index is being made anew an export says that it may be a part', async () => {
  at.backend.open().archive.index.setIncomplete(true);
  expect(await exported(STUDY, 'out')).toEqual({ exit: 3 });
  expect(lines).toEqual([`This may not be whole. ${NOT_ALL_LISTED}`, `3 instances written to ${inFolder('out')}`]);
  expect(await exported(`${STUDY}.1`, 'one')).toEqual({ exit: 0 });
});

test('what an export that was cut off left unfinished goes with the next one of the same instances', async () => {
  const left = `${randomUUID()}.part`;
  for (const name of [nameOf(2), '1.2.3.9.1.dcm', 'mine']) put(`${name}.${left}`, 'half');
  expect(await exported(STUDY, 'out')).toEqual({ exit: 0 });
  expect(fs.readdirSync(inFolder('out')).filter((name) => name.endsWith('.part'))).toEqual([
    `1.2.3.9.1.dcm.${left}`,
    `mine.${left}`,
  ]);
});

test.each(['other bytes', 'a link to nothing'])('nothing is written where a name is taken by %s', async (what) => {
  if (what === 'other bytes') put(nameOf(3), Buffer.alloc(bytes[2]?.length ?? 0));
  else {
    fs.mkdirSync(inFolder('out'));
    fs.symlinkSync(inFolder('victim'), inFolder('out', nameOf(3)));
  }
  expect(await exported(STUDY, 'out')).toMatchObject({
    exit: 1,
    failure: expect.stringContaining('is there already, and is something else'),
  });
  expect(fs.readdirSync(inFolder('out'))).toEqual([nameOf(3)]);
});

test('no plain files go into the data folder, by whatever name, nor where no folder was named', async () => {
  fs.symlinkSync(inFolder('data'), inFolder('link'));
  for (const folder of ['data', 'data/objects/a', 'data/new/deep', 'link/new'])
    expect(await exported(STUDY, folder)).toMatchObject({ exit: 1, failure: expect.stringContaining('data folder') });
  expect(await exported(STUDY, '')).toMatchObject({ exit: 2 });
  expect(fs.readdirSync(inFolder('data')).filter((name) => name === 'new' || name.endsWith('.dcm'))).toEqual([]);
  expect(await exported(STUDY, 'data-of-another')).toEqual({ exit: 0 });
});

test('what the system refuses is said in words, and nothing half stays', async () => {
  fs.writeFileSync(inFolder('file'), '');
  for (const folder of ['file', 'file/below'])
    expect(await exported(STUDY, folder)).toMatchObject({
      exit: 1,
      failure: expect.stringMatching(/cannot be written: a file is .*\(E\w+\)/),
    });
  const sync = vi.spyOn(fs.promises, 'open').mockImplementationOnce(async (...given) => {
    const handle = await fs.promises.open(...given);
    handle.sync = () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }));
    return handle;
  });
  expect(await exported(STUDY, 'out')).toMatchObject({
    exit: 1,
    failure: expect.stringContaining('cannot be written: the disk is full'),
  });
  sync.mockRestore();
  expect(fs.readdirSync(inFolder('out'))).toEqual([]);
});

test('a study that is removed while it is exported is said to be that, and not damaged', async () => {
  const { open } = fs.promises;
  vi.spyOn(fs.promises, 'open').mockImplementationOnce(async (...given) => {
    await at.backend.open().archive.removeStudy(STUDY);
    return open.call(fs.promises, ...given);
  });
  expect(await exported(STUDY, 'out', '--json')).toEqual({ exit: 3 });
  expect(lines).toContain(`${STUDY}.1 is not exported: The instance was removed meanwhile.`);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
    exported: 0,
    damaged: [],
    removed: expect.arrayContaining([1, 2, 3].map((sop) => `${STUDY}.${sop}`)) as string[],
  });
});

test('instances whose stored files are gone are named by rebuild, verify and export, and each says that it is not all', async () => {
  const { archive } = at.backend.open();
  const gone = `${STUDY}.2`;
  const { name } = archive.index.locate(gone)!;
  fs.rmSync(inFolder('data', 'objects', name.slice(0, 1), name));
  expect(await run('rebuild')).toEqual({ exit: 3 });
  expect(lines).toEqual([
    `${gone}: ${WORDS_OF_LOSS}`,
    '2 instances indexed, 0 in quarantine, 0 files left out, 1 instances missing',
  ]);
  expect(await run('verify', '--json')).toEqual({ exit: 3 });
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    checked: 2,
    damaged: [{ sopInstanceUid: gone, reason: WORDS_OF_LOSS }],
  });
  for (const uid of [STUDY, `${STUDY}.0`]) {
    expect(await exported(uid, `out of ${uid}`)).toEqual({ exit: 3 });
    expect(lines).toEqual([
      `${gone} is not exported: ${WORDS_OF_LOSS}`,
      `2 of 3 instances written to ${inFolder(`out of ${uid}`)}`,
    ]);
  }
  expect(await exported(gone, 'out')).toMatchObject({ exit: 1, failure: expect.stringContaining(WORDS_OF_LOSS) });
  archive.index.beginRebuild();
  expect(await exported(STUDY, 'out')).toMatchObject({
    exit: 1,
    failure: expect.stringContaining('does not list it yet'),
  });
});
