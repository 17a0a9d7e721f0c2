// Which chord runs which command: the defaults with the person's own laid over them.
import type { Command } from './command.ts';
import { nameOfChord } from './chords.ts';
import { whyKept } from './kept-keys.ts';

/** The person's chords by command; a command that is absent keeps its defaults, an empty list has no key. */
export type KeyOverrides = Readonly<Record<string, readonly string[]>>;

type AnyCommand<Id extends string> = Pick<Command<Id, never>, 'id' | 'keys' | 'label'>;

/** Why a chord is not for this command; undefined where it is. Its own defaults always are. */
export const whyRefused = ({ keys }: Pick<AnyCommand<string>, 'keys'>, chord: string): string | undefined =>
  keys.includes(chord) ? undefined : whyKept(chord);

export function keysOf<Id extends string>(command: AnyCommand<Id>, overrides: KeyOverrides): readonly string[] {
  const own = overrides[command.id];
  if (!own) return command.keys;
  // Earlier versions let a person choose any.
  const possible = own.filter((chord) => whyRefused(command, chord) === undefined);
  return possible.length === 0 && own.length > 0 ? command.keys : possible;
}

/** Chords that several commands claim, each with those commands in list order; the first of them wins. */
export function conflictsOf<Id extends string>(
  commands: readonly AnyCommand<Id>[],
  overrides: KeyOverrides,
): Map<string, Id[]> {
  const claims = new Map<string, Id[]>();
  for (const command of commands)
    for (const chord of new Set(keysOf(command, overrides)))
      claims.set(chord, [...(claims.get(chord) ?? []), command.id]);
  return new Map([...claims].filter(([, ids]) => ids.length > 1));
}

/** The command of the first chord that any claims. */
export const commandOfChord = <Each extends AnyCommand<string>>(
  commands: readonly Each[],
  overrides: KeyOverrides,
  chords: readonly string[],
): Each | undefined =>
  chords
    .map((chord) => commands.find((command) => keysOf(command, overrides).includes(chord)))
    .find((command) => command !== undefined);

/** Label with its first key, for tooltips. */
export function hintOf<Id extends string>(command: AnyCommand<Id>, overrides: KeyOverrides): string {
  const [first] = keysOf(command, overrides);
  return first === undefined ? command.label : `${command.label} (${nameOfChord(first)})`;
}
