// Hands a command to the Lectern that has the data folder open, and relays what it prints.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { commandEvent, type CommandIo } from '#backend/routes/command.ts';
import { readRunningNote, type RunningNote } from '#backend/running-note.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { sessionInfo } from '#shared/contract/views.ts';
import { unusedPassphrase, type CallPassphrases } from './call-passphrases.ts';
import { runsUntilEnded, takesPassphrases } from './run-command.ts';

const ENDED = 'The running Lectern ended before the command was done.';

const stateOfArchive = sessionInfo.shape.archive.pick({ state: true, protection: true });
type StateOfArchive = z.infer<typeof stateOfArchive>;

export interface CallerIo extends CommandIo {
  passphrases: CallPassphrases;
}

/** Resolves to the command's exit code; undefined where no Lectern answers for the data folder (yet, or any more). A locked one is
 * unlocked by the passphrase of the call, and a wrong one is refused by an open one too. Throws the command's failure. */
export async function handOver(argv: readonly string[], io: CallerIo, dataDir: string): Promise<number | undefined> {
  const note = readRunningNote(dataDir);
  const archive = note && (await archiveOf(note));
  if (!note || !archive) return undefined;
  const unused = unusedPassphrase(archive, io.passphrases.given);
  if (unused !== undefined) io.note(unused);
  const isChecked =
    archive.protection === 'passphrase' && io.passphrases.given !== undefined && !takesPassphrases(argv);
  if (archive.state === 'locked' || isChecked) await io.passphrases.unlock((passphrase) => unlock(note, passphrase));
  // Only what reads it is asked for: a terminal would wait for ever.
  const stdin = argv.some((argument) => argument.endsWith('-stdin')) ? await io.stdin() : undefined;
  const id = randomUUID();
  const stop = (): void => void stopCall(note, id);
  try {
    const passphrases = takesPassphrases(argv) ? await passphrasesFor(archive, io.passphrases) : undefined;
    const call = { id, argv, cwd: io.cwd, isWatched: io.isWatched, stdin, passphrases };
    const response = await post(note, JSON.stringify(call)).catch((error: unknown) => {
      if (!isGone(error, note, dataDir)) throw error;
    });
    if (!response) return undefined;
    if (response.statusCode !== 200) {
      const { detail } = (await json(response).catch(() => ({}))) as { detail?: string };
      throw new LecternError('conflict', detail ?? `The running Lectern answered ${response.statusCode}.`);
    }
    // What is refused there at once is not done there too.
    let isToTell = runsUntilEnded(argv);
    io.signal.addEventListener('abort', stop);
    if (io.signal.aborted) stop();
    for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
      const event = commandEvent.parse(JSON.parse(line));
      if (isToTell && !('exit' in event)) {
        io.note(
          `A Lectern has ${dataDir} open already: it does this too, until this command or that Lectern is ended.`,
        );
        isToTell = false;
      }
      if ('out' in event) io.print(event.out);
      else if ('progress' in event) io.progress(event.progress);
      else if ('note' in event) io.note(event.note);
      else if (event.failure === undefined) return event.exit;
      else return fail(event.exit, event.failure);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET')
      throw new LecternError('conflict', ENDED, { cause: error });
    throw error;
  } finally {
    io.signal.removeEventListener('abort', stop);
  }
  throw new LecternError('conflict', ENDED);
}

/** The other side ends the command where it stands, as a signal does here, and says what it still has to. */
async function stopCall({ origin, token }: RunningNote, id: string): Promise<void> {
  // Where it does not answer, its answer to the call ends as well.
  await fetch(`${origin}/api/command/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  }).catch(() => undefined);
}

/** Whether it was not begun because its Lectern had just ended: one that ends in order takes its note away, and waits for what it began. */
function isGone(error: unknown, note: RunningNote, dataDir: string): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED') return true;
  return (code === 'ECONNRESET' || code === 'EPIPE') && readRunningNote(dataDir)?.token !== note.token;
}

/** Not by `fetch`, which gives up after five minutes of silence: a receiver may wait for hours. */
async function post(note: RunningNote, body: string): Promise<IncomingMessage> {
  const request = http.request(`${note.origin}/api/command`, {
    method: 'POST',
    headers: { authorization: `Bearer ${note.token}`, 'content-type': 'application/json' },
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

async function passphrasesFor(
  { protection }: StateOfArchive,
  passphrases: CallPassphrases,
): Promise<{ current: string | undefined; next: string | undefined }> {
  const current = protection === 'passphrase' ? await passphrases.current() : undefined;
  return { current, next: await passphrases.next() };
}

/** How the archive of a Lectern stands; undefined where it does not answer. */
async function archiveOf({ origin, token }: RunningNote): Promise<StateOfArchive | undefined> {
  const response = await fetch(`${origin}/api/session`, { headers: { authorization: `Bearer ${token}` } }).catch(
    () => undefined,
  );
  return response?.ok === true ? z.object({ archive: stateOfArchive }).parse(await response.json()).archive : undefined;
}

async function unlock({ origin, token }: RunningNote, passphrase: string): Promise<void> {
  const response = await fetch(`${origin}/api/unlock`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ passphrase }),
  });
  if (response.ok) return;
  const { code, detail } = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  throw new LecternError(
    code === 'wrong-passphrase' ? code : 'conflict',
    detail ?? `The running Lectern answered ${response.status}.`,
  );
}
