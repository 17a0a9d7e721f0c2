// DICOM JSON of a peer as DICOM JSON by the rules (PS3.18 F.2): the one way in, so that nobody after it meets other shapes.
import { trimmedEnd } from '#shared/base/trimmed-end.ts';
import { vrOf } from '#shared/dicom/dictionary.ts';
import type { DicomJson, DicomJsonElement, JsonValue, PersonNameJson } from '#shared/dicom/model.ts';

/** As for data sets in binary. */
const MAX_DEPTH = 64;

/** Upper-case tags, elements that are objects, values in lists and without the padding of PS3.5 6.2. What is none is left out, an
 * unreadable value of several is null. Throws RangeError where sequences are nested deeper than 64 levels. */
export function peerDataset(dataset: object, depth = 0): DicomJson {
  if (depth > MAX_DEPTH) throw new RangeError(`sequences are nested deeper than ${MAX_DEPTH} levels`);
  const elements = Object.entries(dataset).filter((entry): entry is [string, object] => isObject(entry[1]));
  return Object.fromEntries(
    elements.map(([name, element]): [string, DicomJsonElement] => {
      const tag = name.toUpperCase();
      const known = vrOf(tag)?.slice(0, 2);
      const { vr: said, Value, InlineBinary, BulkDataURI } = element as Partial<Record<string, unknown>>;
      const list = Value === undefined || Value === null ? [] : [Value].flat();
      // Some call a sequence UN and list its items all the same.
      const vr = known === 'SQ' && list.some(isObject) ? 'SQ' : typeof said === 'string' ? said : (known ?? 'UN');
      return [
        tag,
        {
          vr,
          ...(list.length > 0 && { Value: list.map((value) => valueOf(vr, value, depth)) }),
          ...(typeof InlineBinary === 'string' && { InlineBinary }),
          ...(typeof BulkDataURI === 'string' && { BulkDataURI }),
        },
      ];
    }),
  );
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function valueOf(vr: string, value: unknown, depth: number): JsonValue {
  if (typeof value === 'string') return withoutPadding(value);
  if (typeof value === 'number') return value;
  if (vr === 'SQ' && isObject(value)) return peerDataset(value, depth + 1);
  return vr === 'PN' && isObject(value) ? nameOf(value) : null;
}

const withoutPadding = (text: string): string => trimmedEnd(text, '\0 ');

function nameOf(value: object): PersonNameJson {
  const { Alphabetic, Ideographic, Phonetic } = value as Partial<Record<string, unknown>>;
  const groups = Object.entries({ Alphabetic, Ideographic, Phonetic });
  return Object.fromEntries(
    groups.filter((group): group is [string, string] => typeof group[1] === 'string'),
  ) as PersonNameJson;
}
