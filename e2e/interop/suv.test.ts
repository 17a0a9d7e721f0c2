// SUV of a real PET beside two others: the factors that another program stored with it as Real World Value Map, and the
// arithmetic done anew in Python from the values that pydicom reads.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readInstance } from '../../shared/dicom/read-instance.ts';
import { suvOf } from '../../shared/pixels/suv.ts';
import { hasSamples, SAMPLES } from '../support/lectern.ts';

const PYTHON = '/usr/bin/python3';
const FOLDER = path.join(SAMPLES, 'petct_acrin-042');
const FILE = path.join(FOLDER, 'pet_ac', '0001.dcm');
const canAsk = hasSamples && spawnSync(PYTHON, ['-c', 'import pydicom']).status === 0;

const SCRIPT = `
import sys, json, math, glob, pydicom
from datetime import datetime
d = pydicom.dcmread(sys.argv[1], stop_before_pixels=True)
t = d.RadiopharmaceuticalInformationSequence[0]
at = lambda s: datetime.strptime(str(s).split('.')[0], '%H%M%S')
gone = (at(d.SeriesTime) - at(t.RadiopharmaceuticalStartTime)).total_seconds()
dose = float(t.RadionuclideTotalDose) * math.exp(-math.log(2) * gone / float(t.RadionuclideHalfLife))
r = pydicom.dcmread(glob.glob(sys.argv[2] + '/*')[0])
maps = {}
def walk(ds):
    for e in ds:
        if e.VR != 'SQ': continue
        for i in e.value:
            if 'RealWorldValueSlope' in i:
                maps[i.MeasurementUnitsCodeSequence[0].CodeValue] = float(i.RealWorldValueSlope)
            walk(i)
walk(r)
print(json.dumps({'bw': float(d.PatientWeight) * 1000 / dose, 'maps': maps}))
`;

test.skipIf(!canAsk)('SUVbw, SUVlbm and SUVbsa of a real PET are what others work out', () => {
  const bytes = fs.readFileSync(FILE);
  const parsed = readInstance({
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  });
  if (!parsed.ok) throw new Error(parsed.error.detail);
  const found = suvOf(parsed.value.dataset);
  if (!found?.ok) throw new Error(found?.error ?? 'no PET');
  const theirs = JSON.parse(
    execFileSync(PYTHON, ['-c', SCRIPT, FILE, path.join(FOLDER, 'rwv_suv')], { encoding: 'utf8' }),
  ) as { bw: number; maps: Record<string, number> };
  const { bw = 0, lbm = 0, bsa = 0 } = found.value;
  expect(bw / theirs.bw).toBeCloseTo(1, 9);
  expect(bw / (theirs.maps['{SUVbw}g/ml'] ?? 0)).toBeCloseTo(1, 3);
  expect(lbm / (theirs.maps['{SUVlbm}g/ml'] ?? 0)).toBeCloseTo(1, 3);
  // That program writes a tenth of what its own unit says: it took the surface in m2 times 1000.
  expect(bsa / 10 / (theirs.maps['{SUVbsa}cm2/ml'] ?? 0)).toBeCloseTo(1, 3);
});
