// Images that matter as a key object selection (PS3.16 TID 2010), and back: the content tree only, as DICOM JSON.
import { itemsOf, numberOf, textOf } from '../dicom/json-values.ts';
import type { DicomJson } from '../dicom/model.ts';
import { CODES } from './report-codes.ts';
import {
  childrenOf,
  container,
  imageReference,
  observerItems,
  observerOf,
  templateOf,
  typeOf,
  type Reference,
} from './sr-items.ts';

export const KEY_OBJECT_SELECTION = '1.2.840.10008.5.1.4.1.1.88.59';

/** Attributes of the SR Document Content Module (PS3.3 C.17.3). */
export function selectionContent(observerName: string, images: readonly Reference[]): DicomJson {
  const root = container(CODES.ofInterest, [
    ...observerItems(observerName),
    ...images.map((image) => imageReference('CONTAINS', image)),
  ]);
  delete root['0040A010'];
  return { ...root, ...templateOf('2010') };
}

export interface ReadSelection {
  /** Why they were selected, in the document's words. */
  title: string;
  observer: string;
  /** Frames, each by itself; an image with several that is meant whole has no frame number. */
  images: Reference[];
  /** Waveforms and other objects, and what is not read. */
  otherCount: number;
}

/** What a selection refers to, whoever made it. Undefined where the data set is none. */
export function readSelection(dataset: DicomJson): ReadSelection | undefined {
  if (textOf(dataset, '00080016') !== KEY_OBJECT_SELECTION) return undefined;
  const images: Reference[] = [];
  let otherCount = 0;
  for (const item of childrenOf(dataset)) {
    if (!['IMAGE', 'WAVEFORM', 'COMPOSITE'].includes(typeOf(item) ?? '')) continue;
    const [reference] = itemsOf(item, '00081199');
    const [sopClassUid, sopInstanceUid] = [textOf(reference, '00081150'), textOf(reference, '00081155')];
    if (typeOf(item) !== 'IMAGE' || !sopClassUid || !sopInstanceUid) otherCount++;
    else for (const frameNumber of framesOf(reference)) images.push({ sopClassUid, sopInstanceUid, frameNumber });
  }
  const title = textOf(itemsOf(dataset, '0040A043')[0], '00080104') ?? '';
  return { title, observer: observerOf(dataset).observer, images, otherCount };
}

function framesOf(reference: DicomJson | undefined): (number | undefined)[] {
  const count = reference?.['00081160']?.Value?.length ?? 0;
  if (count <= 1) return [numberOf(reference, '00081160')];
  return (reference?.['00081160']?.Value ?? []).filter((frame) => typeof frame === 'number');
}
