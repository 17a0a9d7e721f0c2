// SUV factors against numbers worked out by hand, and every reason to give none.
import { describe, expect, test } from 'vitest';
import type { DicomJson } from '../dicom/model.ts';
import { suvOf } from './suv.ts';

const text = (vr: string, ...Value: (string | number)[]) => ({ vr, Value });
const TRACER = {
  '00181072': text('TM', '080000'),
  '00181074': text('DS', 400e6),
  '00181075': text('DS', 6600),
};
/** One half-life after the injection (08:00:00 to 09:50:00), 80 kg, 1.80 m. */
const PET: DicomJson = {
  '00080060': text('CS', 'PT'),
  '00080021': text('DA', '20240131'),
  '00080031': text('TM', '095000'),
  '00080022': text('DA', '20240131'),
  '00080032': text('TM', '095500.5'),
  '00100040': text('CS', 'M'),
  '00101020': text('DS', 1.8),
  '00101030': text('DS', 80),
  '00280051': text('CS', 'NORM', 'ATTN', 'DECY'),
  '00541001': text('CS', 'BQML'),
  '00541102': text('CS', 'START'),
  '00540016': { vr: 'SQ', Value: [TRACER] },
};

const pet = (changed: Record<string, DicomJson[string] | undefined>, tracer: typeof changed = {}): DicomJson => {
  const without = (from: object): DicomJson =>
    Object.fromEntries<DicomJson[string]>(Object.entries(from).filter(([, value]) => value !== undefined));
  return without({ ...PET, '00540016': { vr: 'SQ', Value: [without({ ...TRACER, ...tracer })] }, ...changed });
};
const factors = (dataset: DicomJson) => {
  const found = suvOf(dataset);
  if (!found?.ok) throw new Error(found?.error ?? 'no PET');
  return found.value;
};

describe('factors', () => {
  test.each<[string, DicomJson, number]>([
    ['START: the dose as it was at the series', pet({}), 80_000 / 200e6],
    ['ADMIN: the dose as it was given', pet({ '00541102': text('CS', 'ADMIN') }), 80_000 / 400e6],
    [
      'injection by date and time, two half-lives before',
      pet({}, { '00181078': text('DT', '20240131061000.000') }),
      80_000 / 100e6,
    ],
    ['over midnight', pet({ '00080031': text('TM', '003000') }, { '00181072': text('TM', '224000') }), 80_000 / 200e6],
    [
      'a series made later: GE says when the scan began',
      pet({
        '00080031': text('TM', '120000'),
        '00090010': text('LO', 'GEMS_PETD_01'),
        '0009100D': text('DT', '20240131095000.00'),
      }),
      80_000 / 200e6,
    ],
    [
      'the same in a block of another number, of unknown VR',
      pet({
        '00080031': text('TM', '120000'),
        '00090020': text('LO', 'GEMS_PETD_01'),
        '0009200D': { vr: 'UN', InlineBinary: btoa('20240131095000.00\0') },
      }),
      80_000 / 200e6,
    ],
    [
      'a series made later: reckoned back from the frame reference time',
      // 220 s frame: its mean count rate is at 109.58 s, so the scan began 109.58 s after (09:55:00.5 - 410.08 s).
      pet({
        '00080031': text('TM', '120000'),
        '00541300': text('DS', 410_080),
        '00181242': text('IS', 220_000),
      }),
      80_000 / 200e6,
    ],
    [
      'Philips counts by their SUV factor',
      pet({
        '00541001': text('CS', 'CNTS'),
        '70530010': text('LO', 'Philips PET Private Group'),
        '70531000': text('DS', 0.0005),
      }),
      0.0005,
    ],
    [
      'Philips counts by their activity factor',
      pet({
        '00541001': text('CS', 'CNTS'),
        '70530010': text('LO', 'Philips PET Private Group'),
        '70531000': text('DS', 0),
        '70531009': text('DS', 2),
      }),
      (2 * 80_000) / 200e6,
    ],
    ['stored as SUV', pet({ '00541001': text('CS', 'GML') }), 1],
  ])('%s', (_, dataset, bw) => {
    const found = factors(dataset).bw ?? Number.NaN;
    expect(Math.abs(found / bw - 1)).toBeLessThan(2e-4);
  });
  test('by lean mass (James) and body surface (Du Bois), for men and women', () => {
    // 1.10 * 80 - 128 * (80/180)^2 = 62.716 kg; 1.07 * 80 - 148 * (80/180)^2 = 56.365 kg; 1.9964 m2.
    expect((factors(PET).lbm ?? 0) * 200e6).toBeCloseTo(62_716, -1);
    expect((factors(pet({ '00100040': text('CS', 'F') })).lbm ?? 0) * 200e6).toBeCloseTo(56_365, -1);
    expect((factors(PET).bsa ?? 0) * 200e6).toBeCloseTo(19_964, -1);
  });
  test.each<[string, Record<string, DicomJson[string] | undefined>]>([
    ['no sex', { '00100040': undefined, '00101020': text('DS', 1.8) }],
    ['no height', { '00101020': undefined }],
    ['a height in centimetres', { '00101020': text('DS', 180) }],
  ])('%s: no lean mass, body weight all the same', (_, changed) => {
    expect(factors(pet(changed)).lbm).toBeUndefined();
    expect(factors(pet(changed)).bw).toBeCloseTo(80_000 / 200e6, 9);
  });
  test('a stated SUV type is not taken for another', () => {
    const lean = factors(pet({ '00541001': text('CS', 'GML'), '00541006': text('CS', 'LBM') }));
    expect([lean.bw, lean.lbm]).toEqual([undefined, 1]);
    expect(suvOf(pet({ '00541001': text('CS', 'GML'), '00541006': text('CS', 'IBW') }))?.ok).toBe(false);
  });
});

