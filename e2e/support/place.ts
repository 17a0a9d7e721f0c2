// A folder with a browser shell on it, new for each test of a spec.
import { test } from '@playwright/test';
import { startShell, temporaryFolder, type Shell } from './lectern.ts';

export interface Place {
  /** The folder: its `data` is the shell's, the rest is the test's. */
  readonly path: string;
  /** Address with its one-time token. */
  readonly invitation: string;
  /** As a person starts Lectern again, after `stop`. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Call it where the hooks of the tests belong. `prepare` fills the folder before the shell starts. */
export function placeForEachTest(prepare: (folder: string) => Promise<void> = async () => {}): Place {
  let folder: ReturnType<typeof temporaryFolder>;
  let shell: Shell;
  const start = async (): Promise<void> => {
    shell = await startShell(folder.path);
  };
  test.beforeEach(async () => {
    folder = temporaryFolder();
    await prepare(folder.path);
    await start();
  });
  test.afterEach(async () => {
    await shell.stop();
    folder[Symbol.dispose]();
  });
  return {
    get path() {
      return folder.path;
    },
    get invitation() {
      return shell.invitation;
    },
    start,
    stop: () => shell.stop(),
  };
}
