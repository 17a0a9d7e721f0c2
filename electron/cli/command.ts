// What every command of the command line looks like.
import type { Backend } from '#backend/app.ts';
import type { OptionShape } from './arguments.ts';

export interface CommandContext {
  operands: string[];
  flags: Set<string>;
  values: Map<string, string>;
  lists: Map<string, string[]>;
  /** One line to stdout. */
  print(line: string): void;
  /** Opens the archive of the data folder. */
  open(): Promise<Backend>;
}

export interface Command {
  usage: string;
  about: string;
  options: OptionShape;
  /** Resolves to the exit code; throws UsageError or LecternError. */
  run(context: CommandContext): Promise<number>;
}
