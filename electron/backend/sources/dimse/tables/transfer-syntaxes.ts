// Every transfer syntax that is taken and stored as it comes (PS3.6 Table A-1), retired and new ones included. Whether it
// can be shown is another matter: shared/dicom/transfer-syntaxes.ts names them, the codecs decode what they can.
import { EXPLICIT_LITTLE, IMPLICIT_LITTLE, isLossy } from '#shared/dicom/transfer-syntaxes.ts';

/** Below 1.2.840.10008.1.2, those that most is stored in first. */
const BELOW = [
  ['.1', '', '.4.70', '.4.90', '.4.91', '.4.80', '.4.81', '.4.50', '.4.51', '.5'],
  ['.4.57', '.2', '.1.99', '.4.201', '.4.202', '.4.203', '.4.110', '.4.112', '.4.111', '.4.102'],
  ['.4.92', '.4.93', '.1.98', '.8.1', '.4.100', '.4.100.1', '.4.101', '.4.101.1', '.4.102.1', '.4.103', '.4.103.1'],
  ['.4.104', '.4.104.1', '.4.105', '.4.105.1', '.4.106', '.4.106.1', '.4.107', '.4.108'],
  // Retired processes of JPEG, then references by address, MIME and XML.
  ['.4.53', '.4.55', '.4.52', '.4.54', '.4.56', '.4.58', '.4.59', '.4.60', '.4.61', '.4.62', '.4.63', '.4.64'],
  ['.4.65', '.4.66', '.4.94', '.4.95', '.4.204', '.4.205', '.6.1', '.6.2'],
].flat();

export const TRANSFER_SYNTAXES: readonly string[] = BELOW.map((suffix) => IMPLICIT_LITTLE + suffix);
const KNOWN = new Set(TRANSFER_SYNTAXES);
export const isTakenTransferSyntax = (uid: string): boolean => KNOWN.has(uid);

/** For identifiers and commands with data: what everybody can read. */
export const PLAIN_SYNTAXES: readonly string[] = [EXPLICIT_LITTLE, IMPLICIT_LITTLE];

/** All of them, those that are liked first. */
export const preferring = (liked: readonly string[] = []): string[] => [
  ...liked,
  ...TRANSFER_SYNTAXES.filter((uid) => !liked.includes(uid)),
];

/** The one to take of those proposed for one context: liked by us, else the sender's first that loses nothing, else its
 * first. A sender that offers several can convert, and names first what it has. */
export function chooseTransferSyntax(
  proposed: readonly string[],
  liked: readonly string[],
  isTaken: (uid: string) => boolean,
): string | undefined {
  const taken = proposed.filter(isTaken);
  return liked.find((uid) => taken.includes(uid)) ?? taken.find((uid) => !isLossy(uid)) ?? taken[0];
}
