// Scans a list of files to index records: the whole of it in this thread, or as the worker of the scan bench, a list a message.
import fs from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { recordOf } from '../../electron/backend/archive/instance-record.ts';
import { readInstance } from '../../shared/dicom/read-instance.ts';

export function scan(files: readonly string[]): number {
  for (const file of files) {
    const fd = fs.openSync(file, 'r');
    const { size } = fs.fstatSync(fd);
    const source = {
      size,
      read: (offset: number, length: number): Uint8Array => {
        const bytes = Buffer.allocUnsafe(length);
        return bytes.subarray(0, fs.readSync(fd, bytes, 0, length, offset));
      },
    };
    const parsed = readInstance(source);
    fs.closeSync(fd);
    if (!parsed.ok) throw new Error(file);
    recordOf(parsed.value);
  }
  return files.length;
}

parentPort?.on('message', (files: string[]) => parentPort?.postMessage(scan(files)));
