// What came of each file of a job, and the password that an encrypted ZIP wants.
import { useState } from 'react';
import { backend } from '../../backend-client/client.ts';
import type { FileReport, Job } from '#shared/contract/views.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { ReportTable } from './ReportTable.tsx';

interface JobReportProps {
  job: Job;
  report: readonly FileReport[];
  store: ArchiveStore;
}

export function JobReport(props: JobReportProps) {
  return (
    <>
      <LockedZips {...props} />
      <ReportTable job={props.job} report={props.report} />
    </>
  );
}

/** ZIP files of an import from paths of this machine whose members are encrypted: the password can be given here. */
function LockedZips({ report, job, store }: JobReportProps) {
  const [password, setPassword] = useState('');
  const locked = new Set(
    report.filter(({ code }) => code === 'password-needed').map(({ path }) => path.split('!/')[0] ?? path),
  );
  if (job.kind !== 'import' || job.finishedAt === null || locked.size === 0) return null;
  return (
    <form
      className="row"
      aria-label="Password of the encrypted ZIP files"
      onSubmit={(event) => {
        event.preventDefault();
        setPassword('');
        void store.attempt(() => backend.importPaths([...locked], password));
      }}
    >
      <label htmlFor={`password-${job.id}`}>
        {locked.size === 1 ? 'A ZIP file is' : `${locked.size} ZIP files are`} encrypted. Password, used once:
      </label>
      <input
        id={`password-${job.id}`}
        type="password"
        autoComplete="off"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <button type="submit" disabled={password === ''}>
        Import again
      </button>
    </form>
  );
}
