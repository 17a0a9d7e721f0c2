// The answer to a query as a list of data sets (PS3.18 8.7.3.2, F.2).
import type { IncomingMessage } from 'node:http';
import { LecternError } from '#shared/contract/errors.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { peerDataset } from './peer-json.ts';

/** Of one page, unpacked: a hundred thousand studies of a node that knows no pages. */
const MOST_BYTES = 256 * 1024 * 1024;

/** `name`: of the node. Rejects with LecternError 'peer-protocol' where the answer is no list of data sets. */
export async function datasetsOf(answer: IncomingMessage, name: string): Promise<DicomJson[]> {
  if (answer.statusCode === 204) {
    answer.resume();
    return [];
  }
  const body: unknown = await textOfAll(answer, name)
    // Nothing at all, with 200 where 204 should be.
    .then((written) => (written === '' ? [] : JSON.parse(written)) as unknown)
    .catch((cause: unknown) => {
      if (cause instanceof SyntaxError) throw new LecternError('peer-protocol', notJson(answer, name), { cause });
      if (cause instanceof LecternError) throw cause;
      throw new LecternError('peer-closed', `The answer of ${name} to the query broke off.`, { cause });
    });
  if (!Array.isArray(body) || body.some((each) => typeof each !== 'object' || each === null))
    throw new LecternError('peer-protocol', `The answer of ${name} to the query is no list of data sets.`);
  try {
    return body.map((each) => peerDataset(each as object));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new LecternError('peer-protocol', `The answer of ${name} to the query cannot be read: ${cause.message}.`, {
      cause,
    });
  }
}

async function textOfAll(answer: IncomingMessage, name: string): Promise<string> {
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  let bytes = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MOST_BYTES)
      throw new LecternError(
        'peer-protocol',
        `The answer of ${name} to the query is larger than ${MOST_BYTES >> 20} MB: ask for less.`,
      );
    pieces.push(decoder.decode(piece, { stream: true }));
  }
  return pieces.join('') + decoder.decode();
}

function notJson({ headers }: IncomingMessage, name: string): string {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  // A page for people comes from a sign-in or a web site, whatever was asked for.
  if (/html/i.test(type))
    return `${name} answered the query with a page (${type}) instead of DICOM JSON: check its address, and how it is signed in to.`;
  return `${name} answered the query with ${type || 'no media type'}, and no JSON is in it.`;
}
