// The fate of each file of a job: filtered by outcome and by text, saved as a file.
import { useState } from 'react';
import type { FileReport, Job } from '#shared/contract/views.ts';
import { outcomeWords } from './job-words.ts';

const MOST_ROWS = 500;

export function ReportTable({ job, report }: { job: Job; report: readonly FileReport[] }) {
  const [outcome, setOutcome] = useState('');
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const rows = report.filter(
    (item) =>
      (outcome === '' || item.outcome === outcome) &&
      (wanted === '' || `${item.path} ${item.reason ?? ''} ${item.code ?? ''}`.toLowerCase().includes(wanted)),
  );
  const counts = new Map<string, number>();
  for (const item of report) counts.set(item.outcome, (counts.get(item.outcome) ?? 0) + 1);
  return (
    <div>
      <div className="row">
        <label>
          Show{' '}
          <select value={outcome} onChange={(event) => setOutcome(event.target.value)}>
            <option value="">all {report.length}</option>
            {[...counts].map(([name, count]) => (
              <option key={name} value={name}>
                {outcomeWords(name, job.kind)} ({count})
              </option>
            ))}
          </select>
        </label>
        <input
          type="search"
          aria-label="Filter the report by path or reason"
          placeholder="Path or reason"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <a href={`/api/jobs/${job.id}/report?format=csv`} download="lectern-report.csv">
          Save as CSV
        </a>
        <a href={`/api/jobs/${job.id}/report?format=json`} download="lectern-report.json">
          Save as JSON
        </a>
        {rows.length > MOST_ROWS && (
          <span className="warning">
            The first {MOST_ROWS} of {rows.length} are shown; the saved report holds all.
          </span>
        )}
      </div>
      <div className="report" tabIndex={0} role="region" aria-label="Report, file by file">
        <table>
          <thead>
            <tr>
              <th scope="col">Outcome</th>
              <th scope="col">File</th>
              <th scope="col">Reason</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST_ROWS).map((item) => (
              <tr key={item.path}>
                <td>{outcomeWords(item.outcome, job.kind)}</td>
                <td>{item.path}</td>
                <td>{item.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <p className="quiet">No file fits this filter.</p>}
      </div>
    </div>
  );
}
