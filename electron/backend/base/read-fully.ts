// Reads of a file at a place in it. The system may give fewer bytes than are asked for: before a spot that a disc cannot read, for
// one, where only the next read says so.
import type { FileHandle } from 'node:fs/promises';

/** Fills `bytes` from `position` on; what it gives is shorter only where the file ends. */
export async function readFully<B extends Uint8Array>(handle: FileHandle, bytes: B, position: number): Promise<B> {
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, position + at);
    if (bytesRead === 0) return bytes.subarray(0, at) as B;
    at += bytesRead;
  }
  return bytes;
}
