// The latest records of the audit log, and whether its chain is whole.
import { useCallback, useEffect, useState } from 'react';
import { backend } from '../../backend-client/client.ts';
import { auditCells, AUDIT_HEADS } from './audit.logic.ts';
import { explainFailure } from './use-settings.ts';

const LIMIT = 100;

interface AuditView {
  records: readonly Record<string, unknown>[];
  firstBroken: number | null;
}

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
              {AUDIT_HEADS.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {view.records.map((record) => (
              <tr key={JSON.stringify(record)}>
                {auditCells(record).map((cell, index) => (
                  <td key={AUDIT_HEADS[index]}>{cell}</td>
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
