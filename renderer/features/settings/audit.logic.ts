// Records of the audit log (PS3.15 A.5) in words. Pure.

export const AUDIT_HEADS = ['No.', 'When', 'Event', 'Outcome', 'Who', 'More'];

/** Events and their types (PS3.16 CID 400 and 401). */
const EVENT_WORDS: Record<string, string> = {
  110100: 'Application activity',
  110101: 'Audit log used',
  110102: 'Transfer begun',
  110103: 'Instances accessed',
  110104: 'Instances transferred',
  110105: 'Study deleted',
  110106: 'Export',
  110107: 'Import',
  110108: 'Network entry',
  110110: 'Patient record',
  110112: 'Query',
  110113: 'Security alert',
  110114: 'User authentication',
};
const TYPE_WORDS: Record<string, string> = {
  110120: 'application start',
  110121: 'application stop',
  110122: 'login',
  110126: 'node authentication',
  110128: 'network configuration',
  110129: 'security configuration',
  110131: 'software configuration',
};
const OUTCOME_WORDS: Record<string, string> = {
  0: 'success',
  4: 'minor failure',
  8: 'serious failure',
  12: 'major failure',
};
/** PS3.15 A.5.1, EventActionCode. */
const ACTION_WORDS: Record<string, string> = { C: 'create', R: 'read', U: 'update', D: 'delete', E: 'execute' };

/** What has a column of its own; the rest stands in the last one, so that nothing of a record is left out. */
const NAMED = ['id', 'dateTime', 'eventId', 'eventType', 'outcome', 'activeParticipant'];
const REST_WORDS: Record<string, string> = {
  source: 'recorded by',
  studyUids: 'study UIDs',
  patientIds: 'patient IDs',
  instanceCount: 'instances',
};

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number'
    ? String(value)
    : value === undefined || value === null
      ? ''
      : Array.isArray(value)
        ? value.map(textOf).join(', ')
        : JSON.stringify(value);
const inWords = (value: unknown, words: Record<string, string>): string => words[textOf(value)] ?? textOf(value);
const personOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'userName' in value ? textOf(value.userName) : textOf(value);

/** Local time, YYYY-MM-DD HH:MM:SS; as it is where it is no time. */
function momentOf(value: unknown): string {
  const date = new Date(textOf(value));
  if (Number.isNaN(date.getTime())) return textOf(value);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace('T', ' ');
}

function restOf([name, value]: [string, unknown]): string {
  if (name === 'detail') return textOf(value);
  return `${REST_WORDS[name] ?? name} ${name === 'action' ? inWords(value, ACTION_WORDS) : textOf(value)}`;
}

/** One for each of the heads. */
export function auditCells(record: Record<string, unknown>): string[] {
  const rest = Object.entries(record).filter(([name, value]) => !NAMED.includes(name) && textOf(value) !== '');
  const event = [inWords(record['eventId'], EVENT_WORDS), inWords(record['eventType'], TYPE_WORDS)];
  return [
    textOf(record['id']),
    momentOf(record['dateTime']),
    event.filter(Boolean).join(': '),
    inWords(record['outcome'], OUTCOME_WORDS),
    personOf(record['activeParticipant']),
    rest.map(restOf).join('; '),
  ];
}
