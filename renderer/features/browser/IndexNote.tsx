// Says that the list of studies is not whole, for as long as the index is to be made anew.
import { backend } from '../../backend-client/client.ts';
import type { Job } from '#shared/contract/views.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { indexWords } from './index-words.logic.ts';

export function IndexNote({ store, jobs }: { store: ArchiveStore; jobs: readonly Job[] }) {
  const { text, help } = indexWords(jobs);
  return (
    <div className="banner warning" role="status">
      {text}
      {help && (
        <button
          type="button"
          onClick={() =>
            void store.attempt(() =>
              help.what === 'again' ? backend.repeatJob(help.jobId) : backend.steerJob(help.jobId, help.what),
            )
          }
        >
          {help.label}
        </button>
      )}
    </div>
  );
}
