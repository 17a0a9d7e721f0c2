// Folders whose new files come in by themselves.
import { useState } from 'react';
import { backend } from '../../backend-client/client.ts';
import { desktop } from '../../backend-client/desktop.ts';
import type { Settings } from '#shared/contract/views.ts';
import type { ArchiveStore } from '../archive/index.ts';
import type { SettingsView } from './use-settings.ts';

const STATE_WORDS: Record<Settings['watchFolders'][number]['state'], string> = {
  watching: 'watched',
  missing: 'not there now; watched again when it is back',
  paused: 'paused',
};

export function WatchFoldersSection({ store, settings }: { store: ArchiveStore; settings: SettingsView }) {
  const [path, setPath] = useState('');
  if (settings.failure !== undefined)
    return <p className="warning">{settings.failure} Folders are imported by hand.</p>;
  if (!settings.value) return <p className="quiet">Asking</p>;
  const change = (work: () => Promise<void>): void =>
    void store.attempt(async () => {
      await work();
      await settings.reload();
    });
  const add = (folder: string): void =>
    change(async () => {
      await backend.addWatchFolder(folder);
      setPath('');
    });
  const pick = async (): Promise<void> => {
    const paths = (await desktop()?.pickImportPaths('folder')) ?? [];
    for (const folder of paths) add(folder);
  };
  const folders = settings.value.watchFolders;
  return (
    <>
      <p className="quiet">Files are only read; they stay where they are.</p>
      {folders.length === 0 && <p>No folder is watched.</p>}
      <ul className="plain-list">
        {folders.map((folder) => (
          <li key={folder.path} className="row">
            <span className="path">{folder.path}</span>
            <span className={folder.state === 'watching' ? 'quiet' : 'warning'}>{STATE_WORDS[folder.state]}</span>
            {folder.lastSeenAt !== null && (
              <span className="quiet">last file {new Date(folder.lastSeenAt).toLocaleString()}</span>
            )}
            {folder.message !== null && <span className="warning">{folder.message}</span>}
            <button
              type="button"
              aria-label={`No longer watch ${folder.path}`}
              onClick={() => change(() => backend.removeWatchFolder(folder.path))}
            >
              No longer watch
            </button>
          </li>
        ))}
      </ul>
      {desktop() ? (
        <button type="button" onClick={() => void pick()}>
          Add a folder
        </button>
      ) : (
        <form
          className="row"
          aria-label="Add a watch folder"
          onSubmit={(event) => {
            event.preventDefault();
            if (path.trim()) add(path.trim());
          }}
        >
          <label htmlFor="watch-path">Folder on the machine that runs Lectern</label>
          <input
            id="watch-path"
            type="text"
            className="path-field"
            spellCheck={false}
            value={path}
            onChange={(event) => setPath(event.target.value)}
          />
          <button type="submit" disabled={path.trim() === ''}>
            Add
          </button>
        </form>
      )}
    </>
  );
}
