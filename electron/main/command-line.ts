// The packaged program is also its command line: `lectern import ...` runs the commands in a process of their own, without a
// window. (The fuses forbid running the program as plain Node.)
import type { UtilityProcess } from 'electron';
import { COMMAND_NAMES } from '#shared/contract/command-names.ts';

/** The arguments of a command, if the program was started for one; `--help` alone asks for the command line's help. */
export function commandOf(argv: readonly string[]): readonly string[] | undefined {
  if (argv.includes('--help')) return argv;
  let at = 0;
  while (argv[at]?.startsWith('--') === true) at += /^--(data|passphrase-file)$/.test(argv[at] ?? '') ? 2 : 1;
  return COMMAND_NAMES.some((name) => name === argv[at]) ? argv : undefined;
}

export interface CommandProcess {
  /** Starts the command line's entry with these arguments. */
  fork(argv: readonly string[]): Pick<UtilityProcess, 'once' | 'postMessage' | 'kill'>;
  /** All of standard input; asked for only where a command reads it. */
  stdin(): Promise<string>;
  exit(code: number): void;
}

/** Runs a command to its end; the program's exit code is the command's. */
export function runCommandLine(argv: readonly string[], { fork, stdin, exit }: CommandProcess): void {
  const child = fork(argv);
  child.once('exit', (code) => exit(code));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => child.kill());
  if (argv.some((argument) => argument.endsWith('-stdin')))
    void stdin().then(
      (given) => child.postMessage({ stdin: given }),
      () => child.postMessage({ stdin: '' }),
    );
}
