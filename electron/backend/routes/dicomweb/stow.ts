// STOW-RS (PS3.18 10.5): each part is streamed into the archive; the answer tells the fate of every instance.
import type { Archive } from '#backend/archive/archive.ts';
import type { IngestStream } from '#backend/archive/ingest-stream.ts';
import type { IngestOutcome } from '#backend/archive/ingest-outcome.ts';
import { boundaryOf, MultipartDefect, readMultipart } from '#shared/base/multipart-reader.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { DicomJson } from '#shared/dicom/model.ts';

interface PartFate extends IngestOutcome {
  partNumber: number;
}

/** Failure reasons of PS3.18 table I.2-2 (the C-STORE status codes of PS3.4 B.2.3). */
function failureReason(outcome: IngestOutcome): number | undefined {
  if (outcome.outcome === 'conflict') return 0x0111;
  // Nothing is known of it.
  if (outcome.code === 'parser-lost') return 0x0110;
  if (outcome.outcome === 'refused' || outcome.outcome === 'not-dicom')
    return ['missing-uid', 'invalid-uid', 'other-study'].includes(outcome.code ?? '') ? 0xa900 : 0xc000;
  return undefined;
}

/** Not application/dicom+xml or +json, which begin with the same word. */
const isDicom = (mediaType: string): boolean => /^application\/dicom\s*(?:;|$)/i.test(mediaType.trim());

export async function handleStore(archive: Archive, request: Request, studyUid: string | undefined): Promise<Response> {
  const contentType = request.headers.get('content-type') ?? '';
  // What is packed would be read as a damaged request (RFC 9110 8.4).
  const coding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? '';
  if (coding !== '' && coding !== 'identity')
    throw new LecternError('unsupported-media-type', `Requests packed as ${coding.slice(0, 20)} are not taken.`);
  const body = request.body;
  if (!body) throw new LecternError('bad-request', 'The request has no body.');
  const fates: PartFate[] = [];
  if (isDicom(contentType)) {
    const stream = archive.ingest.stream({ path: 'STOW-RS part 1', ...(studyUid !== undefined && { studyUid }) });
    try {
      for await (const bytes of body) await stream.write(bytes);
    } catch (error) {
      await stream.abort();
      throw error;
    }
    fates.push({ ...(await stream.finish()), partNumber: 1 });
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

async function storeParts(
  archive: Archive,
  body: ReadableStream<Uint8Array>,
  boundary: string,
  fates: PartFate[],
  studyUid: string | undefined,
): Promise<void> {
  let stream: IngestStream | undefined;
  let partNumber = 0;
  try {
    for await (const event of readMultipart(body, boundary)) {
      if (event.kind === 'part') {
        partNumber++;
        const type = event.headers.get('content-type') ?? 'application/dicom';
        if (isDicom(type))
          stream = archive.ingest.stream({
            path: `STOW-RS part ${partNumber}`,
            ...(studyUid !== undefined && { studyUid }),
          });
        else
          fates.push({
            outcome: 'refused',
            code: 'unsupported',
            reason: `Part ${partNumber} is ${type}.`,
            sizeBytes: 0,
            partNumber,
          });
      } else if (event.kind === 'data') await stream?.write(event.bytes);
      else if (stream) {
        fates.push({ ...(await stream.finish()), partNumber });
        stream = undefined;
      }
    }
  } catch (error) {
    if (!(error instanceof MultipartDefect)) throw error;
    // What came whole is stored; the cut part is not.
    fates.push({
      outcome: 'refused',
      code: 'truncated',
      reason: `The request is damaged: ${error.message}.`,
      sizeBytes: 0,
      partNumber: partNumber + 1,
    });
  } finally {
    await stream?.abort();
  }
}

/** Store Instances Response Module (PS3.18 I.2): 200 all stored, 202 some, or with warnings (PS3.18 10.5.3), 409 none. */
function answer(request: Request, fates: readonly PartFate[]): Response {
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
