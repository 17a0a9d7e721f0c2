// What the system says of an address that cannot be listened on, in words.
import { LecternError } from '#shared/contract/errors.ts';

const NOT_LISTENING: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'this computer does not have that address',
  EACCES: 'this user may not; many systems keep the ports below 1024 for administrators',
  EAFNOSUPPORT: 'this computer has no network of that kind of address',
  ENOTFOUND: 'no address is known by that name',
};

/** `where`: address and port. */
export function notListening(where: string, cause: unknown): LecternError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return new LecternError('conflict', `Cannot listen on ${where}: ${NOT_LISTENING[code] ?? code}.`, { cause });
}
