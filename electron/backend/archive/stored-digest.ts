// The digest of a stored file, as far as it can be read.
import { wordsOfDamage } from './damage-notes.ts';
import type { DigestCall, IngestPool } from './ingest-messages.ts';

/** Lower-case hexadecimal SHA-256; undefined where the file is damaged or missing. Rejects with what else goes wrong. */
export async function digestOfStored(pool: IngestPool, call: DigestCall): Promise<string | undefined> {
  try {
    return await pool.call(call);
  } catch (error) {
    if (wordsOfDamage(error) !== undefined) return undefined;
    throw error;
  }
}
