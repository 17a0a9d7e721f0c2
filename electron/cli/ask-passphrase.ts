// Asks for the archive's passphrase on a terminal, without showing it.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** The line that was typed; undefined where nobody sits at a terminal. */
export async function askPassphrase(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // Only now: the terminal has stopped to show what is typed.
  process.stderr.write(question);
  try {
    return await new Promise<string | undefined>((resolve) => {
      lines.once('line', resolve);
      for (const event of ['close', 'SIGINT'] as const) lines.once(event, () => resolve(undefined));
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
