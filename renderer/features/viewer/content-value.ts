// What a content item of a structured report says, as text.
import { shownDate, shownDateTime, shownTime } from '#shared/dicom/date-time.ts';
import { numberFrom } from '#shared/dicom/element-values.ts';
import { itemsOf, numberOf, numbersOf, personNameOf, textOf, textsOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { displayPersonName } from '#shared/dicom/person-name.ts';

/** What a code means, else the code itself, which may stand in Long Code Value or URN Code Value (PS3.3 8.1, 8.3). */
export const codeMeaning = (item: DicomJson | undefined): string =>
  ['00080104', '00080100', '00080119', '00080120'].map((tag) => textOf(item, tag)).find(Boolean) ?? '';

/** Value of a content item (PS3.3 C.17.3.2) as text. */
export function valueOf(item: DicomJson): string {
  const identifiers = textsOf(item, '0040DB73');
  if (identifiers.length) return `refers to item ${identifiers.join('.')} of this report`;
  const type = textOf(item, '0040A040');
  switch (type) {
    case 'TEXT':
      return textOf(item, '0040A160') ?? '';
    case 'CODE':
      return codeMeaning(itemsOf(item, '0040A168')[0]);
    case 'NUM':
      return numericValue(item);
    case 'PNAME':
      return displayPersonName(personNameOf(item, '0040A123'));
    case 'DATE':
      return shownDate(textOf(item, '0040A121') ?? '');
    case 'TIME':
      return shownTime(textOf(item, '0040A122') ?? '');
    case 'DATETIME':
      return shownDateTime(textOf(item, '0040A120') ?? '');
    case 'UIDREF':
      return textOf(item, '0040A124') ?? '';
    case 'COMPOSITE':
    case 'WAVEFORM':
      return `refers to ${textOf(itemsOf(item, '00081199')[0], '00081155') ?? 'an object'}`;
    case 'SCOORD':
    case 'SCOORD3D':
      return `${textOf(item, '00700023') ?? 'graphic'}: ${pointsOf(item)}`;
    case 'TCOORD':
      return `${textOf(item, '0040A130') ?? 'moments'}: ${momentsOf(item)}`;
    case 'TABLE':
      return `table ${tableSize(item)}, which is not shown here`;
    case 'CONTAINER':
      return '';
    default:
      return type === undefined ? 'Value Type is missing' : `${type}, which is not shown here`;
  }
}

const pointsOf = (item: DicomJson): string =>
  numbersOf(item, '00700022')
    ?.map((value) => Number(value.toFixed(2)))
    .join(', ') ??
  (textsOf(item, '00700022').join(', ') || 'points cannot be read');

/** Of temporal coordinates (PS3.3 C.18.7): samples counted from 1, or seconds after the start, or dates and times. */
function momentsOf(item: DicomJson): string {
  const samples = textsOf(item, '0040A132');
  if (samples.length) return `samples ${samples.join(', ')}`;
  const seconds = textsOf(item, '0040A138');
  if (seconds.length) return `${seconds.join(', ')} s`;
  // As stored: moments of one recording may differ by fractions of a second.
  return textsOf(item, '0040A13A').join(', ') || 'moments cannot be read';
}

function tableSize(item: DicomJson): string {
  const table = itemsOf(item, '0040A801')[0] ?? item;
  const [rows, columns] = [numberOf(table, '0040A802'), numberOf(table, '0040A803')];
  return `of ${rows ?? 'unknown'} rows by ${columns ?? 'unknown'} columns`;
}

/** A number with its unit; without one, or beside it, what the Numeric Value Qualifier says of it (PS3.3 C.18.1). */
function numericValue(item: DicomJson): string {
  const [measured] = itemsOf(item, '0040A300');
  const qualifier = codeMeaning(itemsOf(item, '0040A301')[0]);
  const value = measured ? measuredText(measured) : 'no value';
  return qualifier ? `${value} (${qualifier})` : value;
}

/** Of the same number Numeric Value comes first; the others say it more exactly (PS3.3 C.18.1). What is no number is shown as stored:
 * a unit alone would look like a finding. */
function measuredText(measured: DicomJson): string {
  const unit = codeMeaning(itemsOf(measured, '004008EA')[0]);
  const stored = textsOf(measured, '0040A30A');
  const isStored = stored.some(Boolean);
  const exact = exactText(measured);
  const value = isStored ? stored.join(', ') : exact;
  if (value === undefined) return unit ? `value cannot be read (${unit})` : 'value cannot be read';
  const shown = unit ? `${value} ${unit}` : value;
  if (!isStored || stored.every((text) => numberFrom(text) !== undefined)) return shown;
  return `${shown} (not a valid number${exact === undefined ? '' : `; exact value ${exact}`})`;
}

/** Floating Point Value, else Rational Numerator and Denominator Value. */
function exactText(measured: DicomJson): string | undefined {
  const [numerator, denominator] = [numberOf(measured, '0040A162'), numberOf(measured, '0040A163')];
  return (
    numbersOf(measured, '0040A161')?.join(', ') ??
    (numerator !== undefined && denominator ? `${numerator}/${denominator}` : undefined)
  );
}
