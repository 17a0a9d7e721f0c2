// The command line as a process: answers on stdout, one sentence on stderr where something failed, exit 0 done, 1 failed, 2
// usage, 3 done but something needs a look. Where another Lectern has the data folder, the work is handed to it.
import { once } from 'node:events';
import fs from 'node:fs';
import { text } from 'node:stream/consumers';
import { isatty as isTerminal } from 'node:tty';
import type { Backend } from '#backend/app.ts';
import { notWritten } from '#backend/base/not-written.ts';
import { argumentsAsShown } from './arguments.ts';
import { CallPassphrases } from './call-passphrases.ts';
import { currentFolder } from './current-folder.ts';
import { endWithStarter } from './end-with-starter.ts';
import { handOver, type CallerIo } from './hand-over.ts';
import { DataFolderTaken, openForCommands, type OpenedForCommands } from './open-backend.ts';
import { onOneLine } from './on-one-line.ts';
import { exitCodeOf, runCommand, sentenceOf } from './run-command.ts';

const abort = new AbortController();
const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** Written at once and in order: a line is out before the next thing happens. */
function printLine(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0; at < bytes.length;) {
    try {
      at += fs.writeSync(1, bytes, at);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      // Whoever reads is slow: wait a moment and go on.
      if (code === 'EAGAIN') Atomics.wait(PAUSE, 0, 0, 1);
      else if (code === 'EPIPE') {
        // Nobody reads any more: the command ends in order.
        abort.abort();
        return;
      } else throw notWritten('The answer', error);
    }
  }
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => abort.abort());
endWithStarter(() => abort.abort());
const argv = argumentsAsShown(process.argv.slice(2));
let given: Promise<string> | undefined;
const ioOfProcess = (): CallerIo => ({
  // npm runs scripts in the folder of package.json; paths mean the folder that the person stands in.
  cwd: (process.env['npm_lifecycle_event'] === 'lectern' && process.env['INIT_CWD']) || currentFolder(),
  isWatched: isTerminal(2),
  signal: abort.signal,
  print: printLine,
  note: (line) => process.stderr.write(`lectern: ${onOneLine(line)}\n`),
  progress: (line) => {
    if (isTerminal(2)) process.stderr.write(`\r\x1b[K${line}`);
  },
  // Read once: a command that comes to a Lectern just as that ends is begun anew.
  stdin: () => (given ??= process.parentPort ? stdinFromMain() : text(process.stdin)),
  passphrases: new CallPassphrases(argv),
});

/** Under Electron main reads standard input, which a utility process does not have. */
async function stdinFromMain(): Promise<string> {
  const [message] = (await once(process.parentPort, 'message')) as [{ data: { stdin: string } }];
  return message.data.stdin;
}

/** How long a data folder may be taken by a Lectern that does not answer. */
const TAKEN_FOR_MS = 10_000;
const LOOK_EVERY_MS = 50;

async function main(): Promise<number> {
  const io = ioOfProcess();
  let opened: OpenedForCommands | undefined;
  const open = async (data?: string): Promise<Backend> => {
    opened ??= await openForCommands(data, io.passphrases);
    return opened.backend;
  };
  try {
    for (const until = performance.now() + TAKEN_FOR_MS; ;) {
      const taken = await runCommand(argv, io, open).catch((error: unknown) => {
        if (error instanceof DataFolderTaken) return error;
        throw error;
      });
      if (typeof taken === 'number') return taken;
      const exit = await handOver(argv, io, taken.dataDir);
      if (exit !== undefined) return exit;
      // Just starting, or just ending: it will be reachable or gone in a moment.
      if (performance.now() > until) throw taken;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  } finally {
    await opened?.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  const isClosedPipe = error instanceof Error && 'code' in error && error.code === 'EPIPE';
  if (!isClosedPipe) process.stderr.write(`lectern: ${onOneLine(sentenceOf(error))}\n`);
}
process.exit();
