// Jobs that were closed, wherever on the screen: they are shown among the earlier ones only, also over a reload.
import { createStore } from 'zustand/vanilla';
import { readSetting, writeSetting } from '../../local-db/database.ts';

const SETTING = 'jobs.seen';
const KEPT = 500;

export const seenJobs = createStore<{
  /** Undefined until it was read. */
  seen: ReadonlySet<string> | undefined;
  close(ids: readonly string[]): void;
}>((set, get) => ({
  seen: undefined,
  close: (ids) => {
    const next = [...(get().seen ?? []), ...ids].slice(-KEPT);
    set({ seen: new Set(next) });
    void writeSetting(SETTING, next);
  },
}));
void readSetting<string[]>(SETTING, []).then((ids) => seenJobs.setState({ seen: new Set(ids) }));
