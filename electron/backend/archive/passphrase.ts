// What a passphrase may be, the same for all ways in: page, file, environment, terminal.
import { LecternError } from '#shared/contract/errors.ts';

const LEAST = 8;
const MOST = 1024;
/** Some editors begin a file with it. */
const BYTE_ORDER_MARK = '\uFEFF';

export const isUtf8 = (passphrase: string): boolean => !passphrase.includes('\uFFFD');

/** The passphrase as it protects an archive from now on. Throws LecternError 'bad-request' for what another way in could not give
 * again: those in force already are not asked. */
export function newPassphrase(given: string): string {
  const passphrase = withoutMark(given);
  if (passphrase.length < LEAST) throw refused(`A passphrase needs at least ${LEAST} characters.`);
  if (passphrase.length > MOST) throw refused(`A passphrase has at most ${MOST.toLocaleString('en')} characters.`);
  // Bytes that are none became U+FFFD: any other one of as many such bytes would open the archive too.
  if (!isUtf8(passphrase)) throw refused('The passphrase is not UTF-8: save its file in that encoding.');
  if (/\p{Cc}/u.test(passphrase)) throw refused('A passphrase is one line of text, without control characters.');
  return passphrase;
}

/** What may be meant by the passphrase as it was given: archives were made with a byte order mark too. */
export const readingsOf = (given: string): readonly string[] => [...new Set([withoutMark(given), given])];

const withoutMark = (given: string): string => (given.startsWith(BYTE_ORDER_MARK) ? given.slice(1) : given);
const refused = (sentence: string): LecternError => new LecternError('bad-request', sentence);
