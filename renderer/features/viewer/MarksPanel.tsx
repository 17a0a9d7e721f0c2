// What was put on the study's images: go to a length or key image, name or delete it, save all in the study, send the key images; and
// what others left in it.
import { useState } from 'react';
import type { SeriesRow } from '#shared/contract/views.ts';
import type { ForeignReport, ForeignSelection, KeyImage, StoredLength } from '#shared/contract/marks.ts';
import { shownDate, shownTime } from '#shared/dicom/date-time.ts';
import { displayPersonName } from '#shared/dicom/person-name.ts';
import { frameName } from '#shared/contract/marks.ts';
import { drawableOf, lengthsText, marksText } from './MarksNote.tsx';
import { useHint } from './use-hint.ts';
import type { Marks } from './use-marks.ts';

interface MarksPanelProps {
  marks: Marks;
  series: readonly SeriesRow[];
  /** SOP Instance UID in the active cell. */
  shownUid: string | undefined;
  onGo(frame: Frame): void;
  onSend(): void;
  onClose(): void;
}
type Frame = Pick<KeyImage, 'seriesUid' | 'sopInstanceUid' | 'frameIndex'>;

export function MarksPanel({ marks, series, shownUid, onGo, onSend, onClose }: MarksPanelProps) {
  const { lengths, keyImages } = marks;
  const hint = useHint();
  const { list } = lengths;
  const { images } = keyImages;
  const groups = series
    .map((row) => ({
      row,
      own: list.filter(({ seriesUid }) => seriesUid === row.seriesUid),
      keys: images.filter(({ seriesUid }) => seriesUid === row.seriesUid),
    }))
    .filter(({ own, keys }) => own.length + keys.length > 0);
  return (
    <aside className="side-panel marks-panel" aria-label="Lengths and key images">
      <header>
        <h2>Lengths and key images</h2>
        <button type="button" className="plain" onClick={onClose}>
          Close
        </button>
      </header>
      <div className="note">
        <SavedNote marks={marks} />
        <div className="row">
          <button
            type="button"
            className="primary"
            title={hint('marks.save', 'As documents (DICOM SR and KO) that are sent and exported with the study')}
            disabled={!marks.canSave}
            onClick={() => void marks.save()}
          >
            {marks.isSaving ? 'Saving' : 'Save in the study'}
          </button>
          <button
            type="button"
            aria-label="Undo the last change"
            title={hint('length.undo')}
            disabled={!lengths.canUndo}
            onClick={lengths.undo}
          >
            Undo
          </button>
          <button
            type="button"
            title="To another system: the key images with what was saved in the study; what is not saved yet is saved first"
            disabled={images.length === 0 || marks.isSaving}
            onClick={onSend}
          >
            Send key images
          </button>
        </div>
      </div>
      <div className="panel-body">
        {groups.length === 0 && (
          <p className="quiet">
            Nothing of your own yet. In the tool strip are {hint('tool.length')} and {hint('keyImage')}.
          </p>
        )}
        {groups.map(({ row, own, keys }) => (
          <section key={row.seriesUid} aria-label={`${row.modality} ${row.description}`}>
            <h3>
              {row.modality} {row.description}
            </h3>
            <ul className="length-list">
              {keys.map((image) => (
                <KeyImageLine
                  key={frameName(image)}
                  image={image}
                  isShown={image.sopInstanceUid === shownUid}
                  onGo={() => onGo(image)}
                  onRemove={() => keyImages.remove(image)}
                />
              ))}
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
        {keyImages.others.map((each) => (
          <SelectionSection key={each.sopInstanceUid} selection={each} onGo={onGo} />
        ))}
      </div>
    </aside>
  );
}

/** Whether what was put on images goes with the study when that is sent. */
function SavedNote({ marks: { lengths, keyImages, saved } }: { marks: Marks }) {
  const { report } = lengths;
  const { selection } = keyImages;
  const savedAt = Math.max(report?.savedAt ?? 0, selection?.savedAt ?? 0);
  const when = new Date(savedAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  if (!lengths.isKept)
    return <p className="warning">Not kept yet: the archive does not answer. Leave this page open.</p>;
  if (saved === 'current')
    return (
      <p className="quiet">
        Saved in the study and read back: {marksText(report?.count ?? 0, selection?.count ?? 0)}, {when}.
      </p>
    );
  const isEmpty = lengths.list.length + keyImages.images.length === 0;
  if (saved === 'before')
    return (
      <p className="warning">
        {isEmpty ? 'Removed here, but still in the documents that were saved' : 'Changed since it was saved'} in the
        study ({when}).
      </p>
    );
  return isEmpty ? (
    <p className="quiet">Each change is kept in the archive at once.</p>
  ) : (
    <p className="warning">Kept in the archive at each change, but not part of the study: not sent with it yet.</p>
  );
}

/** Another number than the one in the corner, which counts the slices as they are stacked. */
const PLACE_TITLE = 'By Instance Number, as in reports: not its place in the stack';
const placeOf = (instanceNumber: number | undefined, frameIndex: number): string =>
  `${instanceNumber === undefined ? 'its image' : `image ${instanceNumber}`}${frameIndex > 0 ? `, frame ${frameIndex + 1}` : ''}`;

interface KeyImageLineProps {
  image: KeyImage;
  isShown: boolean;
  onGo(): void;
  onRemove(): void;
}

function KeyImageLine({ image, isShown, onGo, onRemove }: KeyImageLineProps) {
  const place = placeOf(image.instanceNumber, image.frameIndex);
  return (
    <li data-shown={isShown} className="key-image">
      <button type="button" className="plain go" aria-label={`Go to key image, ${place}`} onClick={onGo}>
        <strong>{'\u2605'} Key image</strong>
        <span className="quiet" title={PLACE_TITLE}>
          {place}
        </span>
      </button>
      <button type="button" className="plain" aria-label={`Take the mark of ${place} away`} onClick={onRemove}>
        &times;
      </button>
    </li>
  );
}

interface SelectionSectionProps {
  selection: ForeignSelection;
  onGo(frame: Frame): void;
}

/** Key images that somebody else marked. */
function SelectionSection({ selection, onGo }: SelectionSectionProps) {
  const { title, observer, images, otherCount } = selection;
  const who = displayPersonName(observer) || 'not said by whom';
  return (
    <section aria-label={`Key images: ${who}`}>
      <h3>
        {title || 'Key images'}: {who}{' '}
        <span className="quiet">
          {shownDate(selection.date)} {shownTime(selection.time)}
        </span>
      </h3>
      <ul className="length-list">
        {images.map((image) => (
          <li key={frameName(image)} className="key-image">
            <button type="button" className="plain go" onClick={() => onGo(image)}>
              <strong>{'\u2606'}</strong>
              <span>{placeOf(image.instanceNumber, image.frameIndex)}</span>
            </button>
          </li>
        ))}
      </ul>
      {otherCount > 0 && (
        <p className="warning">
          {otherCount} {otherCount === 1 ? 'object' : 'objects'} of it {otherCount === 1 ? 'is' : 'are'} not among the
          images here.
        </p>
      )}
    </section>
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
      {drawable.length === 0 && lengths.length > 0 && <p className="quiet">{lengthsText(lengths.length)}, drawn.</p>}
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
  const place = placeOf(length.instanceNumber, length.frameIndex);
  return (
    <li data-shown={isShown}>
      <button type="button" className="plain go" aria-label={`Go to ${length.text}, ${place}`} onClick={onGo}>
        <strong>{length.text}</strong>
        <span className="quiet" title={PLACE_TITLE}>
          {place}
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
      <button type="button" className="plain" aria-label={`Delete ${length.text}, ${place}`} onClick={onRemove}>
        &times;
      </button>
    </li>
  );
}
