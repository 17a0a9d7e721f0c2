// The data sets of the documents that Lectern makes: a measurement report, Comprehensive SR (PS3.3 A.35.3), and a key object selection
// (PS3.3 A.35.4).
import type { DicomJson } from '#shared/dicom/model.ts';
import { itemsOf, textOf } from '#shared/dicom/json-values.ts';
import { KEY_OBJECT_SELECTION, selectionContent } from '#shared/measurement/key-object.ts';
import { codeItem, procedureOf } from '#shared/measurement/report-codes.ts';
import { reportContent, type ReportedLength } from '#shared/measurement/measurement-report.ts';
import type { Reference as ContentReference } from '#shared/measurement/sr-items.ts';
import { documentDataset, evidence, sequence, value, type DocumentFacts, type Reference } from './document-dataset.ts';

export const COMPREHENSIVE_SR = '1.2.840.10008.5.1.4.1.1.88.33';

type Facts = Omit<DocumentFacts, 'sopClassUid' | 'modality' | 'seriesDescription' | 'seriesNumber' | 'references'> & {
  observerName: string;
};
/** Behind the images, whose numbers are small. */
const [SR_SERIES, KO_SERIES] = [999, 998];
/** A name of one group; these characters would take it apart (PS3.5 6.2). */
const nameOf = (person: string): string => person.replace(/[\\^=]/g, ' ');

/** `predecessor`: the report that this one takes the place of. */
export function reportDataset(
  facts: Facts,
  lengths: readonly (ReportedLength & Reference)[],
  predecessor: Reference | undefined,
): DicomJson {
  const { about, observerName } = facts;
  const [performed] = itemsOf(about, '00081032').filter((item) => textOf(item, '00080100') && textOf(item, '00080104'));
  return {
    ...documentDataset({
      ...facts,
      references: lengths,
      sopClassUid: COMPREHENSIVE_SR,
      modality: 'SR',
      seriesDescription: 'Measurements (Lectern)',
      seriesNumber: SR_SERIES,
    }),
    ...(predecessor && { '0040A360': evidence(textOf(about, '0020000D') ?? '', [predecessor]) }),
    '0040A372': sequence(),
    '0040A491': value('CS', 'COMPLETE'),
    '0040A493': value('CS', 'UNVERIFIED'),
    ...reportContent({
      observerName: nameOf(observerName),
      procedure: performed ?? codeItem(procedureOf(textOf(about, '00080060') ?? '')),
      lengths,
    }),
  };
}

export const selectionDataset = (facts: Facts, images: readonly (ContentReference & Reference)[]): DicomJson => ({
  ...documentDataset({
    ...facts,
    references: images,
    sopClassUid: KEY_OBJECT_SELECTION,
    modality: 'KO',
    seriesDescription: 'Key images (Lectern)',
    seriesNumber: KO_SERIES,
  }),
  ...selectionContent(nameOf(facts.observerName), images),
});
