// Objects that are no images, read from files that end before what they are made for.
import { expect, test } from 'vitest';
import { binary, sequence, text, writeFile, type Dataset } from '../testing/dicom-builder.ts';
import { readInstance } from './read-instance.ts';
import type { Repair } from './model.ts';

function repairsOf(file: Uint8Array): readonly Repair[] {
  const result = readInstance({
    size: file.length,
    read: (offset, length) => file.subarray(offset, offset + length),
  });
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.detail}`);
  return result.value.repairs;
}

const headerOf = (end: string, more: Dataset): Dataset => ({
  '00080016': text('UI', `1.2.840.10008.5.1.4.1.1.${end}`),
  '00080018': text('UI', '1.2.3.4.5'),
  '00080060': text('CS', 'OT'),
  '00100020': text('LO', 'P1'),
  '0020000D': text('UI', '1.2.3'),
  '0020000E': text('UI', '1.2.3.4'),
  ...more,
});

test.each([
  ['88.22', '0040A730', { '0040A040': text('CS', 'CONTAINER'), '0040A491': text('CS', 'COMPLETE') }],
  ['88.59', '0040A730', {}],
  ['104.1', '00420012', { '00420010': text('ST', 'Report'), '00420011': binary('OB', Uint8Array.of(1, 2)) }],
  ['9.1.1', '54000100', {}],
  ['481.2', '30040002', {}],
  ['481.5', '300A000C', { '300A0002': text('SH', 'plan') }],
  ['481.5', '300A00B0', { '300A0070': sequence({ '300A0080': text('IS', '2') }) }],
  ['481.5', '300A0230', { '300A0070': sequence({ '300A0080': text('IS', '0'), '300A00A0': text('IS', '1') }) }],
  ['481.8', '300A000C', {}],
  ['481.8', '300A03A2', { '300A0070': sequence({}, { '300A0080': text('IS', '1') }) }],
  ['481.3', '30060080', { '30060020': sequence({}), '30060039': sequence({}) }],
  ['11.1', '20500010', { '0070005A': sequence({}) }],
  ['11.2', '00700083', { '0070005A': sequence({}), '00700082': text('DA', '20260101') }],
  ['66.1', '00700308', {}],
  ['66.5', '00700080', { '00660002': sequence({}) }],
  ['91.1', '00700080', { '006A0002': sequence({}) }],
] as [string, string, Dataset][])('an object of class ...%s that ends before %s may be cut', (end, tag, more) => {
  const header = headerOf(end, more);
  expect(repairsOf(writeFile(header))).toMatchObject([{ code: 'missing-attribute', tag }]);
  expect(repairsOf(writeFile({ ...header, [tag]: sequence({}) }))).toEqual([]);
  // What stands behind its place shows that nothing was cut there.
  expect(repairsOf(writeFile({ ...header, FFFCFFFC: binary('OB', Uint8Array.of(0, 0)) }))).toEqual([]);
});

test.each([
  ['481.5', { '300A000C': text('CS', 'PATIENT') }],
  ['481.5', { '300A000C': text('CS', 'PATIENT'), '300A0070': sequence({ '300A0080': text('IS', '0') }) }],
  ['481.8', { '300A000C': text('CS', 'PATIENT'), '300A0070': sequence({}) }],
] as [string, Dataset][])('a plan of class ...%s that counts no beams is whole without them', (end, more) => {
  expect(repairsOf(writeFile(headerOf(end, more)))).toEqual([]);
});
