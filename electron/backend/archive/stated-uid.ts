// What a file says at its very start of which instance it is, before the rest has come.
import { ByteCursor } from '#shared/dicom/byte-cursor.ts';
import { readFileHead } from '#shared/dicom/read-file-head.ts';
import { memorySource } from './read-for-index.ts';

/** Media Storage SOP Instance UID (0002,0003) of the first bytes of a Part 10 file (PS3.10 7.1); undefined where they do not tell. */
export function statedUid(firstBytes: Uint8Array): string | undefined {
  try {
    const uid = readFileHead(new ByteCursor(memorySource(firstBytes)), [])?.meta['00020003']?.Value?.[0];
    return typeof uid === 'string' && uid !== '' ? uid : undefined;
  } catch {
    // Too few bytes, or none of a file that can be read: whoever parses the whole says why.
    return undefined;
  }
}
