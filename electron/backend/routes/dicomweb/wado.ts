// WADO-RS (PS3.18 10.4): instances as stored, metadata, frames, bulk data. Bytes go out in the transfer syntax they came
// in; a syntax that is not there is refused with 406, never made.
import type { Archive } from '#backend/archive/archive.ts';
import type { InstanceLocation } from '#backend/archive/archive-index.ts';
import { lackOf, lackWords } from '#backend/archive/lacks.ts';
import { streamedBody } from '#backend/base/streamed-body.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { EXPLICIT_LITTLE } from '#shared/dicom/transfer-syntaxes.ts';
import { hasFrame, readBulk, readFrame } from './frame-bytes.ts';
import { acceptOf, isWanted, type AcceptedType } from './media-types.ts';
import { bodyOf, multipartResponse, OnePart, type Part } from './multipart-writer.ts';
import { warn } from './warnings.ts';

export interface Target {
  studyUid: string;
  seriesUid?: string | undefined;
  sopUid?: string | undefined;
}

/** Files opened on trial before an answer begins; damage further on breaks the connection. */
const CHECKED_FIRST = 50;
const JPEG_SYNTAXES = new Set(['50', '51', '53', '55', '57', '70'].map((end) => `1.2.840.10008.1.2.4.${end}`));

/** Instances of a study, series or one instance. Throws LecternError 'not-found'. */
export function locate(archive: Archive, target: Target): InstanceLocation[] {
  const { studyUid, seriesUid, sopUid } = target;
  const found = archive.index.locateAll({
    studyUid,
    ...(seriesUid !== undefined && { seriesUid }),
    ...(sopUid !== undefined && { sopUid }),
  });
  if (!found.length)
    throw new LecternError('not-found', `Nothing with UID ${sopUid ?? seriesUid ?? studyUid} is in the archive.`);
  return found;
}

/** One instance. Throws LecternError 'not-found', also when it belongs to another study or series than the address says. */
export function locateOne(archive: Archive, { studyUid, seriesUid, sopUid }: Target): InstanceLocation {
  const found = sopUid === undefined ? undefined : archive.index.locate(sopUid);
  if (!found || found.studyUid !== studyUid || found.seriesUid !== seriesUid) {
    throw new LecternError('not-found', `No instance ${sopUid ?? ''} is in this series.`);
  }
  return found;
}

/** May bytes in `stored` syntax be sent to somebody who accepts this? Without a stated syntax PS3.18 8.7.3.5.2 means Explicit
 * VR Little Endian; all the same the original is sent then, since nothing is transcoded and a client can read its label. */
const takesSyntax = (accepted: AcceptedType, stored: string): boolean =>
  accepted.transferSyntax === undefined || accepted.transferSyntax === '*' || accepted.transferSyntax === stored;

export function handleInstances(archive: Archive, request: Request, target: Target): Response {
  const instances = locate(archive, target);
  const accepted = acceptOf(request).filter((each) => isWanted(each, 'application/dicom'));
  if (!accepted.length) throw new LecternError('not-acceptable', 'Instances are answered as application/dicom.');
  const refused = instances.find(
    ({ transferSyntaxUid }) => !accepted.some((each) => takesSyntax(each, transferSyntaxUid)),
  );
  if (refused)
    throw new LecternError(
      'not-acceptable',
      `Instance ${refused.sopUid} is stored in transfer syntax ${refused.transferSyntaxUid} and is not transcoded.`,
    );
  // A file that is missing or not ours is told before the answer begins.
  for (const location of instances.slice(0, CHECKED_FIRST)) archive.open(location).close();
  const [only] = instances;
  const warned = (response: Response): Response => warnOfLack(response, archive, request, target, instances);
  const wantsSingle =
    accepted.some((each) => !each.isMultipart && each.type === 'application/dicom') &&
    !accepted.some((each) => each.isMultipart);
  if (instances.length === 1 && only && wantsSingle) return warned(singleInstance(archive, only));
  return warned(
    multipartResponse(
      'application/dicom',
      instances.map((location): Part => ({
        contentType: `application/dicom; transfer-syntax=${location.transferSyntaxUid}`,
        body: () => archive.pieces(location),
      })),
    ),
  );
}

/** Says what of the study or series is not among the instances that are answered. */
function warnOfLack(
  response: Response,
  { index }: Archive,
  request: Request,
  { studyUid, seriesUid, sopUid }: Target,
  instances: readonly InstanceLocation[],
): Response {
  const lack = lackOf(index, [sopUid ?? seriesUid ?? studyUid], instances);
  const words = lackWords(lack);
  if (words !== '')
    warn(response.headers, new URL(request.url), lack.isUnlisted === true ? words : `Not whole here: ${words}`);
  return response;
}

function singleInstance(archive: Archive, location: InstanceLocation): Response {
  const iterator = archive.pieces(location);
  const body = streamedBody(iterator, () => iterator.return(undefined));
  const headers = {
    'content-type': `application/dicom; transfer-syntax=${location.transferSyntaxUid}`,
    'content-length': String(location.sizeBytes),
  };
  return new Response(body, { headers });
}

export function handleMetadata(archive: Archive, request: Request, target: Target): Response {
  if (
    !acceptOf(request).some((each) => isWanted(each, 'application/dicom+json') || isWanted(each, 'application/json'))
  ) {
    throw new LecternError('not-acceptable', 'Metadata is answered as application/dicom+json.');
  }
  const base = dicomwebBase(request);
  const instances = locate(archive, target);
  const texts = instances.map((location) => withBulkAddresses(archive.metadataText(location), base, location));
  const response = new Response(`[${texts.join(',')}]`, { headers: { 'content-type': 'application/dicom+json' } });
  return warnOfLack(response, archive, request, target, instances);
}

