// Matches that cannot be read, told once for a whole list: how many, and which, by what can be read of them.
import { textOf } from '#shared/dicom/json-values.ts';
import type { QueryAnswer } from '../../source.ts';
import { readIdentifier } from '../identifier/read-identifier.ts';

/** Study Instance UID, Accession Number, Patient ID: the first that is there names a match. */
const NAMING = ['0020000D', '00080050', '00100020'];
const MOST_NAMED = 3;

export class UnreadableMatches {
  #count = 0;
  /** Of the first one. */
  #reason = '';
  readonly #names: string[] = [];

  note(reason: string, name?: string): void {
    if (this.#count++ === 0) this.#reason = reason;
    if (name !== undefined && this.#names.length < MOST_NAMED) this.#names.push(name);
  }

  *notice(): Generator<QueryAnswer> {
    if (this.#count === 0) return;
    const others = this.#names.length < this.#count ? [...this.#names, 'others'] : this.#names;
    const which = this.#names.length > 0 ? ` (${others.join(', ')})` : '';
    const what = this.#count === 1 ? 'A match' : `${this.#count} matches`;
    yield { kind: 'notice', code: 'match-unreadable', reason: `${what} cannot be read${which}: ${this.#reason}` };
  }
}

/** What names a match by what stands before the offset at which it cannot be read. */
export function nameBefore(offset: number, dataset: Buffer, transferSyntaxUid: string): string | undefined {
  const read = readIdentifier(dataset.subarray(0, offset), transferSyntaxUid);
  return read.ok ? NAMING.map((tag) => textOf(read.value.dataset, tag)).find(Boolean) : undefined;
}
