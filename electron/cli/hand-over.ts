// Hands a command to the Lectern that has the data folder open, and relays what it prints.
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { commandEvent, type CommandIo } from '#backend/routes/command.ts';
import { readRunningNote, type RunningNote } from '#backend/running-note.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { runsUntilEnded } from './run-command.ts';

/** Resolves to the command's exit code; undefined where no Lectern answers for the data folder (yet, or any more). Throws the
 * command's failure. */
export async function handOver(argv: readonly string[], io: CommandIo, dataDir: string): Promise<number | undefined> {
  const note = readRunningNote(dataDir);
  if (!note || !(await answers(note))) return undefined;
  // Only what reads it is asked for: a terminal would wait for ever.
  const stdin = argv.some((argument) => argument.endsWith('-stdin')) ? await io.stdin() : undefined;
  const response = await fetch(`${note.origin}/api/command`, {
    method: 'POST',
    headers: { authorization: `Bearer ${note.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ argv, cwd: io.cwd, isWatched: io.isWatched, stdin }),
    signal: io.signal,
  });
  if (!response.ok || !response.body) {
    const { detail } = (await response.json().catch(() => ({}))) as { detail?: string };
    throw new LecternError('conflict', detail ?? `The running Lectern answered ${response.status}.`);
  }
  try {
    for await (const line of createInterface({ input: Readable.fromWeb(response.body), crlfDelay: Infinity })) {
      const event = commandEvent.parse(JSON.parse(line));
      if ('out' in event) io.print(event.out);
      else if ('progress' in event) io.progress(event.progress);
      else if ('note' in event) io.note(event.note);
      else if (event.failure === undefined) return event.exit;
      else return fail(event.exit, event.failure);
    }
  } catch (error) {
    if (!io.signal.aborted) throw error;
    // The other side ends the command where it stands, as a signal does here.
    if (runsUntilEnded(argv)) return 0;
    throw new LecternError('conflict', 'Stopped; what is listed above was done.', { cause: error });
  }
  throw new LecternError('conflict', 'The running Lectern ended before the command was done.');
}

function fail(exit: number, sentence: string): number {
  process.stderr.write(`lectern: ${sentence}\n`);
  return exit;
}

async function answers({ origin, token }: RunningNote): Promise<boolean> {
  const response = await fetch(`${origin}/api/session`, { headers: { authorization: `Bearer ${token}` } }).catch(
    () => undefined,
  );
  return response?.ok ?? false;
}
