// What a failure that nobody handles is told as, to whoever runs the program.
import { LecternError } from '#shared/contract/errors.ts';

/** One that is put into words already needs no stack. */
export function stderrLine(error: unknown): string {
  if (!(error instanceof Error)) return `lectern: ${String(error)}\n`;
  return `lectern: ${error instanceof LecternError ? error.message : (error.stack ?? error.message)}\n`;
}
