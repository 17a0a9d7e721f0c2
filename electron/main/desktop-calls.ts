// The page's calls to main, each with its schema; who may call is checked by trustedHandle.
import type { IpcMain } from 'electron';
import { z } from 'zod';
import { CHANNELS } from './desktop-channels.ts';
import { trustedHandle } from './security/trusted-handle.ts';

export interface DesktopCalls {
  isOurWindow(contentsId: number): boolean;
  pickImportPaths(kind: 'folder' | 'files'): Promise<string[]>;
  noteOpened(studyUid: string): void;
  reportReady(): void;
}

const uid = z
  .string()
  .max(64)
  .regex(/^[0-9]+(?:\.[0-9]+)+$/);

export function registerDesktopCalls(ipc: Pick<IpcMain, 'handle'>, calls: DesktopCalls): void {
  const common = { ipc, isOurWindow: calls.isOurWindow };
  trustedHandle({
    ...common,
    channel: CHANNELS.pickImportPaths,
    argument: z.enum(['folder', 'files']),
    run: (kind) => calls.pickImportPaths(kind),
  });
  trustedHandle({
    ...common,
    channel: CHANNELS.noteOpened,
    argument: uid,
    run: (studyUid) => calls.noteOpened(studyUid),
  });
  trustedHandle({ ...common, channel: CHANNELS.reportReady, argument: z.null(), run: () => calls.reportReady() });
}
