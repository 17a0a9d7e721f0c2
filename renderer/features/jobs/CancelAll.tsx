// Ends all jobs that are under way, after a question.
import { useState } from 'react';
import { backend } from '../../backend-client/client.ts';
import type { Job } from '#shared/contract/views.ts';
import type { ArchiveStore } from '../archive/index.ts';

export function CancelAll({ jobs, store }: { jobs: readonly Job[]; store: ArchiveStore }) {
  const [isAsking, setAsking] = useState(false);
  const cancel = (): void => {
    setAsking(false);
    void store.attempt(async () => {
      // Those that wait first: else each would begin as the one before it ends.
      for (const { id } of jobs.toSorted((a, b) => Number(a.state !== 'queued') - Number(b.state !== 'queued')))
        await backend.steerJob(id, 'cancel');
    });
  };
  if (!isAsking)
    return (
      <button
        key="ask"
        type="button"
        className="plain"
        title={`End the ${jobs.length} jobs that are under way or wait`}
        onClick={() => setAsking(true)}
      >
        Cancel all
      </button>
    );
  return (
    <span
      key="question"
      className="row"
      role="group"
      aria-label="Cancel all jobs"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        setAsking(false);
      }}
    >
      <span>Cancel {jobs.length} jobs? What they have done stays.</span>
      <button type="button" className="danger" title="End all of them" onClick={cancel}>
        Cancel {jobs.length} jobs
      </button>
      <button type="button" autoFocus title="Cancel none (Escape)" onClick={() => setAsking(false)}>
        Let them go on
      </button>
    </span>
  );
}
