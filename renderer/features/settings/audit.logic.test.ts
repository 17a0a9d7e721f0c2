import { expect, test } from 'vitest';
import { AUDIT_EVENTS } from '#backend/audit/audit-log.ts';
import { auditCells, AUDIT_HEADS } from './audit.logic.ts';

test('a record reads in words, with nothing of it left out and its time as all others are written', () => {
  const dateTime = new Date(2026, 11, 1, 17, 4, 9).toISOString();
  const cells = auditCells({
    id: 7,
    eventId: '110105',
    action: 'D',
    dateTime,
    outcome: 4,
    activeParticipant: { userId: 'u', userName: 'Ada', isRequestor: true },
    source: 'Lectern',
    studyUids: ['1.2.3', '1.2.4'],
    patientIds: ['P1'],
    instanceCount: 12,
    detail: 'asked for by hand',
    later: { of: 'a newer version' },
  });
  expect(Object.fromEntries(AUDIT_HEADS.map((head, at) => [head, cells[at]]))).toEqual({
    'No.': '7',
    When: '2026-12-01 17:04:09',
    Event: 'Study deleted',
    Outcome: 'minor failure',
    Who: 'Ada',
    More: 'action delete; recorded by Lectern; study UIDs 1.2.3, 1.2.4; patient IDs P1; instances 12; asked for by hand; later {"of":"a newer version"}',
  });
});

test('the type of an event stands with it; what is not known stands as it is', () => {
  const eventOf = (eventId: string, eventType?: string): string | undefined => auditCells({ eventId, eventType })[2];
  expect(eventOf('110100', '110120')).toBe('Application activity: application start');
  expect(eventOf('110112')).toBe('Query');
  expect(eventOf('119999', 'x')).toBe('119999: x');
  expect(auditCells({ dateTime: 'never', outcome: 5 }).slice(1, 4)).toEqual(['never', '', '5']);
});

test.each(Object.values(AUDIT_EVENTS))('what the log uses has words: $code $type $action', ({ code, type, action }) => {
  const cells = auditCells({ eventId: code, eventType: type, action });
  expect(cells.join(' ')).not.toMatch(/\d|action .$/);
});
