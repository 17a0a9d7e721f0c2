// Which job goes first, and which jobs do not wait for one another.
import type { Urgency } from '#shared/contract/network.ts';

/** Jobs of one lane run at most `atOnce` at a time. */
export interface Lane {
  name: string;
  atOnce: number;
}
export const LOCAL: Lane = { name: 'local', atOnce: 1 };

/** What a person looks at goes before what may be wanted next: higher is more urgent. */
export const URGENCY: Readonly<Record<Urgency, number>> = { visible: 40, study: 30, priors: 20, next: 10, bulk: 0 };
