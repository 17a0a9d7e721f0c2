// What the system asks Lectern to open: paths and `lectern://study/UID` links among the arguments of a start.
import path from 'node:path';

export interface OpenRequest {
  /** Absolute paths to import. */
  paths: string[];
  studyUid: string | undefined;
}

const WITH_VALUE: ReadonlySet<string> = new Set(['--data', '--port', '--passphrase-file']);

/** Study of a link; undefined for anything but `lectern://study/` and a UID (PS3.5 9.1). */
export function studyOfLink(link: string): string | undefined {
  const uid = /^lectern:\/\/study\/([0-9]+(?:\.[0-9]+)+)\/?$/.exec(link)?.[1];
  return uid !== undefined && uid.length <= 64 ? uid : undefined;
}

/** Reads arguments after the program's own. Options, Chromium's switches included, are not paths. */
export function parseOpenRequest(argv: readonly string[], folder: string): OpenRequest {
  const found: OpenRequest = { paths: [], studyUid: undefined };
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? '';
    if (WITH_VALUE.has(argument)) i++;
    else if (argument.startsWith('lectern:')) found.studyUid = studyOfLink(argument) ?? found.studyUid;
    else if (argument !== '' && !argument.startsWith('-')) found.paths.push(path.resolve(folder, argument));
  }
  return found;
}

/** Value of an option in `--name value` or `--name=value` form. */
export function optionOf(argv: readonly string[], name: string): string | undefined {
  const inline = argv.find((argument) => argument.startsWith(`${name}=`));
  if (inline !== undefined) return inline.slice(name.length + 1);
  const at = argv.indexOf(name);
  return at < 0 ? undefined : argv[at + 1];
}
