// The two questions every route asks: may this person do it, and what goes into the audit log.
import type { Action, People, Person } from './people.ts';
import type { Audit, AuditEntry, AuditEvent } from '#backend/audit/audit-log.ts';
import { NotDestroyed } from '#backend/archive/removals.ts';
import { LecternError } from '#shared/contract/errors.ts';

/** A study counts as read once in this time, not once for each of its frames. */
const READ_WINDOW_MS = 10 * 60 * 1000;

export class UseCases {
  readonly #people: People;
  readonly #audit: Audit;
  readonly #lastRead = new Map<string, number>();

  constructor(people: People, audit: Audit) {
    this.#people = people;
    this.#audit = audit;
  }

  /** Who acts. Throws LecternError 'forbidden'. */
  check(action: Action, studyUid?: string): Person {
    const person = this.#people.current();
    if (this.#people.may(person, action, studyUid)) return person;
    this.audit('security-alert', 8, {
      detail: `refused: ${action}`,
      ...(studyUid !== undefined && { studyUids: [studyUid] }),
    });
    throw new LecternError('forbidden', `${person.name} may not ${action} here.`);
  }

  audit(
    event: AuditEvent,
    outcome: AuditEntry['outcome'],
    more: Partial<Omit<AuditEntry, 'event' | 'person' | 'outcome'>> = {},
  ): void {
    this.#audit.record({ event, person: this.#people.current(), outcome, ...more });
  }

  /** What an import took in, by what became of its files; also of one that did not come to its end. */
  auditImport(counts: Readonly<Record<string, number>>, isWhole: boolean, detail: string): void {
    this.audit('import', isWhole && !counts['refused'] ? 0 : 4, {
      instanceCount: (counts['stored'] ?? 0) + (counts['repaired'] ?? 0),
      detail: isWhole ? detail : `${detail}, not to its end`,
    });
  }

  /** A study or a part of one that goes: audited where it is gone, also where files of it could not be destroyed, which is thrown. */
  async auditRemoval(
    removal: Promise<void>,
    more: { studyUids?: readonly string[]; detail?: string },
    event: 'study-deleted' | 'patient-record' = 'study-deleted',
  ): Promise<void> {
    try {
      await removal;
      this.audit(event, 0, more);
    } catch (error) {
      if (error instanceof NotDestroyed)
        this.audit(event, 8, { ...more, detail: [more.detail, error.message].filter(Boolean).join('; ') });
      throw error;
    }
  }

  noteRead(studyUid: string): void {
    const now = performance.now();
    if (now - (this.#lastRead.get(studyUid) ?? -Infinity) < READ_WINDOW_MS) return;
    this.audit('instances-accessed', 0, { studyUids: [studyUid] });
    this.#lastRead.set(studyUid, now);
  }
}
