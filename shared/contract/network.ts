// What the search screen and the transfer actions say to the backend, and the lines that come back.
import { z } from 'zod';
import type { DicomJson } from '../dicom/model.ts';
import { jobTitle } from './job-title.ts';
import { nodeName } from './nodes.ts';

const uid = z.string().regex(/^[0-9][0-9.]{0,63}$/);

export const searchRequest = z.object({
  nodes: z.array(nodeName).min(1).max(20),
  level: z.enum(['patient', 'study', 'series', 'instance', 'worklist']),
  /** Keywords, or several joined by dots for sequences, with what they should match (PS3.4 C.2.2.2). */
  match: z.array(z.object({ keyword: z.string().regex(/^[\w.]{1,200}$/), value: z.string().max(1000) })).max(50),
  /** Most matches from each node. */
  limit: z.number().int().min(1).max(10_000).default(500),
  /** Matches left out at the start, to go on where a list was cut; DICOMweb nodes only. */
  offset: z.number().int().min(0).max(10_000_000).default(0),
});
export type SearchRequest = z.infer<typeof searchRequest>;

export type QueryNotice = 'cut' | 'cut-by-peer' | 'keys-unsupported' | 'match-unreadable' | 'charset-guessed';

/** One line of the answer to a search; each node ends with `done` or `failed`. */
export type SearchEvent =
  | { node: string; kind: 'match'; dataset: DicomJson }
  | { node: string; kind: 'notice'; code: QueryNotice; reason: string }
  | { node: string; kind: 'failed'; code: string; reason: string }
  | { node: string; kind: 'done'; count: number };

export const urgency = z.enum(['visible', 'study', 'priors', 'next', 'bulk']);
export type Urgency = z.infer<typeof urgency>;

export const retrieveRequest = z.object({
  node: nodeName,
  studyUid: uid,
  seriesUid: uid.optional(),
  /** Of the patient whose study it is, as the node gave it. */
  patientId: z.string().max(64).optional(),
  /** For the job's title. */
  title: jobTitle.default(''),
  urgency: urgency.default('study'),
});

export const sendRequest = z.object({
  node: nodeName,
  uids: z.array(uid).min(1).max(100_000),
  title: jobTitle.default(''),
  commit: z.boolean().default(false),
});
