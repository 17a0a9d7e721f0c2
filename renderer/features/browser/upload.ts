// Hands dropped or chosen files to the backend, three at a time, as one job that can be paused and cancelled.
import { backend, BackendError } from '../../backend-client/client.ts';

export interface NamedFile {
  path: string;
  file: File;
}

/** Files of a drop, folders walked. Must be called inside the drop event; the walk goes on after it. */
export async function filesOfDrop(transfer: DataTransfer): Promise<NamedFile[]> {
  const dropped = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found: NamedFile[] = [];
  for (const { entry, file } of dropped) {
    if (entry) await walk(entry, '', found);
    // Not from a file system (another page, a mail program): the file itself is all there is.
    else if (file) found.push({ path: file.name, file });
  }
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

/** While files are on their way, leaving the page is asked about; leaving ends the job instead of letting it hang. */
function guardPage(jobId: string): () => void {
  const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
  const end = (): void =>
    void fetch(`/api/jobs/${jobId}/cancel`, { method: 'POST', headers: { 'x-lectern': '1' }, keepalive: true });
  addEventListener('beforeunload', warn);
  addEventListener('pagehide', end);
  return () => {
    removeEventListener('beforeunload', warn);
    removeEventListener('pagehide', end);
  };
}

/** Resolves once all files are handed over or the job was cancelled, to the ZIP files that want a password (another one,
 * where one was given); rejects with BackendError otherwise. */
export async function upload(files: readonly NamedFile[], password?: string): Promise<NamedFile[]> {
  const [first] = files;
  if (!first) return [];
  const title = files.length === 1 ? first.path : `${first.path.split('/')[0] ?? ''} (${files.length} files)`;
  const { job } = await backend.beginUpload(
    title,
    files.length,
    files.reduce((sum, { file }) => sum + file.size, 0),
  );
  const release = guardPage(job.id);
  const queue = files.values();
  const locked: NamedFile[] = [];
  let isCancelled = false;
  const lane = async (): Promise<void> => {
    for (const named of queue) {
      if (isCancelled) return;
      try {
        const reports = await backend.uploadFile(job.id, named.path, named.file, password);
        if (reports.some(({ code }) => code === 'password-needed')) locked.push(named);
      } catch (error) {
        if (!(error instanceof BackendError) || error.code !== 'conflict') throw error;
        isCancelled = true;
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    if (!isCancelled) await backend.completeUpload(job.id);
  } finally {
    release();
  }
  return locked;
}
