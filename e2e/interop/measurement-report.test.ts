// A measurement report as other programs see it: dicom3tools checks its object and its template, DCMTK reads its tree, pydicom
// its values; the entities it shares with its images are the same.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBackend, type Backend } from '../../electron/backend/app.ts';
import { localPeople } from '../../electron/backend/people/people.ts';
import { frameName, type KeyImage, type SavedDocument, type StoredLength } from '../../shared/contract/marks.ts';
import { hasSamples, SAMPLES } from '../support/lectern.ts';

const PYTHON = '/usr/bin/python3';
const canAsk = spawnSync(PYTHON, ['-c', 'import pydicom']).status === 0;
const hasTools = ['dciodvfy', 'dcentvfy', 'dsrdump'].every((tool) => spawnSync('which', [tool]).status === 0);

const SCRIPT = `
import sys, json, pydicom
d = pydicom.dcmread(sys.argv[1])
found = []
def walk(i, group):
    for c in i.get('ContentSequence', []):
        g = c if c.ValueType == 'CONTAINER' else group
        if c.ValueType == 'NUM':
            said = {str(x.ConceptNameCodeSequence[0].CodeValue): x for x in g.ContentSequence if 'ConceptNameCodeSequence' in x}
            line = c.ContentSequence[0]
            image = line.ContentSequence[0].ReferencedSOPSequence[0]
            found.append({'label': said['112039'].TextValue, 'value': float(c.MeasuredValueSequence[0].NumericValue),
              'unit': c.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue,
              'points': list(line.GraphicData), 'image': image.ReferencedSOPInstanceUID,
              'frame': int(image.get('ReferencedFrameNumber', 0))})
        walk(c, g)
walk(d, d)
i = pydicom.dcmread(sys.argv[2], stop_before_pixels=True)
r, c = [float(x) for x in i.PixelSpacing]
for f in found:
    x, y, u, v = f['points']
    f['ours'] = (((u - x) * c) ** 2 + ((v - y) * r) ** 2) ** .5
print(json.dumps({'lengths': found, 'name': str(d.PatientName) == str(i.PatientName), 'study': d.StudyInstanceUID == i.StudyInstanceUID}))
`;

let folder = '';
let backend: Backend;
const call = async (method: string, address: string, body?: unknown): Promise<Response> =>
  backend.fetch(
    new Request(`http://127.0.0.1/api${address}`, {
      method,
      headers: { 'x-lectern': '1', 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  );

beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-report-'));
  backend = await createBackend({
    dataDir: path.join(folder, 'data'),
    keyDir: path.join(folder, 'keys'),
    version: '0.1.0',
    shell: 'browser',
    people: localPeople('Dr. Grün'),
    onBug: (error) => {
      throw error;
    },
  });
});
afterEach(async () => {
  await backend.close();
  fs.rmSync(folder, { recursive: true });
});

/** Takes in one real image and measures on it; gives the image and the report as files. */
async function measured(
  source: string,
  frameIndex: number,
): Promise<{ image: string; report: string; selection: string; sopUid: string }> {
  const { archive } = backend.open();
  const taken = await archive.ingest.file({ path: source });
  const { sopInstanceUid = '', studyUid = '', seriesUid = '' } = taken;
  const length: StoredLength = {
    uid: '6f9619ff-8b86-4d11-b42d-00c04fc964ff',
    studyUid,
    seriesUid,
    sopInstanceUid,
    frameIndex,
    ends: [[10.25, 33.5], [122.75, 91]], // prettier-ignore
    label: 'Läsion',
    text: '',
    drawnAt: 1,
  };
  const put = await call('PUT', `/studies/${studyUid}/lengths/${length.uid}`, length);
  expect(put.status).toBe(204);
  const answer = await call('POST', `/studies/${studyUid}/report`);
  expect(answer.status, await answer.clone().text()).toBe(200);
  const { report } = (await answer.json()) as { report: SavedDocument };
  const image: KeyImage = { studyUid, seriesUid, sopInstanceUid, frameIndex, markedAt: 1 };
  expect((await call('PUT', `/studies/${studyUid}/key-images/${frameName(image)}`, image)).status).toBe(204);
  const { selection } = (await (await call('POST', `/studies/${studyUid}/selection`)).json()) as {
    selection: SavedDocument;
  };
  const fileOf = ({ sopInstanceUid: uid }: SavedDocument): string => {
    const location = archive.index.locate(uid);
    if (!location) throw new Error('not stored');
    const reader = archive.open(location);
    const file = path.join(folder, `${uid}.dcm`);
    fs.writeFileSync(file, reader.read(0, reader.size));
    reader.close();
    return file;
  };
  return { image: source, report: fileOf(report), selection: fileOf(selection), sopUid: sopInstanceUid };
}

/** The first file below a folder of the samples. */
function firstBelow(...names: string[]): string {
  const inside = path.join(SAMPLES, ...names);
  const [first = ''] = fs.readdirSync(inside).sort();
  return fs.statSync(path.join(inside, first)).isDirectory() ? firstBelow(...names, first) : path.join(inside, first);
}

describe.skipIf(!hasSamples || !hasTools || !canAsk)(
  'a measurement report (needs the samples, dicom3tools, dcmtk and pydicom)',
  () => {
    test.each([
      ['CT', 'ct_lidc-idri-0314'],
      ['MR', 'mr_prostatex-0207'],
      ['PET', 'petct_acrin-042/pet_ac'],
    ])('of a real %s', async (_, names) => {
      const { image, report, selection, sopUid } = await measured(firstBelow(names), 0);
      for (const document of [report, selection]) {
        const checked = spawnSync('dciodvfy', [document], { encoding: 'utf8' });
        expect(`${checked.stdout}${checked.stderr}`.split('\n').filter((line) => line.startsWith('Error'))).toEqual([]);
      }
      expect(execFileSync('dsrdump', ['+Pl', selection], { encoding: 'utf8' })).toMatch(
        /Of Interest[^]*contains IMAGE/,
      );
      const tree = execFileSync('dsrdump', ['+Pl', report], { encoding: 'utf8' });
      expect(tree).toContain('Imaging Measurement Report');
      const read = JSON.parse(execFileSync(PYTHON, ['-c', SCRIPT, report, image], { encoding: 'utf8' })) as {
        lengths: { value: number; ours: number; points: number[]; label: string; unit: string; image: string }[];
        name: boolean;
        study: boolean;
      };
      expect(read).toMatchObject({ name: true, study: true });
      const [length] = read.lengths;
      expect(length).toMatchObject({
        label: 'Läsion',
        unit: 'mm',
        points: [10.75, 34, 123.25, 91.5],
        image: sopUid,
      });
      expect(length?.value).toBeCloseTo(length?.ours ?? Number.NaN, 3);
      const entities = spawnSync('dcentvfy', [image, report, selection], { encoding: 'utf8' });
      expect(`${entities.stdout}${entities.stderr}`).not.toContain('Error');
    });
  },
);
