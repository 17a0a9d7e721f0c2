// Finds the files of a drop: a folder is walked, which takes a while where it is a large one.
import { reasonOf, type Found, type NamedFile, type Unread } from './upload.ts';

export interface WalkOptions {
  /** Files found so far. */
  onFound(count: number): void;
  signal: AbortSignal;
}

/** Files of a drop, folders walked. Must be called inside the drop event; the walk goes on after it. Throws the signal's reason. */
export async function filesOfDrop(transfer: DataTransfer, options: WalkOptions): Promise<Found> {
  const dropped = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found = { files: [] as NamedFile[], unread: [] as Unread[] };
  for (const { entry, file } of dropped) {
    if (entry) await walk(entry, '', found, options);
    // Not from a file system (another page, a mail program): the file itself is all there is.
    else if (file) found.files.push({ path: file.name, file });
  }
  return found;
}

/** Goes on where something cannot be read. */
async function walk(
  entry: FileSystemEntry,
  folder: string,
  found: { files: NamedFile[]; unread: Unread[] },
  options: WalkOptions,
): Promise<void> {
  options.signal.throwIfAborted();
  const path = `${folder}${entry.name}`;
  try {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
      found.files.push({ path, file });
      options.onFound(found.files.length);
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    for (;;) {
      const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (!batch.length) return;
      for (const child of batch) await walk(child, `${path}/`, found, options);
    }
  } catch (error) {
    options.signal.throwIfAborted();
    found.unread.push({ path, reason: reasonOf(error) });
  }
}
