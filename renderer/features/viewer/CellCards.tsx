// What stands in a cell that has no picture to show: the reason, what it means, what to do.

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
        <p className="quiet">The stored file is untouched; other images of the series are not affected.</p>
      </div>
    </div>
  );
}
