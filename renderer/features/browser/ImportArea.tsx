// Import for the whole window: files and folders dropped anywhere, chosen by hand, and passwords for encrypted ZIP files.
import { createContext, useContext, useMemo, useRef, useState, type DragEvent, type ReactNode } from 'react';
import { backend } from '../../backend-client/client.ts';
import { desktop } from '../../backend-client/desktop.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { seenJobs } from '../jobs/index.ts';
import { PasswordDialog } from './PasswordDialog.tsx';
import { filesOfDrop } from './dropped-files.ts';
import { filesOfInput, upload, type Found, type NamedFile } from './upload.ts';

interface Importer {
  pickFolder(): void;
  pickFiles(): void;
}
const ImporterContext = createContext<Importer>({ pickFolder: () => undefined, pickFiles: () => undefined });
export const useImporter = (): Importer => useContext(ImporterContext);

/** ZIP files of one upload that want a password. */
interface Question {
  jobId: string;
  files: readonly NamedFile[];
  /** The password that was given does not open them. */
  isAgain: boolean;
  /** Nothing else was in the job. */
  isWholeJob: boolean;
}

/** A drop whose folders are looked through. */
interface Walk {
  count: number;
  cancel(): void;
}
const SHOW_EVERY_MS = 300;

export function ImportArea({ store, children }: { store: ArchiveStore; children: ReactNode }) {
  const [isDragging, setDragging] = useState(false);
  const [walk, setWalk] = useState<Walk>();
  /** Asked one after the other. */
  const [questions, setQuestions] = useState<readonly Question[]>([]);
  const folderInput = useRef<HTMLInputElement>(null);
  const fileInput = useRef<HTMLInputElement>(null);

  const take = (found: Found, password?: string): void =>
    void store.attempt(async () => {
      const { jobId, locked } = await upload(found, store, password);
      const isWholeJob = locked.length === found.files.length + found.unread.length;
      const question = { jobId, files: locked, isAgain: password !== undefined, isWholeJob };
      if (locked.length > 0) setQuestions((before) => [...before, question]);
    });
  const importer = useMemo<Importer>(() => {
    const pick = (kind: 'folder' | 'files', input: HTMLInputElement | null): void => {
      const bridge = desktop();
      if (!bridge) input?.click();
      else
        void store.attempt(async () => {
          const paths = await bridge.pickImportPaths(kind);
          if (paths.length) await backend.importPaths(paths);
        });
    };
    return {
      pickFolder: () => pick('folder', folderInput.current),
      pickFiles: () => pick('files', fileInput.current),
    };
  }, [store]);

  const walkDrop = async (transfer: DataTransfer): Promise<void> => {
    const abort = new AbortController();
    const cancel = (): void => {
      abort.abort();
      clearInterval(showing);
      setWalk(undefined);
    };
    let count = 0;
    const showing = setInterval(() => setWalk({ count, cancel }), SHOW_EVERY_MS);
    try {
      take(await filesOfDrop(transfer, { onFound: (files) => (count = files), signal: abort.signal }));
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    } finally {
      cancel();
    }
  };
  const drop = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    setDragging(false);
    // Under Electron the backend reads the dropped files where they lie; nothing is copied through the page.
    const paths = desktop()?.pathsOfFiles([...event.dataTransfer.files]) ?? [];
    if (paths.length && paths.every(Boolean)) void store.attempt(() => backend.importPaths(paths));
    else void store.attempt(() => walkDrop(event.dataTransfer));
  };
  const chosen = (input: HTMLInputElement): void => {
    if (input.files) take({ files: filesOfInput(input.files), unread: [] });
    // The same files may be chosen once more.
    input.value = '';
  };
  const [question] = questions;
  const answered = (): void => setQuestions((before) => before.filter((each) => each !== question));
  return (
    <ImporterContext value={importer}>
      <div
        className="import-area"
        onDragOver={(event) => {
          if (!event.dataTransfer.types.includes('Files')) return;
          event.preventDefault();
          setDragging(true);
        }}
        onDragLeave={(event) => event.relatedTarget === null && setDragging(false)}
        onDrop={drop}
      >
        {children}
        <input
          ref={folderInput}
          type="file"
          multiple
          hidden
          data-testid="folder-input"
          onChange={(event) => chosen(event.target)}
          {...{ webkitdirectory: '' }}
        />
        <input
          ref={fileInput}
          type="file"
          multiple
          hidden
          data-testid="file-input"
          onChange={(event) => chosen(event.target)}
        />
        {walk && (
          <div className="drop-walk" role="status">
            <span>
              Looking through what was dropped
              {/* Not spoken each time it changes. */}
              <span aria-hidden>: {walk.count === 1 ? '1 file' : `${walk.count} files`} so far</span>
            </span>
            <button type="button" title="Look no further, and import nothing of it" onClick={walk.cancel}>
              Cancel
            </button>
          </div>
        )}
        {isDragging && <div className="drop-veil">Drop folders, discs, files or ZIP files to import them</div>}
        {question && (
          <PasswordDialog
            key={question.jobId}
            names={question.files.map(({ path }) => path)}
            isAgain={question.isAgain}
            onClose={answered}
            onPassword={(password) => {
              answered();
              // The next job takes its place.
              if (question.isWholeJob) seenJobs.getState().close([question.jobId]);
              take({ files: question.files, unread: [] }, password);
            }}
          />
        )}
      </div>
    </ImporterContext>
  );
}
