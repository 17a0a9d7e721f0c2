// The instances in quarantine, asked for anew when their number changes.
import { useEffect, useState } from 'react';
import type { Conflict } from '#shared/contract/views.ts';
import { backend, BackendError } from '../../backend-client/client.ts';

/** `failure`: why they are not known. */
export function useConflicts(count: number): {
  conflicts: readonly Conflict[] | undefined;
  failure: string | undefined;
} {
  const [state, setState] = useState<{ conflicts?: readonly Conflict[]; failure?: string }>({});
  useEffect(() => {
    let isCurrent = true;
    backend.conflicts().then(
      ({ conflicts }) => isCurrent && setState({ conflicts }),
      (error: unknown) =>
        isCurrent && setState({ failure: error instanceof BackendError ? error.message : 'The page failed to ask.' }),
    );
    return () => {
      isCurrent = false;
    };
  }, [count]);
  return { conflicts: state.conflicts, failure: state.failure };
}
