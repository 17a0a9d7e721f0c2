// The settings as the backend keeps them.
import { useCallback, useEffect, useState } from 'react';
import { backend, BackendError } from '../../backend-client/client.ts';
import type { Settings } from '#shared/contract/views.ts';

export interface SettingsView {
  value: Settings | undefined;
  /** Why they are not known; undefined while they are asked for. */
  failure: string | undefined;
  reload(): Promise<void>;
}

/** What a failed call of a settings section means to the person; `what` names the section's matter. */
export function explainFailure(error: unknown, what: string): string {
  if (!(error instanceof BackendError)) return 'The page failed to ask.';
  return error.code === 'not-found' ? `This build of Lectern has no ${what}.` : error.message;
}

export function useSettings(): SettingsView {
  const [state, setState] = useState<Omit<SettingsView, 'reload'>>({ value: undefined, failure: undefined });
  const reload = useCallback(async () => {
    try {
      setState({ value: await backend.settings(), failure: undefined });
    } catch (error) {
      setState({ value: undefined, failure: explainFailure(error, 'retention rules and watch folders yet') });
    }
  }, []);
  useEffect(() => void reload(), [reload]);
  return { ...state, reload };
}
