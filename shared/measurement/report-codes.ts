// Codes of a measurement report (PS3.16 TID 1500, TID 1501, TID 300, TID 1001 and their context groups).
import type { DicomJson } from '../dicom/model.ts';

export interface Code {
  value: string;
  scheme: string;
  meaning: string;
}
const code = (scheme: string, value: string, meaning: string): Code => ({ scheme, value, meaning });

export const CODES = {
  report: code('DCM', '126000', 'Imaging Measurement Report'),
  ofInterest: code('DCM', '113000', 'Of Interest'),
  language: code('DCM', '121049', 'Language of Content Item and Descendants'),
  english: code('RFC5646', 'en', 'English'),
  observerType: code('DCM', '121005', 'Observer Type'),
  person: code('DCM', '121006', 'Person'),
  device: code('DCM', '121007', 'Device'),
  deviceName: code('DCM', '121013', 'Device Observer Name'),
  observerName: code('DCM', '121008', 'Person Observer Name'),
  procedure: code('DCM', '121058', 'Procedure reported'),
  library: code('DCM', '111028', 'Image Library'),
  libraryGroup: code('DCM', '126200', 'Image Library Group'),
  measurements: code('DCM', '126010', 'Imaging Measurements'),
  group: code('DCM', '125007', 'Measurement Group'),
  trackingId: code('DCM', '112039', 'Tracking Identifier'),
  trackingUid: code('DCM', '112040', 'Tracking Unique Identifier'),
  finding: code('DCM', '121071', 'Finding'),
  comment: code('DCM', '121106', 'Comment'),
  length: code('SCT', '410668003', 'Length'),
  mm: code('UCUM', 'mm', 'millimeter'),
  pixels: code('UCUM', '{pixels}', 'pixels'),
} as const;

/** What was done, where the study does not say it in codes: by modality, as plain as that. */
const BY_MODALITY: Record<string, Code> = {
  CT: code('SCT', '77477000', 'Computed tomography'),
  MR: code('SCT', '113091000', 'Magnetic resonance imaging'),
  US: code('SCT', '16310003', 'Ultrasonography'),
  PT: code('SCT', '82918005', 'Positron emission tomography'),
  MG: code('SCT', '71651007', 'Mammography'),
  CR: code('SCT', '168537006', 'Plain radiography'),
  DX: code('SCT', '168537006', 'Plain radiography'),
};
export const procedureOf = (modality: string): Code => BY_MODALITY[modality] ?? code('SCT', '363679005', 'Imaging');

/** An item of a code sequence (PS3.3 8). */
export const codeItem = ({ value, scheme, meaning }: Code): DicomJson => ({
  '00080100': { vr: 'SH', Value: [value] },
  '00080102': { vr: 'SH', Value: [scheme] },
  '00080104': { vr: 'LO', Value: [meaning] },
});
