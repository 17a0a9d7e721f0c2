// The latest records of the audit log, and whether its chain is whole.
import { useCallback, useEffect, useState } from 'react';
import { backend } from '../../backend-client/client.ts';
import { explainFailure } from './use-settings.ts';

const LIMIT = 100;

interface AuditView {
  records: readonly Record<string, unknown>[];
  firstBroken: number | null;
}

/** PS3.15 A.5.3, the event IDs of PS3.16 CID 400. */
const EVENT_WORDS: Record<string, string> = {
  110100: 'Application activity',
  110101: 'Audit log used',
  110102: 'Transfer begun',
  110103: 'Instances accessed',
  110104: 'Instances transferred',
  110105: 'Study deleted',
  110106: 'Export',
  110107: 'Import',
  110110: 'Patient record',
  110112: 'Query',
  110113: 'Security alert',
  110114: 'User authentication',
};
const OUTCOME_WORDS: Record<string, string> = {
  0: 'success',
  4: 'minor failure',
  8: 'serious failure',
  12: 'major failure',
};

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number'
    ? String(value)
    : value === undefined || value === null
      ? ''
      : JSON.stringify(value);
const personOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'userName' in value ? textOf(value.userName) : textOf(value);

/** What has a column of its own; the rest stands in the last one, so that nothing of a record is left out. */
const NAMED = ['id', 'dateTime', 'eventId', 'outcome', 'activeParticipant'];

function cellsOf(record: Record<string, unknown>): string[] {
  const rest = Object.entries(record).filter(([name, value]) => !NAMED.includes(name) && textOf(value) !== '');
  const event = textOf(record['eventId']);
  const outcome = textOf(record['outcome']);
  return [
    textOf(record['id']),
    new Date(textOf(record['dateTime'])).toLocaleString(),
    EVENT_WORDS[event] ?? event,
    OUTCOME_WORDS[outcome] ?? outcome,
    personOf(record['activeParticipant']),
    rest.map(([name, value]) => `${name} ${textOf(value)}`).join('; '),
  ];
}
const HEADS = ['No.', 'When', 'Event', 'Outcome', 'Who', 'More'];

export function AuditSection() {
  const [view, setView] = useState<AuditView>();
  const [failure, setFailure] = useState<string>();
  const load = useCallback(async () => {
    try {
      setView(await backend.audit(LIMIT));
    } catch (error) {
      setFailure(explainFailure(error, 'view of the audit log yet'));
    }
  }, []);
  useEffect(() => void load(), [load]);
  if (failure !== undefined)
    return <p className="warning">{failure} The log itself is kept by the backend all the same.</p>;
  if (!view) return <p className="quiet">Asking</p>;
  return (
    <>
      <p className={view.firstBroken === null ? '' : 'dangerous'}>
        {view.firstBroken === null
          ? 'The chain of records is whole.'
          : `The chain is broken at record ${view.firstBroken}: records from there on may have been changed or taken away.`}
      </p>
      <div className="report" tabIndex={0} role="region" aria-label="Audit records">
        <table>
          <thead>
            <tr>
              {HEADS.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {view.records.map((record) => (
              <tr key={JSON.stringify(record)}>
                {cellsOf(record).map((cell, index) => (
                  <td key={HEADS[index]}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {view.records.length === LIMIT && <p className="quiet">The latest {LIMIT} records are shown.</p>}
    </>
  );
}
