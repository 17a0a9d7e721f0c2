// What an empty archive shows: how studies come in.
import { backend } from '../../backend-client/client.ts';
import type { ArchiveStore } from '../archive/index.ts';

export function StartPage({ store, onImport, isBusy }: { store: ArchiveStore; onImport(): void; isBusy: boolean }) {
  return (
    <div className="center-page">
      <div className="card">
        <h1>{isBusy ? 'The first studies are on their way' : 'The archive is empty'}</h1>
        <p>
          Drop a folder, a disc or a ZIP file anywhere on this window, or choose a folder. Sources are only read; what
          comes in is kept encrypted and can be read without a network.
        </p>
        <div className="row">
          <button type="button" className="primary" onClick={onImport}>
            Import a folder
          </button>
          <button type="button" disabled={isBusy} onClick={() => void store.attempt(() => backend.addDemo())}>
            Add synthetic demo studies
          </button>
        </div>
      </div>
    </div>
  );
}
