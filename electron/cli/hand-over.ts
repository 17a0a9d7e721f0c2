// Hands a command to the Lectern that has the data folder open, and relays what it prints.
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { commandEvent, type CommandIo } from '#backend/routes/command.ts';
import { readRunningNote, type RunningNote } from '#backend/running-note.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { runsUntilEnded } from './run-command.ts';

const ENDED = 'The running Lectern ended before the command was done.';

/** Resolves to the command's exit code; undefined where no Lectern answers for the data folder (yet, or any more). Throws the
 * command's failure. */
export async function handOver(argv: readonly string[], io: CommandIo, dataDir: string): Promise<number | undefined> {
  const note = readRunningNote(dataDir);
  if (!note || !(await answers(note))) return undefined;
  // Only what reads it is asked for: a terminal would wait for ever.
  const stdin = argv.some((argument) => argument.endsWith('-stdin')) ? await io.stdin() : undefined;
  try {
    const response = await post(note, JSON.stringify({ argv, cwd: io.cwd, isWatched: io.isWatched, stdin }), io.signal);
    if (response.statusCode !== 200) {
      const { detail } = (await json(response).catch(() => ({}))) as { detail?: string };
      throw new LecternError('conflict', detail ?? `The running Lectern answered ${response.statusCode}.`);
    }
    for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
      const event = commandEvent.parse(JSON.parse(line));
      if ('out' in event) io.print(event.out);
      else if ('progress' in event) io.progress(event.progress);
      else if ('note' in event) io.note(event.note);
      else if (event.failure === undefined) return event.exit;
      else return fail(event.exit, event.failure);
    }
  } catch (error) {
    if (!io.signal.aborted) {
      if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET')
        throw new LecternError('conflict', ENDED, { cause: error });
      throw error;
    }
    // The other side ends the command where it stands, as a signal does here.
    if (runsUntilEnded(argv)) return 0;
    throw new LecternError('conflict', 'Stopped; what is listed above was done.', { cause: error });
  }
  throw new LecternError('conflict', ENDED);
}

/** Not by `fetch`, which gives up after five minutes of silence: a receiver may wait for hours. */
async function post(note: RunningNote, body: string, signal: AbortSignal): Promise<IncomingMessage> {
  const request = http.request(`${note.origin}/api/command`, {
    method: 'POST',
    headers: { authorization: `Bearer ${note.token}`, 'content-type': 'application/json' },
    signal,
  });
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  request.end(body);
  const [response] = await answered;
  // What breaks off later is seen by who reads.
  request.on('error', () => undefined);
  return response;
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
