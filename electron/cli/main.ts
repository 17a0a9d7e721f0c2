// The command line over the same use cases as the window: import, ls, show, export, verify, rebuild, rm, serve. Answers on
// stdout, one sentence on stderr where something failed, exit 0 done, 1 failed, 2 usage, 3 done but something needs a look.
import fs from 'node:fs';
import { LecternError } from '#shared/contract/errors.ts';
import { parseArguments, UsageError, type OptionShape } from './arguments.ts';
import type { Command, CommandContext } from './command.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { lsCommand } from './ls.ts';
import { rebuildCommand, rmCommand, verifyCommand } from './maintain.ts';
import { openLocalBackend } from './open-backend.ts';
import { serveCommand } from './serve.ts';
import { showCommand } from './show.ts';

const COMMANDS: Record<string, Command> = {
  import: importCommand,
  ls: lsCommand,
  show: showCommand,
  export: exportCommand,
  verify: verifyCommand,
  rebuild: rebuildCommand,
  rm: rmCommand,
  serve: serveCommand,
};
const GLOBAL_OPTIONS: OptionShape = { data: 'value', 'passphrase-file': 'value', help: 'flag', json: 'flag' };

const HELP = `usage: lectern [--data DIR] [--passphrase-file F] COMMAND

${Object.values(COMMANDS)
  .map((command) => `  ${command.usage.padEnd(66)} ${command.about}`)
  .join('\n')}

  --data DIR             the data folder; else LECTERN_DATA, else the user's own
  --passphrase-file F    holds the passphrase of the archive; else LECTERN_PASSPHRASE
  exit code: 0 done, 1 failed, 2 wrong call, 3 done but something needs a look
`;

async function main(argv: readonly string[]): Promise<number> {
  const name = commandName(argv);
  const command = name === undefined ? undefined : COMMANDS[name];
  if (!command) {
    const wantsHelp = argv.includes('--help');
    if (wantsHelp && name === undefined) process.stdout.write(HELP);
    else if (name === undefined) throw new UsageError('A command is needed; see --help.');
    else throw new UsageError(`There is no command ${name}; see --help.`);
    return 0;
  }
  const parsed = parseArguments(argv, { ...GLOBAL_OPTIONS, ...command.options });
  if (parsed.flags.has('help')) {
    process.stdout.write(`usage: lectern ${command.usage}\n${command.about}\n`);
    return 0;
  }
  const context: CommandContext = {
    operands: parsed.operands.slice(1),
    flags: parsed.flags,
    values: parsed.values,
    lists: parsed.lists,
    print: printLine,
    open: () => openLocalBackend(parsed.values.get('data'), parsed.values.get('passphrase-file')),
  };
  return command.run(context);
}

/** The first argument that is neither an option nor an option's value. */
function commandName(argv: readonly string[]): string | undefined {
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? '';
    if (!argument.startsWith('--')) return argument;
    if (GLOBAL_OPTIONS[argument.slice(2)] === 'value') i++;
  }
  return undefined;
}

/** Written at once and in order: a line is out before the next thing happens. */
function printLine(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0; at < bytes.length;) {
    try {
      at += fs.writeSync(1, bytes, at);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') continue;
      throw error;
    }
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1;
  const isClosedPipe = error instanceof Error && 'code' in error && error.code === 'EPIPE';
  if (!isClosedPipe) process.stderr.write(`lectern: ${sentence(error)}\n`);
}
process.exit();

function sentence(error: unknown): string {
  if (error instanceof UsageError || error instanceof LecternError) return error.message;
  return error instanceof Error ? error.message.split('\n')[0] || error.name : String(error);
}
