// Splits the command line: global options before or after the command, the command's own options and operands.
import fs from 'node:fs';
import { shownName } from '#backend/base/raw-path.ts';

/** A wrong call: one sentence, exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** The arguments of this process, where bytes that are no UTF-8 are still told apart: Node has U+FFFD for all of them, and a file of
 * a disc in Latin-1 could not be named. */
export function argumentsAsShown(argv: readonly string[]): string[] {
  if (process.platform !== 'linux' || !argv.some((argument) => argument.includes('\uFFFD'))) return [...argv];
  // As the kernel keeps it: each argument ends with a zero.
  const given = fs.readFileSync('/proc/self/cmdline').toString('latin1').split('\0').slice(0, -1).slice(-argv.length);
  return argv.map((argument, at) =>
    argument.includes('\uFFFD') ? shownName(Buffer.from(given[at] ?? '', 'latin1')) : argument,
  );
}

/** The value of an option, before the call is taken apart as its command wants it. */
export function valueOf(argv: readonly string[], name: string): string | undefined {
  const end = argv.indexOf('--');
  const options = end < 0 ? argv : argv.slice(0, end);
  const at = options.findLastIndex((argument) => argument === `--${name}` || argument.startsWith(`--${name}=`));
  if (at < 0) return undefined;
  return options[at]?.includes('=') ? options[at].slice(name.length + 3) : options[at + 1];
}

export interface OptionShape {
  /** `value`: the next argument belongs to it; `list`: it may come several times. */
  [name: string]: 'flag' | 'value' | 'list';
}

export interface Arguments {
  operands: string[];
  flags: Set<string>;
  values: Map<string, string>;
  lists: Map<string, string[]>;
}

export function parseArguments(argv: readonly string[], shape: OptionShape): Arguments {
  const parsed: Arguments = { operands: [], flags: new Set(), values: new Map(), lists: new Map() };
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? '';
    if (argument === '--') {
      parsed.operands.push(...argv.slice(i + 1));
      break;
    }
    if (!argument.startsWith('--')) {
      parsed.operands.push(argument);
      continue;
    }
    const equals = argument.indexOf('=');
    const name = argument.slice(2, equals < 0 ? undefined : equals);
    const kind = shape[name];
    if (kind === undefined) throw new UsageError(`There is no option --${name}; see --help.`);
    if (kind === 'flag') {
      parsed.flags.add(name);
      continue;
    }
    const value = equals < 0 ? argv[++i] : argument.slice(equals + 1);
    if (value === undefined) throw new UsageError(`--${name} needs a value.`);
    if (kind === 'list') parsed.lists.set(name, [...(parsed.lists.get(name) ?? []), value]);
    else parsed.values.set(name, value);
  }
  return parsed;
}
