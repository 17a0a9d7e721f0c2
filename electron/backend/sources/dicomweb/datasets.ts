// The answer to a query as a list of data sets (PS3.18 8.7.3.2, F.2).
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { LecternError } from '#shared/contract/errors.ts';
import type { DicomJson } from '#shared/dicom/model.ts';

/** Rejects with LecternError 'peer-protocol' where the answer is no list of data sets. */
export async function datasetsOf(answer: IncomingMessage): Promise<DicomJson[]> {
  if (answer.statusCode === 204) {
    answer.resume();
    return [];
  }
  const body: unknown = await text(answer)
    // Nothing at all, with 200 where 204 should be.
    .then((written) => (written === '' ? [] : JSON.parse(written)) as unknown)
    .catch((cause: unknown) => {
      throw new LecternError('peer-protocol', 'The answer to the query is no JSON.', { cause });
    });
  if (!Array.isArray(body) || body.some((each) => typeof each !== 'object' || each === null))
    throw new LecternError('peer-protocol', 'The answer to the query is no list of data sets.');
  return body as DicomJson[];
}
