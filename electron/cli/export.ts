// `lectern export`: the bytes as they were received, a file for each instance.
import fs from 'node:fs';
import path from 'node:path';
import type { Archive, DamageReport } from '#backend/archive/archive.ts';
import type { InstanceLocation } from '#backend/archive/archive-index.ts';
import { DamagedFile } from '#backend/archive/sealed-file.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { UsageError } from './arguments.ts';
import type { Command } from './command.ts';
import { locateAny } from './locate-any.ts';

export const exportCommand: Command = {
  usage: 'export UID DIR',
  about: 'writes the original bytes, a file per instance, into DIR',
  options: {},
  run: async ({ operands, flags, print, note, checkStopped, pathOf, open }) => {
    const [uid, given] = operands;
    if (uid === undefined || given === undefined || operands.length > 2)
      throw new UsageError('export takes a UID and a folder.');
    const folder = pathOf(given);
    const { archive, useCases } = (await open()).open();
    const found = locateAny(archive, uid);
    useCases.check('export', found[0]?.studyUid);
    fs.mkdirSync(folder, { recursive: true });
    // The UID was checked at ingest to hold digits and dots only, so it is safe as a name.
    const targetOf = ({ sopUid }: InstanceLocation): string => path.join(folder, `${sopUid}.dcm`);
    const taken = found.map(targetOf).find((target) => fs.existsSync(target));
    if (taken !== undefined) throw new LecternError('conflict', `${taken} is there already; nothing is overwritten.`);
    let bytes = 0;
    const damaged: DamageReport[] = [];
    let exported = 0;
    try {
      for (const location of found) {
        checkStopped();
        const reason = await writeOriginal(archive, location, targetOf(location));
        if (reason === undefined) {
          exported++;
          bytes += location.sizeBytes;
        } else {
          damaged.push({ sopInstanceUid: location.sopUid, reason });
          note(`${location.sopUid} is not exported: ${reason}`);
        }
      }
    } finally {
      useCases.audit('export', exported < found.length ? 4 : 0, {
        studyUids: [...new Set(found.map((location) => location.studyUid))],
        instanceCount: exported,
        detail: 'folder',
      });
    }
    const count = damaged.length ? `${exported} of ${found.length}` : `${exported}`;
    print(flags.has('json') ? JSON.stringify({ exported, bytes, damaged }) : `${count} instances written to ${folder}`);
    return damaged.length ? 3 : 0;
  },
};

/** Writes the stored bytes to `target`, whole or not at all; gives the reason where they are damaged or missing. */
async function writeOriginal(
  archive: Archive,
  location: InstanceLocation,
  target: string,
): Promise<string | undefined> {
  const partial = `${target}.part`;
  try {
    await fs.promises.writeFile(partial, archive.pieces(location));
    await fs.promises.rename(partial, target);
    return undefined;
  } catch (error) {
    await fs.promises.rm(partial, { force: true });
    if (error instanceof LecternError) return error.message;
    if (error instanceof DamagedFile) return `The stored file is damaged: ${error.message}.`;
    if (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT'))
      throw new LecternError('disk-full', `${path.dirname(target)} is full: ${location.sopUid} was not written.`);
    throw error;
  }
}
