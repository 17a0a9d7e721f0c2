// What every command of the command line looks like.
import type { Backend } from '#backend/app.ts';
import type { CommandIo } from '#backend/routes/command.ts';
import type { OptionShape } from './arguments.ts';

export interface CommandContext extends CommandIo {
  operands: string[];
  flags: Set<string>;
  values: Map<string, string>;
  lists: Map<string, string[]>;
  /** A path as the caller meant it. */
  pathOf(given: string): string;
  /** Throws LecternError 'conflict' once the command is to end. */
  checkStopped(): void;
  /** Opens the archive of the data folder; whoever runs the command closes it. Call it once the call itself is known to be
   * right: where another Lectern has the folder, the whole command is handed to that one from here. */
  open(): Promise<Backend>;
}

export interface Command {
  usage: string;
  about: string;
  options: OptionShape;
  /** It serves until a signal ends it, which is then no failure. */
  runsUntilEnded?: true;
  /** It asks for `passphrases`. */
  takesPassphrases?: true;
  /** Resolves to the exit code; throws UsageError or LecternError. */
  run(context: CommandContext): Promise<number>;
}
