// A data set that is small enough to be held whole: identifiers, action and event information.
import { LecternError } from '#shared/contract/errors.ts';
import type { DatasetTarget } from './message-reader.ts';

/** No identifier comes near this. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Gives the whole data set to `onDone`, whose promise holds the connection up; too much of it goes to `onTooLong`. */
export function collectDataset(
  onDone: (dataset: Buffer) => Promise<void> | undefined,
  onTooLong: (error: LecternError) => void,
): DatasetTarget {
  const parts: Buffer[] = [];
  let length = 0;
  return {
    write: (bytes) => {
      length += bytes.length;
      if (length <= MAX_BYTES) parts.push(Buffer.from(bytes));
      else if (parts.length > 0) {
        parts.length = 0;
        onTooLong(new LecternError('peer-protocol', `An identifier is longer than ${MAX_BYTES} bytes.`));
      }
      return undefined;
    },
    end: () => (length > MAX_BYTES ? undefined : onDone(Buffer.concat(parts))),
    abort: () => undefined,
  };
}
