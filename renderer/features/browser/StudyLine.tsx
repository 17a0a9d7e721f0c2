// One line of the study table: a study, or the head of a patient's studies.
import { memo } from 'react';
import { displayGroup, displayPersonName, parsePersonName } from '#shared/dicom/person-name.ts';
import { missingWords } from '#shared/contract/missing-words.ts';
import type { StudyRow } from '#shared/contract/views.ts';
import { showDate, type Column } from './columns.ts';
import { lineId, type TableLine } from './grouping.logic.ts';

interface StudyLineProps {
  line: TableLine;
  index: number;
  topPx: number;
  columns: readonly Column[];
  isSelected: boolean;
  isFocus: boolean;
  isSamePatient: boolean;
}

/** Id of a line's element; UIDs and keys hold nothing that an id may not. */
export const elementId = (line: TableLine): string => `line-${lineId(line).replace(/\s/g, '_')}`;

export const StudyLine = memo(function StudyLine(props: StudyLineProps) {
  const { line, index, topPx, columns, isSelected, isFocus } = props;
  const shared = {
    id: elementId(line),
    role: 'row',
    'aria-rowindex': index + 2,
    'aria-selected': isSelected,
    'data-index': index,
    'data-focus': isFocus,
    style: { transform: `translateY(${topPx}px)` },
  };
  if (line.kind === 'patient')
    return (
      <div {...shared} className="patient-row" aria-level={1} aria-expanded={line.isOpen}>
        <div role="gridcell">
          <span className="fold" aria-hidden="true">
            {line.isOpen ? '\u25be' : '\u25b8'}
          </span>
          <PatientText rows={line.rows} foundCount={line.foundCount} />
        </div>
      </div>
    );
  const { row } = line;
  return (
    <div
      {...shared}
      className="study-row"
      data-patient={props.isSamePatient}
      data-found={line.isFound}
      aria-level={line.level}
    >
      {columns.map((column) => (
        <div key={column.key} role="gridcell" className={`${column.key} ${column.isNumber === true ? 'number' : ''}`}>
          {column.key === 'patientName' ? (
            <NameText row={row} />
          ) : column.key === 'marks' ? (
            <Marks row={row} />
          ) : (
            column.show(row)
          )}
        </div>
      ))}
    </div>
  );
});

/** All three component groups (PS3.5 6.2.1.1): the phonetic one quietly behind. */
function NameText({ row }: { row: StudyRow }) {
  const { Alphabetic, Ideographic, Phonetic } = parsePersonName(row.patientName);
  const hasMore = Phonetic !== undefined && (Alphabetic !== undefined || Ideographic !== undefined);
  return (
    <>
      {displayPersonName(row.patientName) || <span className="quiet">No name</span>}
      {hasMore && <span className="quiet"> {displayGroup(Phonetic)}</span>}
    </>
  );
}

function PatientText({ rows, foundCount }: { rows: readonly StudyRow[]; foundCount: number }) {
  const [row] = rows;
  if (!row) return null;
  const others = rows.filter((each) => each.patientName !== row.patientName).length;
  return (
    <>
      <span className="name">
        <NameText row={row} />
      </span>
      <span>{row.patientId || <span className="warning">no patient ID: stands alone</span>}</span>
      {row.issuer !== '' && <span className="quiet">{row.issuer}</span>}
      {showDate(row.birthDate) !== '' && <span className="quiet">born {showDate(row.birthDate)}</span>}
      {row.sex !== '' && <span className="quiet">{row.sex}</span>}
      <span className="quiet">
        {rows.length} {rows.length === 1 ? 'study' : 'studies'}
        {foundCount < rows.length && `, ${foundCount} found`}
      </span>
      {others > 0 && <span className="tag warning">same ID, other name in {others}</span>}
    </>
  );
}

function Marks({ row }: { row: StudyRow }) {
  return (
    <>
      {row.damagedCount > 0 && (
        <span
          className="tag dangerous"
          title={`The stored files of ${row.damagedCount} instances are damaged or missing. Retrieve or import the study again.`}
        >
          damaged
        </span>
      )}
      {row.missingCount > 0 && (
        <span className="tag warning" title={missingWords(row)}>
          incomplete
        </span>
      )}
      {row.conflictCount > 0 && (
        <span
          className="tag dangerous"
          title={`${row.conflictCount} instances came with a known UID but other content; they are in quarantine.`}
        >
          conflict
        </span>
      )}
      {row.repairedCount > 0 && (
        <span className="tag warning" title={`${row.repairedCount} instances were repaired; the series below say how.`}>
          repaired
        </span>
      )}
      {row.isPinned && (
        <span className="tag" title="Never removed by rules">
          pinned
        </span>
      )}
      {row.isDemo && (
        <span className="tag" title="Synthetic, no person">
          demo
        </span>
      )}
    </>
  );
}
