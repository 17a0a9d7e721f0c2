// What keeps priors from coming, for a person to see: by node and what was asked of it; gone once it works again.
import type { PriorProblem } from '#shared/contract/receiver.ts';

/** So many failures one after the other, and a node is taken for one that is away. */
const AWAY_AFTER = 4;

interface Failures {
  /** Choices that this node failed, or was not asked for meanwhile, and has not made since. */
  choices: Set<string>;
  inARow: number;
  /** ms since 1970. */
  lastAt: number;
  reason: string;
}

export class PriorProblems {
  readonly #others = new Map<string, PriorProblem>();
  readonly #failures = new Map<string, Failures>();

  list(): PriorProblem[] {
    const failed = [...this.#failures].map(([node, { choices, lastAt, reason }]): PriorProblem => {
      const more =
        choices.size > 1 ? ` Priors of ${choices.size} studies or worklist entries were not looked for.` : '';
      return { at: lastAt, node, what: 'priors', reason: reason + more };
    });
    return [...failed, ...this.#others.values()];
  }

  clear(): void {
    this.#others.clear();
    this.#failures.clear();
  }

  note(key: string, problem: Omit<PriorProblem, 'at'>): void {
    this.#others.set(key, { at: Date.now(), ...problem });
  }
  gone(key: string): void {
    this.#others.delete(key);
  }

  /** A choice of priors came to nothing at this node. */
  failed(node: string, choice: string, reason: string): void {
    const { choices, inARow } = this.#failures.get(node) ?? { choices: new Set(), inARow: 0 };
    choices.add(choice);
    this.#failures.set(node, { choices, inARow: inARow + 1, lastAt: Date.now(), reason });
  }

  /** It was made: told still while others are not, though the node answers again. */
  made(node: string, choice: string): void {
    const failures = this.#failures.get(node);
    if (!failures) return;
    failures.inARow = 0;
    failures.choices.delete(choice);
    if (failures.choices.size === 0) this.#failures.delete(node);
  }

  /** Whether the node went away after `since`, so that a choice that has waited since then is not asked of it; it counts as failed. */
  isAway(node: string, since: number, choice: string): boolean {
    const failures = this.#failures.get(node);
    if (!failures || failures.inARow < AWAY_AFTER || failures.lastAt <= since) return false;
    failures.choices.add(choice);
    return true;
  }
}
