// Which storage contexts a C-GET proposes. An acceptor takes one transfer syntax for each context, and an association has 128:
// the SOP classes that a study is likely to hold get a context for each syntax, so that everything comes as it is stored.
import type { Proposal } from '../request-association.ts';
import { MAX_PROPOSALS } from '../request-association.ts';
import { STORAGE_SOP_CLASSES } from '../tables/storage-sop-classes.ts';
import { preferring } from '../tables/transfer-syntaxes.ts';

/** SOP classes by the modality of a series, by their names. */
const BY_MODALITY: Record<string, RegExp> = {
  CT: /CT Image/,
  MR: /MR (Image|Color|Spectro)/,
  PT: /Positron|PET Image/,
  NM: /Nuclear/,
  US: /Ultrasound/,
  IVUS: /Ultrasound/,
  CR: /Computed Radiography|Digital X-Ray/,
  DX: /Digital X-Ray|Computed Radiography/,
  PX: /Digital X-Ray|Intra-Oral|Computed Radiography/,
  IO: /Intra-Oral|Computed Radiography/,
  MG: /Mammography|Breast/,
  XA: /Angiographic|XA Image/,
  RF: /Radiofluoroscopic|XRF/,
  SR: / SR( |$)/,
  PR: /Presentation State/,
  KO: /Key Object/,
  SEG: /Segmentation/,
  REG: /Registration/,
  RWV: /Real World/,
  RTSTRUCT: /^RT Structure/,
  RTPLAN: /^RT .*Plan/,
  RTDOSE: /^RT Dose/,
  RTIMAGE: /^RT Image/,
  DOC: /Encapsulated/,
  SM: /Microscop/,
  OP: /Ophthalmic/,
  OPT: /Ophthalmic/,
  ES: /Endoscop/,
  XC: /Photographic/,
  GM: /VL Microscopic/,
  ECG: /ECG/,
  HD: /Hemodynamic/,
  OT: /Secondary Capture/,
  SC: /Secondary Capture/,
};
/** What may be in any study: captures, reports, presentation states, documents, raw data. */
const ANYWHERE =
  /^(Secondary Capture Image|Multi-frame (True Color|Grayscale \w+) Secondary Capture Image|Grayscale Softcopy Presentation State|(Basic Text|Enhanced|Comprehensive|Comprehensive 3D|X-Ray Radiation Dose|Key Object Selection).*|Encapsulated PDF|Raw Data|Segmentation|CT Image|MR Image)( Storage)?$/;
/** Contexts that are kept for SOP classes nobody expects. */
const KEPT_FREE = 28;
/** Transfer syntaxes of one context: DCMTK 3.6.7, and so Orthanc and many an archive, breaks off somewhere above 20. */
const MAX_SYNTAXES = 20;

/** `modalities`: of the series, as far as they are known; `sopClassUids`: of the study, where the node tells them. */
export function getProposals(
  known: { modalities: readonly string[]; sopClassUids: readonly string[] },
  liked: readonly string[] = [],
  privateSopClassUids: readonly string[] = [],
): Proposal[] {
  const current = STORAGE_SOP_CLASSES.filter(({ isRetired }) => !isRetired);
  const byModality = known.modalities.flatMap((modality) =>
    STORAGE_SOP_CLASSES.filter(({ name }) => BY_MODALITY[modality]?.test(name) ?? false).map(({ uid }) => uid),
  );
  const certain = unique(known.sopClassUids);
  const likely = unique([...certain, ...byModality]);
  const others = unique([
    ...privateSopClassUids,
    ...current.filter(({ name }) => ANYWHERE.test(name)).map(({ uid }) => uid),
    ...current.map(({ uid }) => uid),
  ]).filter((uid) => !likely.includes(uid));
  const syntaxes = preferring(liked);
  const common = syntaxes.slice(0, MAX_SYNTAXES);
  // One context is the C-GET's own.
  const room = MAX_PROPOSALS - 1;
  const expected = (certain.length > 0 ? certain : likely).slice(0, room);
  const share = Math.max(1, Math.floor((room - KEPT_FREE) / Math.max(1, expected.length)));
  const proposals = expected.flatMap((uid) => ownContexts(uid, syntaxes, share));
  for (const uid of [...likely, ...others].filter((each) => !expected.includes(each)).slice(0, room - proposals.length))
    proposals.push({ abstractSyntaxUid: uid, transferSyntaxUids: common });
  return proposals;
}

/** `count` contexts for one SOP class: one for each of the first transfer syntaxes, the last ones for the rest. */
function ownContexts(uid: string, syntaxes: readonly string[], count: number): Proposal[] {
  const rest = Math.ceil(syntaxes.length / MAX_SYNTAXES);
  const single = count > rest ? Math.min(syntaxes.length, count - rest) : 0;
  const lists = [...syntaxes.slice(0, single).map((syntax) => [syntax]), ...chunks(syntaxes.slice(single))];
  return lists.slice(0, count).map((transferSyntaxUids) => ({ abstractSyntaxUid: uid, transferSyntaxUids }));
}

function chunks(syntaxes: readonly string[]): string[][] {
  const lists: string[][] = [];
  for (let at = 0; at < syntaxes.length; at += MAX_SYNTAXES) lists.push(syntaxes.slice(at, at + MAX_SYNTAXES));
  return lists;
}

const unique = (uids: readonly string[]): string[] => [...new Set(uids)];
