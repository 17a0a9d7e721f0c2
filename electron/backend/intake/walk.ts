// Lists the files below what a person named, folder by folder in name order, without holding the whole list.
import fs from 'node:fs';
import path from 'node:path';
import { reasonOfSystem } from '#backend/base/not-written.ts';
import { rawPath, shownName } from '#backend/base/raw-path.ts';

export interface FoundFile {
  path: string;
  sizeBytes: number;
}
/** A named path or a folder that could not be read: reported, never skipped in silence. */
export interface Unreadable {
  path: string;
  reason: string;
  /** Left out though it can be read: the data folder of Lectern itself. */
  isOwn?: true;
}

const isUnreadable = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'code' in error;

/** Walks files and folders; follows links, but enters no folder twice. Hidden system entries of discs and mail programs
 * (`.DS_Store`, `Thumbs.db`) are files like all others. The data folder `dataDir` is named and left out: it would never end to have
 * more in it. */
export async function* walk(roots: readonly string[], dataDir?: string): AsyncGenerator<FoundFile | Unreadable> {
  const entered = new Entered();
  const own = dataDir === undefined ? undefined : await ownOf(dataDir).catch(() => undefined);
  for (const root of roots) yield* walkOne(path.resolve(root), entered, own);
}

/** Whether a folder is the data folder, or lies in it, by whatever links. */
export async function isOwnFolder(folder: string, dataDir: string): Promise<boolean> {
  const [real, realDataDir] = await Promise.all(
    [folder, dataDir].map((each) => fs.promises.realpath(each).catch(() => path.resolve(each))),
  );
  const inside = path.relative(realDataDir ?? '', real ?? '');
  return inside === '' || (inside.split(path.sep)[0] !== '..' && !path.isAbsolute(inside));
}

interface Own {
  stat: fs.BigIntStats;
  place: string;
}

async function ownOf(dataDir: string): Promise<Own> {
  return { stat: await fs.promises.stat(dataDir, { bigint: true }), place: await placeOf(dataDir) };
}

/** The folders entered so far, by device and inode; where these are not one folder's alone, as on some network drives, by where they
 * lie. To ask that of each folder would take time with the square of the depth. */
class Entered {
  readonly #byId = new Map<string, string | Buffer>();
  readonly #places = new Set<string>();

  /** Whether it was entered before, and enters it. */
  async has(folder: string | Buffer, { dev, ino }: fs.BigIntStats): Promise<boolean> {
    const id = `${dev}:${ino}`;
    const first = this.#byId.get(id);
    if (first === undefined) {
      this.#byId.set(id, folder);
      return false;
    }
    this.#places.add(await placeOf(first).catch(() => ''));
    const place = await placeOf(folder);
    if (this.#places.has(place)) return true;
    this.#places.add(place);
    return false;
  }
}

const placeOf = (folder: string | Buffer): Promise<string> => fs.promises.realpath(folder, 'latin1');

async function* walkOne(entry: string, entered: Entered, own: Own | undefined): AsyncGenerator<FoundFile | Unreadable> {
  try {
    const raw = rawPath(entry);
    const stat = await fs.promises.stat(raw, { bigint: true });
    if (stat.isFile()) return yield { path: entry, sizeBytes: Number(stat.size) };
    // Opening a pipe would wait for somebody to write to it.
    if (!stat.isDirectory()) return yield { path: entry, reason: 'This is no file but a pipe, a socket or a device.' };
    // Asked where it lies for the same reason as in Entered.
    if (own?.stat.ino === stat.ino && own.stat.dev === stat.dev && own.place === (await placeOf(raw)))
      return yield { path: entry, reason: 'This is the data folder of Lectern itself: it is left out.', isOwn: true };
    if (await entered.has(raw, stat)) return;
    for (const name of (await namesIn(raw)).sort()) yield* walkOne(path.join(entry, name), entered, own);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    yield { path: entry, reason: reasonOf(error) };
  }
}

/** Names that are no UTF-8 have lost their bytes: then all are read anew with them. */
async function namesIn(folder: string | Buffer): Promise<string[]> {
  const names = await fs.promises.readdir(folder);
  if (!names.some((name) => name.includes('\uFFFD'))) return names;
  return (await fs.promises.readdir(folder, { encoding: 'buffer' })).map(shownName);
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'This is not there.';
  if (error.code === 'EACCES' || error.code === 'EPERM') return 'This may not be read by this user.';
  if (error.code === 'ELOOP') return 'This link leads back to itself.';
  return `This could not be read: ${reasonOfSystem(error)}.`;
}