export function dicomwebBase(request: Request): string {
  const { origin, pathname } = new URL(request.url);
  return `${origin}${pathname.slice(0, pathname.indexOf('/dicomweb') + '/dicomweb'.length)}`;
}

const instancePath = (location: InstanceLocation): string =>
  `studies/${location.studyUid}/series/${location.seriesUid}/instances/${location.sopUid}`;

/** Turns the archive's own bulk data form into addresses. A quote inside a value is escaped in JSON text, so the pattern
 * cannot meet anything but the key itself. */
export function withBulkAddresses(text: string, base: string, location: InstanceLocation): string {
  return text.replaceAll('"BulkDataURI":"bulkdata:', `"BulkDataURI":"${base}/${instancePath(location)}/bulkdata/`);
}

/** Media type of a frame as stored (PS3.18 table 8.7.3-5). */
function frameType(transferSyntaxUid: string): string {
  if (transferSyntaxUid === EXPLICIT_LITTLE) return 'application/octet-stream';
  if (JPEG_SYNTAXES.has(transferSyntaxUid)) return 'image/jpeg';
  const named: Record<string, string> = {
    '1.2.840.10008.1.2.5': 'image/dicom-rle',
    '1.2.840.10008.1.2.4.80': 'image/jls',
    '1.2.840.10008.1.2.4.81': 'image/jls',
    '1.2.840.10008.1.2.4.90': 'image/jp2',
    '1.2.840.10008.1.2.4.91': 'image/jp2',
    '1.2.840.10008.1.2.4.92': 'image/jpx',
    '1.2.840.10008.1.2.4.93': 'image/jpx',
    '1.2.840.10008.1.2.4.201': 'image/jphc',
    '1.2.840.10008.1.2.4.202': 'image/jphc',
    '1.2.840.10008.1.2.4.203': 'image/jphc',
    '1.2.840.10008.1.2.4.110': 'image/jxl',
    '1.2.840.10008.1.2.4.111': 'image/jxl',
    '1.2.840.10008.1.2.4.112': 'image/jxl',
  };
  return named[transferSyntaxUid] ?? 'application/octet-stream';
}

/** Frames by their numbers (from 1), as one body or as multipart. */
export async function handleFrames(
  archive: Archive,
  request: Request,
  target: Target,
  numbersText: string,
): Promise<Response> {
  const numbers = numbersText.split(',').map((text) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN));
  if (numbers.some((number) => Number.isNaN(number)))
    throw new LecternError('bad-request', 'Frame numbers count from 1 and are separated by commas.');
  const location = locateOne(archive, target);
  const table = archive.frameTable(location);
  const stored = table.kind === 'encapsulated' ? location.transferSyntaxUid : EXPLICIT_LITTLE;
  const type = frameType(stored);
  const accepted = acceptOf(request).find(
    (each) =>
      (isWanted(each, type) || (each.type === 'application/octet-stream' && each.transferSyntax !== undefined)) &&
      (isWanted(each, type) ? true : takesSyntax(each, stored)) &&
      takesSyntax(each, stored),
  );
  const first = numbers[0] ?? 1;
  // The frames are looked at first: absent ones are 404 whatever is accepted, not an answer that breaks off.
  const absent = numbers.find((number) => !hasFrame(table, number));
  if (absent !== undefined) throw new LecternError('not-found', `Instance ${location.sopUid} has no frame ${absent}.`);
  if (!accepted)
    throw new LecternError(
      'not-acceptable',
      `The frames are stored as ${type}; transfer-syntax=${stored} and are not transcoded.`,
    );
  const label = accepted.type === 'application/octet-stream' ? 'application/octet-stream' : type;
  const contentType = `${label}; transfer-syntax=${stored}`;
  const isPlain = !accepted.isMultipart && accepted.type !== '*/*';
  if (isPlain && numbers.length > 1)
    throw new LecternError('not-acceptable', 'Several frames are answered as multipart/related.');
  const onePart = isPlain || numbers.length > 1 ? undefined : new OnePart(label, contentType);
  const { bytes } = await readFrame(archive, location, table, first, onePart?.place.bind(onePart));
  if (onePart) return onePart.response(bytes);
  if (isPlain)
    return new Response(bodyOf(bytes), {
      headers: { 'content-type': contentType, 'content-length': String(bytes.length) },
    });
  return multipartResponse(label, frameParts(archive, location, table, numbers, contentType, bytes));
}

async function* frameParts(
  archive: Archive,
  location: InstanceLocation,
  table: ReturnType<Archive['frameTable']>,
  numbers: readonly number[],
  contentType: string,
  firstBytes: Uint8Array,
): AsyncGenerator<Part> {
  for (const [index, number] of numbers.entries()) {
    const bytes = index === 0 ? firstBytes : (await readFrame(archive, location, table, number)).bytes;
    yield { contentType, body: () => [bytes] };
  }
}

export async function handleBulkData(
  archive: Archive,
  request: Request,
  target: Target,
  offset: number,
  length: number,
): Promise<Response> {
  const location = locateOne(archive, target);
  // Only values that the metadata names are given, so that this is no way around the checks of the other addresses.
  const bytes = await readBulk(archive, location, offset, length);
  const accepted = acceptOf(request).find((each) => isWanted(each, 'application/octet-stream'));
  if (!accepted) throw new LecternError('not-acceptable', 'Bulk data is answered as application/octet-stream.');
  if (accepted.isMultipart)
    return multipartResponse('application/octet-stream', [
      { contentType: 'application/octet-stream', body: () => [bytes] },
    ]);
  return new Response(bodyOf(bytes), {
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(length) },
  });
}
