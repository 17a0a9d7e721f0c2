// Import for the whole window: files and folders dropped anywhere, chosen by hand, and passwords for encrypted ZIP files.
import { createContext, useContext, useMemo, useRef, useState, type DragEvent, type ReactNode } from 'react';
import { backend } from '../../backend-client/client.ts';
import { desktop } from '../../backend-client/desktop.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { PasswordDialog } from './PasswordDialog.tsx';
import { filesOfDrop } from './dropped-files.ts';
import { filesOfInput, upload, type Found, type NamedFile } from './upload.ts';

interface Importer {
  pickFolder(): void;
  pickFiles(): void;
}
const ImporterContext = createContext<Importer>({ pickFolder: () => undefined, pickFiles: () => undefined });
export const useImporter = (): Importer => useContext(ImporterContext);

/** A drop whose folders are looked through. */
interface Walk {
  count: number;
  cancel(): void;
}
const SHOW_EVERY_MS = 300;

export function ImportArea({ store, children }: { store: ArchiveStore; children: ReactNode }) {
  const [isDragging, setDragging] = useState(false);
  const [walk, setWalk] = useState<Walk>();
  const [locked, setLocked] = useState<readonly NamedFile[]>([]);
  const folderInput = useRef<HTMLInputElement>(null);
  const fileInput = useRef<HTMLInputElement>(null);

  const take = (found: Found, password?: string): void =>
    void store.attempt(async () => {
      const stillLocked = await upload(found, password);
      if (stillLocked.length) setLocked(stillLocked);
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
        {locked.length > 0 && (
          <PasswordDialog
            names={locked.map(({ path }) => path)}
            onClose={() => setLocked([])}
            onPassword={(password) => {
              setLocked([]);
              take({ files: locked, unread: [] }, password);
            }}
          />
        )}
      </div>
    </ImporterContext>
  );
}
