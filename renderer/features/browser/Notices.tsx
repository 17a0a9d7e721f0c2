// What the person must know before they trust the list: the backend is away, something failed, the list is not whole, the
// archive is not protected, demo studies are among the real ones, files are in quarantine.
import { useMemo, useState, useSyncExternalStore } from 'react';
import { backend } from '../../backend-client/client.ts';
import type { StudyRow } from '#shared/contract/views.ts';
import { awayWords, PassphrasePanel, type ArchiveStore } from '../archive/index.ts';
import { IndexNote } from './IndexNote.tsx';
import { RemoveDialog } from './RemoveDialog.tsx';

export function Notices({ store }: { store: ArchiveStore }) {
  const state = useSyncExternalStore(store.subscribe, store.state);
  const [isProtecting, setProtecting] = useState(false);
  const unprotected = state.session?.archive.protection === 'key-file';
  return (
    <div>
      {!state.isLineUp && (
        <div className="banner dangerous" role="alert">
          {awayWords(state)} The list shows what was known last; pictures cannot be opened{' '}
          {state.isOtherStart ? 'from here' : 'until it is back'}.
          <button type="button" onClick={() => void store.refreshSession()}>
            Try now
          </button>
        </div>
      )}
      {state.notice !== undefined && (
        <div className="banner dangerous" role="alert">
          {state.notice}
          <button type="button" onClick={store.dismissNotice}>
            Close
          </button>
        </div>
      )}
      {state.session?.archive.isWhole === false && <IndexNote store={store} jobs={state.jobs} />}
      {unprotected && !isProtecting && (
        <div className="banner warning">
          This archive is encrypted, but its key lies in a plain file of this account: it is not protected.
          <button type="button" onClick={() => setProtecting(true)}>
            Set a passphrase
          </button>
        </div>
      )}
      {isProtecting && <PassphrasePanel store={store} onDone={() => setProtecting(false)} />}
      {state.session?.hasDemo === true && <DemoNote store={store} studies={state.studies} />}
    </div>
  );
}

/** A person may have measured in them: they are asked about as all studies are. */
function DemoNote({ store, studies }: { store: ArchiveStore; studies: readonly StudyRow[] }) {
  const [isRemoving, setRemoving] = useState(false);
  const rows = useMemo(() => studies.filter(({ isDemo }) => isDemo), [studies]);
  return (
    <>
      <div className="banner quiet">
        Studies marked demo are synthetic.
        <button type="button" disabled={rows.length === 0} onClick={() => setRemoving(true)}>
          Remove the demo studies
        </button>
      </div>
      {isRemoving && (
        <RemoveDialog
          rows={rows}
          onClose={() => setRemoving(false)}
          onConfirm={() => {
            setRemoving(false);
            void store.attempt(() => backend.removeDemo());
          }}
        />
      )}
    </>
  );
}