describe('reasons', () => {
  const series = (time: string) => ({ '00080031': text('TM', time) });
  test.each<[string, DicomJson]>([
    ['no Units', pet({ '00541001': undefined })],
    ['Units (0054,1001) are CPS', pet({ '00541001': text('CS', 'CPS') })],
    ['no factor for them', pet({ '00541001': text('CS', 'CNTS') })],
    ['no factor for them', pet({ '00541001': text('CS', 'CNTS'), '70531000': text('DS', 0.0005) })],
    ['attenuation', pet({ '00280051': text('CS', 'DECY') })],
    ['decay (DECY)', pet({ '00280051': text('CS', 'ATTN') })],
    ["Patient's Weight", pet({ '00101030': undefined })],
    ["Patient's Weight", pet({ '00101030': text('DS', 0) })],
    ["Patient's Weight", pet({ '00101030': text('DS', 80_000) })],
    ['Information (0054,0016) is missing', pet({ '00540016': undefined })],
    ['more than one', pet({ '00540016': { vr: 'SQ', Value: [TRACER, TRACER] } })],
    ['Total Dose (0018,1074) is missing', pet({}, { '00181074': undefined })],
    ['not in Bq', pet({}, { '00181074': text('DS', 400) })],
    ['Decay Correction (0054,1102) is missing', pet({ '00541102': undefined })],
    ['Decay Correction (0054,1102) is NONE', pet({ '00541102': text('CS', 'NONE') })],
    ['Half Life', pet({}, { '00181075': undefined })],
    ['time of the injection (0018,1078 or', pet({}, { '00181072': undefined })],
    ['time of the injection (0018,1072) does not fit', pet({}, { '00181072': text('TM', '095100') })],
    ['date of the injection', pet({}, { '00181075': text('DS', 282_240) })],
    ['do not fit together', pet({}, { '00181078': text('DT', '20240201080000') })],
    ['do not fit together', pet({}, { '00181078': text('DT', '20230131080000') })],
    ['time zone', pet({}, { '00181078': text('DT', '20240131080000+0100') })],
    ['Acquisition Date', pet({ '00080032': undefined })],
    ['later than its acquisition, and nothing else tells', pet(series('120000'))],
    ['Series Date and Time (0008,0021 and 0008,0031) are missing', pet({ '00080031': undefined })],
    [
      'later than the acquisition',
      pet({ ...series('120000'), '00090010': text('LO', 'GEMS_PETD_01'), '0009100D': text('DT', '20240131100000') }),
    ],
  ])('%s', (reason, dataset) => {
    const found = suvOf(dataset);
    expect(found?.ok === false && found.error).toContain(reason);
  });
  test('other modalities have none and need no reason', () =>
    expect(suvOf({ ...PET, '00080060': text('CS', 'CT') })).toBeUndefined());
});
