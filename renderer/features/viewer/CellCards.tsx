// What stands in a cell that has no picture to show: the reason, what it means, what to do.
import type { Job } from '#shared/contract/views.ts';

export function FailureCard({ text }: { text: string }) {
  return (
    <div className="cell-card">
      <div className="card" role="alert">
        <h2>This series could not be opened</h2>
        <p>{text}</p>
        <p className="quiet">Choose it again at the left to try once more.</p>
      </div>
    </div>
  );
}

export function ProblemCard({ text }: { text: string }) {
  return (
    <div className="cell-card">
      <div className="card" role="alert">
        <h2>This image cannot be shown</h2>
        <p>{text}</p>
        <p className="quiet">Other images of the series are not affected.</p>
      </div>
    </div>
  );
}

/** Instead of the series that stood here before: its picture under another name misleads. */
export function OpeningCard({ text }: { text: string }) {
  return (
    <div className="cell-card quiet">
      <p role="status">Opening {text} …</p>
    </div>
  );
}

/** A series of pictures may hold reports, PDF or other objects too, which the stack cannot show. */
export function ObjectsButton({ count, isReading, onToggle }: { count: number; isReading: boolean; onToggle(): void }) {
  const objects = `${count} ${count === 1 ? 'object' : 'objects'} without a picture`;
  return (
    <button
      type="button"
      className="objects-button"
      title={isReading ? 'Show the images of this series again' : `This series also holds ${objects}: show them`}
      aria-pressed={isReading}
      // The press is no drag of the picture below.
      onPointerDown={(event) => event.stopPropagation()}
      onDoubleClick={(event) => event.stopPropagation()}
      onClick={onToggle}
    >
      {isReading ? 'Back to the images' : `+ ${objects}`}
    </button>
  );
}

export function EmptyCard() {
  return (
    <div className="cell-card quiet">
      <p>
        Drag a series here<span className="more">, or double-click one at the left</span>
      </p>
    </div>
  );
}

/** A study without a single instance yet: on its way, or not to be had. */
export function ArrivingCard({ job }: { job: Job | undefined }) {
  const of = job && (job.itemsTotal === null ? `${job.itemsDone}` : `${job.itemsDone} of ${job.itemsTotal}`);
  const isOver = job !== undefined && job.finishedAt !== null;
  return (
    <div className="cell-card">
      <div className="card" role="status">
        <h2>{!job ? 'This study is not here' : isOver ? 'This study did not come' : 'This study is arriving'}</h2>
        {!job && <p>The archive holds no instance of it.</p>}
        {job && !isOver && (
          <>
            <p>
              From {job.node ?? 'another system'}:{' '}
              {job.state === 'queued' ? 'waiting its turn' : job.state === 'paused' ? 'paused' : `${of} instances`}. The
              first picture shows here as soon as it has come.
            </p>
            <progress
              aria-label="Instances that have come"
              {...(job.itemsTotal !== null && job.itemsTotal > 0 && { max: job.itemsTotal, value: job.itemsDone })}
            />
          </>
        )}
        {isOver && <p className="warning">{job.message ?? 'The retrieval ended without an instance.'}</p>}
        {(!job || isOver) && <p className="quiet">Go back and retrieve it from a node.</p>}
      </div>
    </div>
  );
}
