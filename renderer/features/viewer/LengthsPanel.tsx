// The study's lengths: go to one, name it, delete it, take back the last change, save them in the study; and those of reports.
import { useState } from 'react';
import type { SeriesRow } from '#shared/contract/views.ts';
import type { ForeignReport, StoredLength } from '#shared/contract/marks.ts';
import { shownDate, shownTime } from '#shared/dicom/date-time.ts';
import { displayPersonName } from '#shared/dicom/person-name.ts';
import { countText, drawableOf } from './LengthsMark.tsx';
import type { Lengths } from './use-lengths.ts';

interface LengthsPanelProps {
  lengths: Lengths;
  series: readonly SeriesRow[];
  /** SOP Instance UID in the active cell. */
  shownUid: string | undefined;
  onGo(length: StoredLength): void;
  onClose(): void;
}

export function LengthsPanel({ lengths, series, shownUid, onGo, onClose }: LengthsPanelProps) {
  const { list, canUndo, report, isSaving } = lengths;
  const groups = series
    .map((row) => ({ row, own: list.filter(({ seriesUid }) => seriesUid === row.seriesUid) }))
    .filter(({ own }) => own.length > 0);
  return (
    <aside className="side-panel lengths-panel" aria-label="Lengths">
      <header>
        <h2>Lengths</h2>
        <button type="button" className="plain" onClick={onClose}>
          Close
        </button>
      </header>
      <div className="note">
        <SavedNote lengths={lengths} />
        <div className="row">
          <button
            type="button"
            className="primary"
            title="As a structured report (DICOM SR) that is sent and exported with the study (Ctrl+S)"
            disabled={list.length === 0 || isSaving || report?.isCurrent === true}
            onClick={lengths.save}
          >
            {isSaving ? 'Saving' : 'Save in the study'}
          </button>
          <button
            type="button"
            aria-label="Undo the last change"
            title="Undo the last change of a length (Alt+Z)"
            disabled={!canUndo}
            onClick={lengths.undo}
          >
            Undo
          </button>
        </div>
      </div>
      <div className="panel-body">
        {groups.length === 0 && <p className="quiet">No lengths of your own yet. Key L draws one.</p>}
        {groups.map(({ row, own }) => (
          <section key={row.seriesUid} aria-label={`${row.modality} ${row.description}`}>
            <h3>
              {row.modality} {row.description}
            </h3>
            <ul className="length-list">
              {own.map((length) => (
                <LengthLine
                  key={`${length.uid} ${length.label}`}
                  length={length}
                  isShown={length.sopInstanceUid === shownUid}
                  onGo={() => onGo(length)}
                  onRename={(label) => lengths.rename(length.uid, label)}
                  onRemove={() => lengths.remove(length.uid)}
                />
              ))}
            </ul>
          </section>
        ))}
        {lengths.others.map((each) => (
          <ReportSection
            key={each.sopInstanceUid}
            report={each}
            drawable={drawableOf(each, list)}
            onDraw={() => lengths.takeOver(each)}
          />
        ))}
      </div>
    </aside>
  );
}

/** Whether what is drawn goes with the study when that is sent. */
function SavedNote({ lengths: { list, isKept, report } }: { lengths: Lengths }) {
  if (!isKept) return <p className="warning">Not kept yet: the archive does not answer. Leave this page open.</p>;
  if (!report)
    return list.length === 0 ? (
      <p className="quiet">Each change is kept in the archive at once.</p>
    ) : (
      <p className="warning">Kept in the archive at each change, but not part of the study: not sent with it yet.</p>
    );
  const when = new Date(report.savedAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  return report.isCurrent ? (
    <p className="quiet">
      Saved in the study and read back: {countText(report.count)}, {when}.
    </p>
  ) : (
    <p className="warning">Changed since they were saved in the study ({when}).</p>
  );
}

interface ReportSectionProps {
  report: ForeignReport;
  drawable: readonly StoredLength[];
  onDraw(): void;
}

/** What a report that came with the study holds. */
function ReportSection({ report, drawable, onDraw }: ReportSectionProps) {
  const { observer, isByDevice, otherCount, lengths } = report;
  const who = `${isByDevice ? 'device ' : ''}${displayPersonName(observer) || 'not said by whom'}`;
  return (
    <section aria-label={`Report: ${who}`}>
      <h3>
        Report: {who}{' '}
        <span className="quiet">
          {shownDate(report.date)} {shownTime(report.time)}
        </span>
      </h3>
      {drawable.length > 0 && (
        <>
          <p>{drawable.map(({ label, text }) => (label ? `${label} ${text}` : text)).join(', ')}</p>
          <button type="button" title="As lengths of your own, which can be changed" onClick={onDraw}>
            Draw on the images
          </button>
        </>
      )}
      {drawable.length === 0 && lengths.length > 0 && <p className="quiet">{countText(lengths.length)}, drawn.</p>}
      {otherCount > 0 && (
        <p className="warning">
          {otherCount} {otherCount === 1 ? 'measurement' : 'measurements'} can only be read in the report itself.
        </p>
      )}
    </section>
  );
}

interface LengthLineProps {
  length: StoredLength;
  isShown: boolean;
  onGo(): void;
  onRename(label: string): void;
  onRemove(): void;
}

function LengthLine({ length, isShown, onGo, onRename, onRemove }: LengthLineProps) {
  const [label, setLabel] = useState(length.label);
  const where = length.instanceNumber === undefined ? 'its image' : `image ${length.instanceNumber}`;
  const frame = length.frameIndex > 0 ? `, frame ${length.frameIndex + 1}` : '';
  return (
    <li data-shown={isShown}>
      <button type="button" className="plain go" aria-label={`Go to ${length.text}, ${where}${frame}`} onClick={onGo}>
        <strong>{length.text}</strong>
        <span className="quiet">
          {where}
          {frame}
        </span>
      </button>
      <input
        type="text"
        aria-label={`Name of ${length.text}`}
        placeholder="Name"
        value={label}
        maxLength={200}
        onChange={({ target }) => setLabel(target.value)}
        onBlur={() => onRename(label.trim())}
        onKeyDown={({ key }) => key === 'Enter' && onRename(label.trim())}
      />
      <button type="button" className="plain" aria-label={`Delete ${length.text}, ${where}${frame}`} onClick={onRemove}>
        &times;
      </button>
    </li>
  );
}
