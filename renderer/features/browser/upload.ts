// Hands dropped or chosen files to the backend, three at a time, as one job that can be paused and cancelled.
import { backend, BackendError } from '../../backend-client/client.ts';

export interface NamedFile {
  path: string;
  file: File;
}

/** Files of a drop, folders walked. Must be called inside the drop event; the walk goes on after it. */
export async function filesOfDrop(transfer: DataTransfer): Promise<NamedFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const found: NamedFile[] = [];
  for (const entry of entries) await walk(entry, '', found);
  return found;
}

async function walk(entry: FileSystemEntry, folder: string, found: NamedFile[]): Promise<void> {
  const path = `${folder}${entry.name}`;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ path, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!batch.length) return;
    for (const child of batch) await walk(child, `${path}/`, found);
  }
}

export const filesOfInput = (list: FileList): NamedFile[] =>
  [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

const AT_ONCE = 3;

/** Resolves when all files are handed over or the job was cancelled; rejects with BackendError otherwise. */
export async function upload(files: readonly NamedFile[]): Promise<void> {
  const [first] = files;
  if (!first) return;
  const title = files.length === 1 ? first.path : `${first.path.split('/')[0] ?? ''} (${files.length} files)`;
  const { job } = await backend.beginUpload(
    title,
    files.length,
    files.reduce((sum, { file }) => sum + file.size, 0),
  );
  const abort = new AbortController();
  const queue = files.values();
  let isCancelled = false;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const { path, file } of queue) {
        if (isCancelled) return;
        try {
          await backend.uploadFile(job.id, path, file, abort.signal);
        } catch (error) {
          if (!(error instanceof BackendError) || error.code !== 'conflict') throw error;
          isCancelled = true;
        }
      }
    }),
  );
  if (!isCancelled) await backend.completeUpload(job.id);
}
