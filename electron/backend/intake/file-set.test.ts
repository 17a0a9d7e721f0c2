// A DICOMDIR against the medium that it lists: absent, unlisted, misspelt and hostile file IDs.
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FileReport } from '#shared/contract/views.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { err, ok } from '#shared/base/result.ts';
import { referencedFiles, reportFileSet, sameName } from './file-set.ts';

const folder = path.resolve('medium');

const listing = (...ids: string[][]): DicomJson => ({
  '00041220': {
    vr: 'SQ',
    Value: [{}, ...ids.map((id) => ({ '00041500': { vr: 'CS', Value: id } }))],
  },
});

describe('file IDs', () => {
  test.each([
    ['IM1', 'IM1', true],
    ['im1', 'IM1', true],
    ['IM1;1', 'IM1', true],
    ['im1.;12', 'IM1', true],
    ['IM1.', 'IM1', true],
    ['IM11', 'IM1', false],
    ['IM1.dcm', 'IM1', false],
  ])('%s on the disc, %s in the list: %s', (onDisc, listed, wanted) => {
    expect(sameName(onDisc, listed)).toBe(wanted);
  });

  test('what would leave the medium is never followed', () => {
    const hostile = [
      ['..', 'etc'],
      ['/etc/passwd'],
      ['A', '.', 'B'],
      ['C:', 'X'],
      ['A\\B'],
      [''],
      ['a\0b'],
      ['A/../B'],
      ['A//B'],
    ];
    expect(referencedFiles(listing(['DICOM', 'IM1'], ...hostile), folder)).toEqual({
      files: [{ path: path.join(folder, 'DICOM', 'IM1'), sopInstanceUid: undefined }],
      invalid: hostile.map((id) => id.join('\\')),
      withSlashes: 0,
    });
  });
});

describe('the report', () => {
  const reports = async (
    dicomdir: Parameters<typeof reportFileSet>[0]['dicomdir'],
    uids: Record<string, string> = {},
  ): Promise<FileReport[]> => {
    const found: FileReport[] = [];
    const file = path.join(folder, 'DICOMDIR');
    const all = ['DICOMDIR', 'DICOM/IM1', 'dicom2/im2.;1', 'DICOM/IM3;1', 'EXTRA', '../DICOM/IM9'].map((name) =>
      path.join(folder, name),
    );
    const uidAt = (name: string): string | undefined => uids[path.relative(folder, name)];
    await reportFileSet({ file, sizeBytes: 1, dicomdir, list: () => all, uidAt }, (report) => found.push(report));
    return found;
  };

  test('counts the present and the unlisted, names the absent and the invalid', async () => {
    const dataset = listing(['DICOM', 'IM1'], ['DICOM2', 'IM2'], ['DICOM', 'IM9'], ['..', 'X']);
    const [own, ...lines] = await reports(ok({ dataset, repairs: [] }));
    expect(own).toMatchObject({ outcome: 'not-dicom', code: 'dicomdir' });
    expect(own?.reason).toBe(
      'DICOMDIR: lists 4 files, 2 present, 1 absent, 1 with an invalid file ID, 2 further files present but not listed.',
    );
    expect(lines.map(({ path: file, code }) => [path.relative(folder, file), code])).toEqual([
      [path.join('DICOM', 'IM9'), 'absent'],
      ['DICOMDIR#..\\X', 'invalid-file-id'],
    ]);
  });

  test('names what is listed where another instance lies', async () => {
    const dataset = listing(['DICOM', 'IM1'], ['DICOM2', 'IM2'], ['DICOM', 'IM3']);
    const records = dataset['00041220']?.Value as DicomJson[];
    for (const [at, uid] of ['1.1', '1.2', '1.3'].entries()) records[at + 1]!['00041511'] = { vr: 'UI', Value: [uid] };
    const [own, ...lines] = await reports(ok({ dataset, repairs: [] }), {
      [path.join('DICOM', 'IM1')]: '1.1',
      [path.join('dicom2', 'im2.;1')]: '1.9',
    });
    expect(own?.reason).toContain('lists 3 files, 2 present, 1 with another instance in their place');
    expect(lines).toMatchObject([{ path: path.join(folder, 'DICOMDIR#1.2'), outcome: 'refused', code: 'absent' }]);
    expect(lines[0]?.reason).toContain(`lists instance 1.2 at ${path.join('dicom2', 'im2.;1')}, which holds 1.9`);
  });

  test('finds names as media show them, and folders and others are no files', async () => {
    const dataset = listing(['DICOM2', 'IM2'], ['DICOM', 'IM3'], ['DICOM'], ['DICOM', 'IM1', 'X'], ['DICOMDIR']);
    const [own, ...lines] = await reports(ok({ dataset, repairs: [] }));
    expect(own?.reason).toBe('DICOMDIR: lists 5 files, 3 present, 2 absent, 2 further files present but not listed.');
    expect(lines.map(({ path: file }) => path.relative(folder, file))).toEqual([
      'DICOM',
      path.join('DICOM', 'IM1', 'X'),
    ]);
  });

  test('follows a file ID with slashes below the folder, and says that it is not as it should be', async () => {
    const dataset = listing(['DICOM/IM1'], ['dicom2/im2'], ['../DICOM/IM9']);
    const [own, ...lines] = await reports(ok({ dataset, repairs: [] }));
    expect(own?.reason).toBe(
      'DICOMDIR: lists 3 files, 2 present, 1 with an invalid file ID, 2 with slashes in the file ID, which DICOM does not allow, 2 further files present but not listed.',
    );
    expect(lines.map(({ path: file }) => path.relative(folder, file))).toEqual(['DICOMDIR#../DICOM/IM9']);
  });

  test('a damaged DICOMDIR says so, whether it could be read in part or not', async () => {
    expect(await reports(err('It is damaged.'))).toMatchObject([{ outcome: 'refused', code: 'dicomdir-damaged' }]);
    expect(await reports(ok({ dataset: listing(['DICOM', 'IM1']), repairs: ['It ends early.'] }))).toMatchObject([
      { outcome: 'repaired', code: 'dicomdir-damaged' },
    ]);
  });
});
