// What a file says at its very start of which instance it is, before the rest has come.
import { ByteCursor } from '#shared/dicom/byte-cursor.ts';
import { readFileHead } from '#shared/dicom/read-file-head.ts';
import { memorySource } from './read-for-index.ts';

export interface StatedUids {
  sopClassUid?: string;
  sopInstanceUid?: string;
}

/** Media Storage SOP Class and Instance UID (0002,0002), (0002,0003) of the first bytes of a Part 10 file (PS3.10 7.1), as far as they
 * tell. */
export function statedUids(firstBytes: Uint8Array): StatedUids {
  try {
    const meta = readFileHead(new ByteCursor(memorySource(firstBytes)), [])?.meta;
    const [sopClassUid, sopInstanceUid] = [meta?.['00020002']?.Value?.[0], meta?.['00020003']?.Value?.[0]];
    return {
      ...(typeof sopClassUid === 'string' && sopClassUid !== '' && { sopClassUid }),
      ...(typeof sopInstanceUid === 'string' && sopInstanceUid !== '' && { sopInstanceUid }),
    };
  } catch {
    // Too few bytes, or none of a file that can be read: whoever parses the whole says why.
    return {};
  }
}
