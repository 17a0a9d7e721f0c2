// Runs one command of the command line, in its own process or inside the Lectern that has the data folder open.
import path from 'node:path';
import type { Backend } from '#backend/app.ts';
import type { CommandIo } from '#backend/routes/command.ts';
import { COMMAND_NAMES, type CommandName } from '#shared/contract/command-names.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { parseArguments, UsageError, type OptionShape } from './arguments.ts';
import type { Command } from './command.ts';
import { exportCommand } from './export.ts';
import { findCommand } from './find.ts';
import { importCommand } from './import.ts';
import { lsCommand } from './ls.ts';
import { rebuildCommand, rmCommand, verifyCommand } from './maintain.ts';
import { echoCommand, nodesCommand } from './nodes.ts';
import { passphraseCommand } from './passphrase.ts';
import { scpCommand } from './scp.ts';
import { serveCommand } from './serve.ts';
import { showCommand } from './show.ts';
import { getCommand, sendCommand } from './transfer.ts';

const COMMANDS: Record<CommandName, Command> = {
  import: importCommand,
  ls: lsCommand,
  show: showCommand,
  export: exportCommand,
  verify: verifyCommand,
  rebuild: rebuildCommand,
  rm: rmCommand,
  passphrase: passphraseCommand,
  serve: serveCommand,
  nodes: nodesCommand,
  echo: echoCommand,
  find: findCommand,
  get: getCommand,
  send: sendCommand,
  scp: scpCommand,
};
const GLOBAL_OPTIONS: OptionShape = { data: 'value', 'passphrase-file': 'value', help: 'flag', json: 'flag' };

const HELP = `usage: lectern [--data DIR] [--passphrase-file F] COMMAND

${Object.values(COMMANDS)
  .map((command) => `  ${command.usage}\n      ${command.about}`)
  .join('\n')}

  --data DIR             the data folder; else LECTERN_DATA, else the user's own
  --passphrase-file F    holds the passphrase of the archive; else LECTERN_PASSPHRASE
  exit code: 0 done, 1 failed, 2 wrong call, 3 done but something needs a look`;

/** Opens the backend for a command, by its global options. */
export type BackendOpener = (data: string | undefined) => Promise<Backend>;

/** Resolves to the exit code. Throws UsageError, LecternError, and whatever `open` throws. */
export async function runCommand(argv: readonly string[], io: CommandIo, open: BackendOpener): Promise<number> {
  const name = commandName(argv);
  const command = name === undefined ? undefined : commandNamed(name);
  if (!command) {
    if (name !== undefined) throw new UsageError(`There is no command ${name}; see --help.`);
    if (!argv.includes('--help')) throw new UsageError('A command is needed; see --help.');
    io.print(HELP);
    return 0;
  }
  const parsed = parseArguments(argv, { ...GLOBAL_OPTIONS, ...command.options });
  if (parsed.flags.has('help')) {
    io.print(`usage: lectern ${command.usage}\n${command.about}`);
    return 0;
  }
  const stopped = (cause?: unknown): LecternError =>
    new LecternError('conflict', 'Stopped; what is told above was done.', { cause });
  const running = command.run({
    ...io,
    operands: parsed.operands.slice(1),
    flags: parsed.flags,
    values: parsed.values,
    lists: parsed.lists,
    pathOf: (given) => path.resolve(io.cwd, given),
    checkStopped: () => {
      if (io.signal.aborted) throw stopped();
    },
    open: () => open(parsed.values.get('data')),
  });
  return running.catch((error: unknown) => {
    // What waits for a network ends with the words of the signal, which are for programs.
    const isOfSignal = io.signal.aborted && error instanceof Error && error.name === 'AbortError';
    throw isOfSignal ? stopped(error) : error;
  });
}

/** Whether the call is of a command that serves until it is ended. */
export function runsUntilEnded(argv: readonly string[]): boolean {
  const name = commandName(argv);
  return name !== undefined && commandNamed(name)?.runsUntilEnded === true;
}

/** Whether the call is of a command that asks for passphrases. */
export function takesPassphrases(argv: readonly string[]): boolean {
  const name = commandName(argv);
  return name !== undefined && commandNamed(name)?.takesPassphrases === true;
}

const commandNamed = (name: string): Command | undefined => {
  const known = COMMAND_NAMES.find((other) => other === name);
  return known && COMMANDS[known];
};

/** The first argument that is neither an option nor an option's value. */
function commandName(argv: readonly string[]): string | undefined {
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? '';
    if (!argument.startsWith('--')) return argument;
    if (GLOBAL_OPTIONS[argument.slice(2)] === 'value') i++;
  }
  return undefined;
}

/** Runs a command inside an open backend for `POST /api/command`: its failures become an exit code and a sentence. */
export async function runHandedCommand(
  argv: readonly string[],
  io: CommandIo,
  backend: Backend,
): Promise<{ exit: number; failure?: string }> {
  try {
    return { exit: await runCommand(argv, io, () => Promise.resolve(backend)) };
  } catch (error) {
    return { exit: exitCodeOf(error), failure: sentenceOf(error) };
  }
}

export const exitCodeOf = (error: unknown): number => (error instanceof UsageError ? 2 : 1);

export function sentenceOf(error: unknown): string {
  if (error instanceof UsageError || error instanceof LecternError) return error.message;
  return error instanceof Error ? error.message.split('\n')[0] || error.name : String(error);
}
