// POST /api/command: runs a command of the command line inside the Lectern that has the data folder open, and streams back
// what it prints. The command line hands its work over here when it finds the folder taken. DELETE /api/command/ID stops it, as a
// signal does: what it still has to say comes to its caller, who is told of all that was done.
import { Hono } from 'hono';
import { z } from 'zod';
import { LecternError } from '#shared/contract/errors.ts';
import { checkedBody } from './checked-body.ts';

/** Passphrases of a call, from where its caller gave them; undefined where he did not. */
export interface CommandPassphrases {
  /** The one in force. */
  current(): Promise<string | undefined>;
  next(): Promise<string | undefined>;
}

/** What a command talks to, wherever it runs. */
export interface CommandIo {
  /** Folder that relative paths of the call mean. */
  cwd: string;
  /** Somebody looks at the progress. */
  isWatched: boolean;
  signal: AbortSignal;
  print(line: string): void;
  /** A sentence that needs a look, beside the answer. */
  note(line: string): void;
  /** A line that the next one writes over; '' takes it away. */
  progress(line: string): void;
  /** What the caller gave on standard input. */
  stdin(): Promise<string>;
  passphrases: CommandPassphrases;
}

/** Runs one command to its exit code; expected failures are a sentence through `fail`. */
export type CommandRunner = (argv: readonly string[], io: CommandIo) => Promise<{ exit: number; failure?: string }>;

const commandBody = z.object({
  /** By which its caller stops it. */
  id: z.uuid(),
  argv: z.array(z.string().max(65536)).max(100_000),
  cwd: z.string().max(4096),
  isWatched: z.boolean(),
  stdin: z.string().max(65536).optional(),
  passphrases: z.object({ current: z.string().optional(), next: z.string().optional() }).default({}),
});

/** One line of the answer. */
export const commandEvent = z.union([
  z.object({ out: z.string() }),
  z.object({ progress: z.string() }),
  z.object({ note: z.string() }),
  z.object({ exit: z.number().int(), failure: z.string().optional() }),
]);
export type CommandEvent = z.infer<typeof commandEvent>;

const STOPPED = new LecternError('conflict', 'Stopped.');

export interface CommandRoutes {
  app: Hono;
  /** Resolves when no command that was handed over is running. */
  idle(): Promise<void>;
}

export function commandRoutes(run: CommandRunner | undefined): CommandRoutes {
  const app = new Hono();
  const active = new Map<string, { abort: AbortController; work: Promise<void> }>();
  app.post('/command', async (c) => {
    if (!run) throw new LecternError('not-implemented', 'This Lectern takes no commands.');
    const { id, argv, cwd, isWatched, stdin, passphrases } = await checkedBody(c.req.raw, commandBody);
    if (active.has(id)) throw new LecternError('conflict', `Call ${id} is under way already.`);
    const abort = new AbortController();
    let isHeard = true;
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => {
        const send = (event: CommandEvent): void => {
          if (isHeard) stream.enqueue(Buffer.from(`${JSON.stringify(event)}\n`));
        };
        const io: CommandIo = {
          cwd,
          isWatched,
          signal: abort.signal,
          print: (out) => send({ out }),
          note: (note) => send({ note }),
          progress: (progress) => send({ progress }),
          stdin: () => Promise.resolve(stdin ?? ''),
          passphrases: {
            current: () => Promise.resolve(passphrases.current),
            next: () => Promise.resolve(passphrases.next),
          },
        };
        const work = run(argv, io).then((end) => {
          send(end);
          if (isHeard) stream.close();
        });
        active.set(id, { abort, work });
        void work.finally(() => active.delete(id));
      },
      cancel: () => {
        isHeard = false;
        abort.abort(STOPPED);
      },
    });
    return new Response(body, { headers: { 'content-type': 'application/x-ndjson' } });
  });
  app.delete('/command/:id', (c) => {
    active.get(c.req.param('id'))?.abort.abort(STOPPED);
    return c.body(null, 204);
  });
  const idle = async (): Promise<void> => {
    while (active.size) await Promise.allSettled([...active.values()].map(({ work }) => work));
  };
  return { app, idle };
}
