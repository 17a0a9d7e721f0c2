// STOW-RS (PS3.18 10.5): each part is streamed into the archive; the answer tells the fate of every instance.
import type { Archive } from '#backend/archive/archive.ts';
import type { IngestOutcome } from '#backend/archive/ingest-outcome.ts';
import { boundaryOf, MultipartDefect, readMultipart } from '#shared/base/multipart-reader.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { IncomingPart } from './incoming-part.ts';
import { acceptOf, isWanted } from './media-types.ts';

/** Failure reasons of PS3.18 table I.2-2 (the C-STORE status codes of PS3.4 B.2.3). */
function failureReason(outcome: IngestOutcome): number | undefined {
  if (outcome.outcome === 'conflict') return 0x0111;
  // Nothing is known of it.
  if (outcome.code === 'parser-lost') return 0x0110;
  if (outcome.outcome === 'refused' || outcome.outcome === 'not-dicom')
    return ['missing-uid', 'invalid-uid', 'other-study'].includes(outcome.code ?? '') ? 0xa900 : 0xc000;
  return undefined;
}

const ANSWER_TYPES = ['application/dicom+json', 'application/json'];

/** Not application/dicom+xml or +json, which begin with the same word. */
const isDicom = (mediaType: string): boolean => /^application\/dicom\s*(?:;|$)/i.test(mediaType.trim());

export async function handleStore(archive: Archive, request: Request, studyUid: string | undefined): Promise<Response> {
  // Before anything is stored: who is answered 406 takes it for not done.
  if (!acceptOf(request).some((each) => ANSWER_TYPES.some((type) => isWanted(each, type))))
    throw new LecternError('not-acceptable', 'What was stored is answered as application/dicom+json.');
  const contentType = request.headers.get('content-type') ?? '';
  // What is packed would be read as a damaged request (RFC 9110 8.4).
  const coding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? '';
  if (coding !== '' && coding !== 'identity')
    throw new LecternError('unsupported-media-type', `Requests packed as ${coding.slice(0, 20)} are not taken.`);
  const body = request.body;
  if (!body) throw new LecternError('bad-request', 'The request has no body.');
  const fates: IngestOutcome[] = [];
  if (isDicom(contentType)) {
    fates.push(await storeOne(archive, body, studyUid));
  } else if (/^multipart\/related\b/i.test(contentType)) {
    const type = /;\s*type="?([^";]+)"?/i.exec(contentType)?.[1]?.toLowerCase();
    const boundary = boundaryOf(contentType);
    if (boundary === undefined) throw new LecternError('bad-request', 'The multipart body states no boundary.');
    if (type !== undefined && type !== 'application/dicom')
      throw new LecternError('unsupported-media-type', 'Only parts of type application/dicom are taken.');
    await storeParts(archive, body, boundary, fates, studyUid);
  } else
    throw new LecternError(
      'unsupported-media-type',
      'Instances are taken as multipart/related with parts of type application/dicom.',
    );
  if (!fates.length) throw new LecternError('bad-request', 'The request holds no instance.');
  return answer(request, fates);
}

async function storeOne(
  archive: Archive,
  body: ReadableStream<Uint8Array>,
  studyUid: string | undefined,
): Promise<IngestOutcome> {
  const part = new IncomingPart(archive, 1, studyUid);
  try {
    for await (const bytes of body) await part.write(bytes);
    if (part.sizeBytes === 0) throw new LecternError('bad-request', 'The request has no body.');
  } catch (error) {
    await part.abort();
    throw error;
  }
  return part.finish();
}

async function storeParts(
  archive: Archive,
  body: ReadableStream<Uint8Array>,
  boundary: string,
  fates: IngestOutcome[],
  studyUid: string | undefined,
): Promise<void> {
  let part: IncomingPart | undefined;
  let partNumber = 0;
  try {
    for await (const event of readMultipart(body, boundary)) {
      if (event.kind === 'part') {
        partNumber++;
        const type = event.headers.get('content-type') ?? 'application/dicom';
        if (isDicom(type)) part = new IncomingPart(archive, partNumber, studyUid);
        else
          fates.push({
            outcome: 'refused',
            code: 'unsupported',
            reason: `Part ${partNumber} is ${type}.`,
            sizeBytes: 0,
          });
      } else if (event.kind === 'data') await part?.write(event.bytes);
      else if (part) {
        fates.push(await part.finish());
        part = undefined;
      }
    }
  } catch (error) {
    if (!(error instanceof MultipartDefect)) throw error;
    if (partNumber === 0) throw new LecternError('bad-request', `The request holds no instance: ${error.message}.`);
    // What came whole is stored; the cut part is not.
    fates.push({
      ...part?.stated(),
      outcome: 'refused',
      code: 'truncated',
      reason: `The request is damaged: ${error.message}.`,
      sizeBytes: 0,
    });
  } finally {
    await part?.abort();
  }
}

/** Store Instances Response Module (PS3.18 I.2): 200 all stored, 202 some, or with warnings (PS3.18 10.5.3), 409 none. */
function answer(request: Request, fates: readonly IngestOutcome[]): Response {
  const { origin, pathname } = new URL(request.url);
  const base = `${origin}${pathname.slice(0, pathname.indexOf('/dicomweb') + '/dicomweb'.length)}`;
  const stored: DicomJson[] = [];
  const failed: DicomJson[] = [];
  for (const fate of fates) {
    const reference: DicomJson = {
      ...(fate.sopClassUid !== undefined && { '00081150': { vr: 'UI', Value: [fate.sopClassUid] } }),
      ...(fate.sopInstanceUid !== undefined && { '00081155': { vr: 'UI', Value: [fate.sopInstanceUid] } }),
    };
    const reason = failureReason(fate);
    if (reason !== undefined) {
      failed.push({ ...reference, '00081197': { vr: 'US', Value: [reason] } });
      continue;
    }
    reference['00081190'] = {
      vr: 'UR',
      Value: [
        `${base}/studies/${fate.studyUid ?? ''}/series/${fate.seriesUid ?? ''}/instances/${fate.sopInstanceUid ?? ''}`,
      ],
    };
    // Repairs are told as "elements discarded or coerced" would be: stored, with a warning (PS3.4 B.2.3).
    if (fate.outcome === 'repaired') reference['00081196'] = { vr: 'US', Value: [0xb006] };
    stored.push(reference);
  }
  const dataset: DicomJson = {
    ...(stored.length > 0 && { '00081199': { vr: 'SQ', Value: stored } }),
    ...(failed.length > 0 && { '00081198': { vr: 'SQ', Value: failed } }),
  };
  const study = fates.find((fate) => fate.studyUid !== undefined)?.studyUid;
  if (study !== undefined) dataset['00081190'] = { vr: 'UR', Value: [`${base}/studies/${study}`] };
  const isPlain = fates.every(({ outcome }) => outcome === 'stored' || outcome === 'duplicate');
  const status = isPlain ? 200 : stored.length ? 202 : 409;
  return new Response(JSON.stringify(dataset), { status, headers: { 'content-type': 'application/dicom+json' } });
}
