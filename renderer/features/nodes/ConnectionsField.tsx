// How many connections a transfer with a node may use at a time; the same for both protocols.
import { DEFAULT_CONNECTIONS } from '#shared/contract/nodes.ts';
import { TextField } from './Field.tsx';
import type { FieldsProps } from './NodeForm.tsx';

export function ConnectionsField({ draft, problems, set }: Pick<FieldsProps, 'draft' | 'problems' | 'set'>) {
  return (
    <TextField
      label="Connections at a time"
      isNumber
      value={draft.connections}
      problem={problems.connections}
      placeholder={String(DEFAULT_CONNECTIONS)}
      hint={`From 1 to 8, to retrieve the series of a study and to send. Empty: ${DEFAULT_CONNECTIONS} to retrieve, 1 to send.`}
      onChange={(connections) => set({ connections })}
    />
  );
}
