// UIDs made of UUIDs (PS3.5 B.2): what is made here has one, and the same measurement one name in DICOM and in the program.

/** `2.25.` and the UUID as a decimal number. */
export const uidOfUuid = (uuid: string): string => `2.25.${BigInt(`0x${uuid.replaceAll('-', '')}`)}`;

/** The UUID that a UID was made of; undefined where it was made in another way. */
export function uuidOf(uid: string): string | undefined {
  const [, number] = /^2\.25\.(0|[1-9]\d{0,38})$/.exec(uid) ?? [];
  if (number === undefined) return undefined;
  const hex = BigInt(number).toString(16).padStart(32, '0');
  return hex.length > 32 ? undefined : hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
