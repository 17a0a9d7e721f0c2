import { expect, test } from 'vitest';
import type { AuditEntry } from '#backend/audit/audit-log.ts';
import { localPeople } from './people.ts';
import { UseCases } from './use-cases.ts';

test('a study counts as read once its record is taken: what could not be recorded is recorded the next time', () => {
  const records: AuditEntry[] = [];
  let isBroken = true;
  const useCases = new UseCases(localPeople('reader'), {
    record: (entry) => {
      if (isBroken) throw new Error('no log');
      records.push(entry);
    },
  });
  expect(() => useCases.noteRead('1.2')).toThrow('no log');
  isBroken = false;
  for (let time = 0; time < 3; time++) useCases.noteRead('1.2');
  expect(records).toMatchObject([{ event: 'instances-accessed', studyUids: ['1.2'] }]);
});
