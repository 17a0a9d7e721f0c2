// `lectern export`: the bytes as they were received, a file for each instance.
import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Archive } from '#backend/archive/archive.ts';
import type { InstanceLocation } from '#backend/archive/archive-index.ts';
import { lackOf, notWholeWords } from '#backend/archive/lacks.ts';
import { lostInstances, wordsOfLoss } from '#backend/archive/lost-instances.ts';
import { DamagedFile } from '#backend/archive/sealed-file.ts';
import type { DamageReport } from '#backend/archive/stored-checks.ts';
import { flushFolder, makeFolder } from '#backend/base/durable-file.ts';
import { notWritten } from '#backend/base/not-written.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { UsageError } from './arguments.ts';
import type { Command } from './command.ts';
import { locateAny } from './locate-any.ts';

export const exportCommand: Command = {
  usage: 'export UID DIR',
  about: 'writes the original bytes, a file per instance, into DIR; those that are there from before stay',
  options: {},
  run: async ({ operands, flags, print, note, checkStopped, pathOf, open }) => {
    const [uid, given] = operands;
    if (!uid || !given || operands.length > 2) throw new UsageError('export takes a UID and a folder.');
    const folder = pathOf(given);
    const { archive, useCases } = (await open()).open();
    const found = locateAny(archive, uid);
    const lost = lostInstances(archive.index.db, uid);
    const lack = lackOf(archive.index, [uid], found);
    useCases.check('export', found[0]?.studyUid);
    if (isWithin(folder, archive.dataDir))
      throw new LecternError(
        'bad-request',
        `${folder} is in the data folder of Lectern, where everything is encrypted: name another folder.`,
      );
    makeTarget(folder);
    // The UID was checked at ingest to hold digits and dots only, so it is safe as a name.
    const targetOf = ({ sopUid }: InstanceLocation): string => path.join(folder, `${sopUid}.dcm`);
    const due: InstanceLocation[] = [];
    for (const location of found) {
      checkStopped();
      if (!(await isThere(location, targetOf(location)))) due.push(location);
    }
    clearUnfinished(folder, found);
    const alreadyThere = found.length - due.length;
    // Not all are known by their UIDs.
    const missing = Math.max(lost.length, lack.missingCount);
    const wanted = due.length + missing;
    let bytes = 0;
    const whyLost = wordsOfLoss(archive.index);
    const damaged: DamageReport[] = lost.map(({ sopUid }) => ({ sopInstanceUid: sopUid, reason: whyLost }));
    for (const { sopInstanceUid, reason } of damaged) note(`${sopInstanceUid} is not exported: ${reason}`);
    if (missing > lost.length || lack.isUnlisted === true) note(notWholeWords('This', lack));
    const removed: string[] = [];
    let exported = 0;
    const isWhole = (): boolean => exported === wanted && lack.isUnlisted !== true;
    try {
      for (const location of due) {
        checkStopped();
        const failure = await writeOriginal(archive, location, targetOf(location));
        if (!failure) {
          exported++;
          bytes += location.sizeBytes;
          continue;
        }
        if (failure.isRemoved) removed.push(location.sopUid);
        else damaged.push({ sopInstanceUid: location.sopUid, reason: failure.reason });
        note(`${location.sopUid} is not exported: ${failure.reason}`);
      }
      try {
        flushFolder(folder);
      } catch {
        // Not every network drive can; the files are flushed.
      }
    } finally {
      useCases.audit('export', isWhole() ? 0 : 4, {
        studyUids: [...new Set(found.map((location) => location.studyUid))],
        instanceCount: exported,
        detail: 'folder',
      });
    }
    if (flags.has('json')) print(JSON.stringify({ exported, bytes, alreadyThere, missing, damaged, removed }));
    else {
      const count = exported < wanted ? `${exported} of ${wanted}` : `${exported}`;
      const others = alreadyThere ? `, ${alreadyThere} of the same bytes were there already` : '';
      print(`${count} instances written to ${folder}${others}`);
    }
    return isWhole() ? 0 : 3;
  },
};

/** Whether a folder, which need not be there yet, lies in `outer` or is it. */
function isWithin(folder: string, outer: string): boolean {
  const way = path.relative(realPath(outer), realPath(folder));
  return way === '' || (way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way));
}

function realPath(folder: string): string {
  const parent = path.dirname(folder);
  if (fs.existsSync(folder) || parent === folder) return fs.realpathSync.native(folder);
  return path.join(realPath(parent), path.basename(folder));
}

function makeTarget(folder: string): void {
  try {
    makeFolder(folder, 0o777);
  } catch (error) {
    throw notWritten(folder, error);
  }
}

/** Whether an export before left the same bytes there. Throws LecternError 'conflict' for anything else of this name. */
async function isThere({ sizeBytes, sha256 }: InstanceLocation, target: string): Promise<boolean> {
  if (!fs.lstatSync(target, { throwIfNoEntry: false })) return false;
  const stat = fs.statSync(target, { throwIfNoEntry: false });
  if (stat?.isFile() === true && stat.size === sizeBytes) {
    const hash = createHash('sha256');
    await pipeline(fs.createReadStream(target), hash);
    if (hash.digest('hex') === sha256) return true;
  }
  throw new LecternError('conflict', `${target} is there already, and is something else: nothing is overwritten.`);
}

const UNFINISHED = /^([0-9.]+)\.dcm\.([0-9a-f-]{36})\.part$/;
/** What exports that run now write, by the random part of its name. */
const underWay = new Set<string>();

/** Takes away what exports that were cut off left unfinished of these instances. */
function clearUnfinished(folder: string, found: readonly InstanceLocation[]): void {
  const ours = new Set(found.map(({ sopUid }) => sopUid));
  for (const name of fs.readdirSync(folder)) {
    const [, sopUid = '', random = ''] = UNFINISHED.exec(name) ?? [];
    if (ours.has(sopUid) && !underWay.has(random)) fs.rmSync(path.join(folder, name), { force: true });
  }
}

/** Writes the stored bytes to `target`, whole and flushed or not at all; gives the reason where they are damaged, missing or removed. */
async function writeOriginal(
  archive: Archive,
  location: InstanceLocation,
  target: string,
): Promise<{ reason: string; isRemoved: boolean } | undefined> {
  // A name that is nobody's: what is there may be a link to somewhere else.
  const random = randomUUID();
  const partial = `${target}.${random}.part`;
  underWay.add(random);
  try {
    const handle = await fs.promises.open(partial, 'wx');
    try {
      await handle.writeFile(archive.pieces(location));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.promises.rename(partial, target);
    return undefined;
  } catch (error) {
    await fs.promises.rm(partial, { force: true });
    if (error instanceof LecternError) return { reason: error.message, isRemoved: error.code === 'not-found' };
    if (error instanceof DamagedFile)
      return { reason: `The stored file is damaged: ${error.message}.`, isRemoved: false };
    throw notWritten(target, error);
  } finally {
    underWay.delete(random);
  }
}
