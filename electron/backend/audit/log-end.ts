// Where the audit log ended, kept beside the settings: its chain shows what was changed inside it, and not that an older copy of the
// whole was put back. Written after the log, and not for each record, so the log may be ahead of it and is never behind.
// Whoever puts back both together, as a backup of the whole folder does, is not seen.
import { z } from 'zod';
import type { SettingsStore } from '../settings/settings-store.ts';

const NAME = 'audit-log-end';
const logEnd = z.object({
  /** Number of its last record. */
  id: z.number().int(),
  digest: z.string(),
});
export type LogEnd = z.infer<typeof logEnd>;

export interface LogEndMark {
  read(): LogEnd | undefined;
  /** Durable when it returns. */
  write(end: LogEnd): void;
}

export const logEndIn = (settings: SettingsStore): LogEndMark => ({
  read: () => settings.read<LogEnd | undefined>(NAME, logEnd, undefined),
  write: (end) => settings.keep(NAME, end),
});
