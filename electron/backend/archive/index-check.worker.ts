// Worker thread entry: looks through the index once, and posts what is wrong with it in a sentence, or null.
import type { KeyObject } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { checkDatabase, DatabaseDamage } from '#backend/base/database.ts';

const { file, key } = workerData as { file: string; key: KeyObject };

function damage(): string | null {
  try {
    checkDatabase(file, key.export());
  } catch (error) {
    if (error instanceof DatabaseDamage) return error.message;
    // What hinders the look now (another one holds the file alone, where the disk is full) says nothing of the index.
  }
  return null;
}

parentPort?.postMessage(damage());
