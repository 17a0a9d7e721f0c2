// The shape of a command. Lists of them belong to the features.

export interface Command<Id extends string, Context> {
  id: Id;
  label: string;
  /** Heading in palette, help and settings. */
  group: string;
  /** Default chords (`chords.ts`); several may run one command. */
  keys: readonly string[];
  /** A key that is held down runs it again and again. */
  repeats?: boolean;
  /** False greys it out and makes its key do nothing; absent: always possible. */
  enabled?(context: Context): boolean;
  run(context: Context): void;
}
