// A DICOMDIR that is named by itself, as other viewers want it, stands for what it lists.
import fs from 'node:fs';
import path from 'node:path';
import { rawPath } from '#backend/base/raw-path.ts';
import { readFully } from '#backend/base/read-fully.ts';
import { placesIn, referencedFiles } from './file-set.ts';
import { readDicomdir } from './read-dicomdir.ts';
import { walk } from './walk.ts';

export interface ListedPaths {
  /** What was named, and behind it what is listed by the DICOMDIRs among it. */
  paths: string[];
  /** Those DICOMDIRs: nothing else of their folders is read. */
  alone: ReadonlySet<string>;
}

/** Media Storage Directory Storage (PS3.6 A); the file meta information that says it stands at the beginning. */
const DICOMDIR_CLASS = /1\.2\.840\.10008\.1\.3\.10(?![\d.])/;
const META_BYTES = 1024;

/** A DICOMDIR is known by its content, whatever it is called, and counts where its folder is not named too. One that cannot be read
 * lists nothing: its own line in the report says so. */
export async function withListed(named: readonly string[], dataDir: string): Promise<ListedPaths> {
  const paths = new Set<string>();
  const listed = new Set<string>();
  const alone = new Set<string>();
  const roots = named.map((each) => path.resolve(each));
  for (const root of roots) {
    const file = roots.some((other) => isInside(root, other)) ? undefined : await realDicomdir(root);
    paths.add(file ?? root);
    const dicomdir = file === undefined ? undefined : await readDicomdir(file);
    if (file === undefined || !dicomdir?.ok) continue;
    alone.add(file);
    const folder = path.dirname(file);
    const { find } = await placesIn(folder, filesOf([folder], dataDir));
    for (const { path: wanted } of referencedFiles(dicomdir.value.dataset, folder).files) {
      const found = find(wanted);
      if (found !== undefined) listed.add(found);
    }
  }
  return { paths: [...new Set([...paths, ...listed])], alone };
}

/** Where a DICOMDIR lies, behind links too: its medium is there. Undefined where the file is none. */
async function realDicomdir(file: string): Promise<string | undefined> {
  try {
    const raw = rawPath(file);
    if (!(await fs.promises.stat(raw)).isFile()) return undefined;
    const handle = await fs.promises.open(raw, 'r');
    try {
      const head = await readFully(handle, Buffer.alloc(META_BYTES), 0);
      if (!DICOMDIR_CLASS.test(Buffer.from(head).toString('latin1'))) return undefined;
    } finally {
      await handle.close();
    }
    const isLink = (await fs.promises.lstat(raw)).isSymbolicLink();
    return isLink ? await fs.promises.realpath(file) : file;
  } catch {
    // The import comes to it too, and says why.
    return undefined;
  }
}

function isInside(file: string, root: string): boolean {
  const below = path.relative(root, file);
  return below !== '' && below.split(path.sep)[0] !== '..' && !path.isAbsolute(below);
}

/** Files below these that can be read. */
export async function* filesOf(roots: readonly string[], dataDir: string): AsyncGenerator<string> {
  for await (const found of walk(roots, dataDir)) if ('sizeBytes' in found) yield found.path;
}
