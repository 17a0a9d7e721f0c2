// The passphrases of one call of the command line: from a file or the environment, else typed on its terminal, each once.
import fs from 'node:fs';
import type { CommandPassphrases } from '#backend/routes/command.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { SessionInfo } from '#shared/contract/views.ts';
import { UsageError, valueOf } from './arguments.ts';
import { askPassphrase } from './ask-passphrase.ts';

const TRIES = 3;

/** The passphrase in force as a start of Lectern is given it, without asking. */
export function givenPassphrase(file: string | undefined, env: NodeJS.ProcessEnv = process.env): string | undefined {
  return file === undefined ? env['LECTERN_PASSPHRASE'] || undefined : readPassphrase(file);
}

/** What stands in a file without the end of its line, and the byte order mark that some editors put before it. Throws UsageError. */
export function readPassphrase(file: string, kind = 'passphrase'): string {
  try {
    return fs
      .readFileSync(file, 'utf8')
      .replace(/^\uFEFF/, '')
      .replace(/\r?\n$/, '');
  } catch {
    throw new UsageError(`The ${kind} file ${file} cannot be read.`);
  }
}

/** A sentence where one was given and nothing asks for it. */
export function unusedPassphrase(
  { protection }: Pick<SessionInfo['archive'], 'protection'>,
  given: string | undefined,
): string | undefined {
  return given === undefined || protection === 'passphrase'
    ? undefined
    : 'The archive has no passphrase: the one given is not used. "lectern passphrase" sets one.';
}

export class CallPassphrases implements CommandPassphrases {
  readonly #argv: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #typed: string | undefined;
  #next: Promise<string | undefined> | undefined;

  constructor(argv: readonly string[], env = process.env) {
    this.#argv = argv;
    this.#env = env;
  }

  get given(): string | undefined {
    return givenPassphrase(valueOf(this.#argv, 'passphrase-file'), this.#env);
  }

  async current(): Promise<string | undefined> {
    return this.given ?? (this.#typed ??= await askPassphrase('Passphrase of the archive: '));
  }

  next(): Promise<string | undefined> {
    const file = valueOf(this.#argv, 'new-passphrase-file');
    return (this.#next ??= file === undefined ? typedTwice() : Promise.resolve(readPassphrase(file)));
  }

  /** Gives `unlock` the one in force; on a terminal a wrong one may be typed anew. Without one it is told in the same words for
   * every command. */
  async unlock(unlock: (passphrase: string) => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      const passphrase = await this.current();
      if (passphrase === undefined)
        throw new LecternError(
          'archive-locked',
          'The archive is protected by a passphrase: give it in LECTERN_PASSPHRASE or by --passphrase-file.',
        );
      try {
        return await unlock(passphrase);
      } catch (error) {
        const isWrong = error instanceof LecternError && error.code === 'wrong-passphrase';
        if (!isWrong || this.given !== undefined || tries === TRIES) throw error;
        this.#typed = undefined;
        process.stderr.write(`lectern: ${error.message}\n`);
      }
    }
  }
}

async function typedTwice(): Promise<string | undefined> {
  const first = await askPassphrase('New passphrase, at least 8 characters: ');
  if (first !== undefined && (await askPassphrase('Again: ')) !== first)
    throw new LecternError('bad-request', 'The two entries differ.');
  return first;
}
