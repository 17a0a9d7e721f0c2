// What a content item of a structured report says, as text.
import { shownDate, shownDateTime, shownTime } from '#shared/dicom/date-time.ts';
import { itemsOf, numbersOf, personNameOf, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { displayPersonName } from '#shared/dicom/person-name.ts';

export const codeMeaning = (item: DicomJson | undefined): string =>
  textOf(item, '00080104') ?? textOf(item, '00080100') ?? '';

/** Value of a content item (PS3.3 C.17.3.2) as text. */
export function valueOf(item: DicomJson): string {
  switch (textOf(item, '0040A040')) {
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
      return `${textOf(item, '00700023') ?? 'graphic'}: ${
        numbersOf(item, '00700022')
          ?.map((value) => Number(value.toFixed(2)))
          .join(', ') ?? ''
      }`;
    default:
      return '';
  }
}

/** A number with its unit; without one, or beside it, what the Numeric Value Qualifier says of it (PS3.3 C.18.1). */
function numericValue(item: DicomJson): string {
  const measured = itemsOf(item, '0040A300')[0];
  const qualifier = codeMeaning(itemsOf(item, '0040A301')[0]);
  const value = measured
    ? `${numbersOf(measured, '0040A30A')?.join(', ') ?? ''} ${codeMeaning(itemsOf(measured, '004008EA')[0])}`
    : 'no value';
  return qualifier ? `${value} (${qualifier})` : value;
}
