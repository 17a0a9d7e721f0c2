// `lectern scp` where the data folder's Lectern receives already.
import { expect, test } from 'vitest';
import { backendForEachTest } from '#backend/routes/testing.ts';
import { runHandedCommand } from './run-command.ts';

const at = backendForEachTest();

/** Ends with the first line that is printed. */
async function scp(...options: string[]): Promise<{ exit: number; failure?: string; lines: string[] }> {
  const lines: string[] = [];
  const end = new AbortController();
  const io = {
    cwd: at.folder,
    isWatched: false,
    signal: end.signal,
    print: (line: string) => {
      lines.push(line);
      end.abort();
    },
    note: (line: string) => void lines.push(line),
    progress: () => undefined,
    stdin: () => Promise.resolve(''),
    passphrases: { current: () => Promise.resolve(''), next: () => Promise.resolve('') },
  };
  return { ...(await runHandedCommand(['scp', ...options], io, at.backend)), lines };
}

test('it names the AE title and the port that are listened by, and refuses others', async () => {
  const { receiver } = at.backend.open();
  await receiver.stop();
  const { port } = await receiver.start({ aet: 'THIS_TIME', host: '127.0.0.1', port: 0 });
  const told = { exit: 0, lines: [JSON.stringify({ aet: 'THIS_TIME', port })] };
  expect(await scp()).toEqual(told);
  expect(await scp('--aet', 'THIS_TIME', '--port', String(port))).toEqual(told);
  expect(await scp('--aet', 'OTHER')).toEqual({
    exit: 1,
    lines: [],
    failure: `The running Lectern receives as THIS_TIME on port ${port}: leave out --aet and --port to receive through it, or end it first.`,
  });
  expect(receiver.scp?.aet).toBe('THIS_TIME');
});
