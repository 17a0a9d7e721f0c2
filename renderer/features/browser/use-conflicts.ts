// The instances in quarantine, asked for anew when `state` changes.
import { useEffect, useState } from 'react';
import type { Conflict } from '#shared/contract/views.ts';
import { backend, BackendError } from '../../backend-client/client.ts';

/** `failure`: why they are not known. */
export function useConflicts(state: string): {
  conflicts: readonly Conflict[] | undefined;
  failure: string | undefined;
} {
  const [view, setView] = useState<{ conflicts?: readonly Conflict[]; failure?: string }>({});
  useEffect(() => {
    let isCurrent = true;
    backend.conflicts().then(
      ({ conflicts }) => isCurrent && setView({ conflicts }),
      (error: unknown) =>
        isCurrent && setView({ failure: error instanceof BackendError ? error.message : 'The page failed to ask.' }),
    );
    return () => {
      isCurrent = false;
    };
  }, [state]);
  return { conflicts: view.conflicts, failure: view.failure };
}
