// Worker thread entry: looks through the index once by a connection of its own, and posts what came of it.
import type { KeyObject } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { checkDatabase, DatabaseDamage, openDatabase, type Database } from '#backend/base/database.ts';
import type { IndexLook } from './index-check.ts';

const { file, key } = workerData as { file: string; key: KeyObject };

function look(): IndexLook {
  let db: Database | undefined;
  try {
    db = openDatabase(file, key.export());
    checkDatabase(db, file);
    return { kind: 'intact' };
  } catch (error) {
    return error instanceof DatabaseDamage ? { kind: 'damaged', reason: error.message } : { kind: 'hindered' };
  } finally {
    db?.close();
  }
}

parentPort?.postMessage(look());
