// Files that hold other files and are not read here: named for what they are, with what to do. "No DICOM file" would be true, and
// leave a disc image or an archive full of studies lying.

/** So much of a file's beginning tells all of them. */
export const CONTAINER_HEAD_BYTES = 0x9400;

const ARCHIVES: readonly (readonly [name: string, offset: number, signature: string])[] = [
  ['7-Zip', 0, '7z\xBC\xAF\x27\x1C'],
  ['RAR', 0, 'Rar!\x1A\x07'],
  ['gzip', 0, '\x1F\x8B\x08'],
  ['bzip2', 0, 'BZh'],
  ['xz', 0, '\xFD7zXZ\x00'],
  ['Zstandard', 0, '\x28\xB5\x2F\xFD'],
  ['tar', 257, 'ustar'],
];
/** Volume descriptors of ISO 9660 and UDF (ECMA-119 8.1, ECMA-167 2/9.1), in sectors of 2048 bytes and of raw 2352. */
const DISC_IMAGE = [
  [0x8001, 'CD001'],
  [0x8001, 'BEA01'],
  [16 * 2352 + 17, 'CD001'],
  [16 * 2352 + 25, 'CD001'],
] as const;

/** Why this is not read and what to do, by the beginning of the file; undefined where it is no such file. */
export function containerRefusal(head: Uint8Array): { code: string; reason: string } | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  if (DISC_IMAGE.some(([offset, signature]) => text.startsWith(signature, offset)))
    return {
      code: 'disc-image',
      reason: 'This is the image of a disc: open it in the system, so that it appears as a drive, and import that.',
    };
  const archive = ARCHIVES.find(([, offset, signature]) => text.startsWith(signature, offset));
  if (!archive) return undefined;
  return {
    code: 'packed',
    reason: `This is a ${archive[0]} archive, which is not read here: unpack it and import what was in it.`,
  };
}
