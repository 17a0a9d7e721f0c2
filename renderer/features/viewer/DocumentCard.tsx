// Series without pictures: structured reports as a tree, encapsulated PDF as pages, and a clear card for the rest.
import { useEffect, useRef, useState } from 'react';
import { request } from '../../backend-client/client.ts';
import { shownDate, shownDateTime, shownTime } from '#shared/dicom/date-time.ts';
import { itemsOf, numbersOf, personNameOf, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import type { SeriesRow } from '#shared/contract/views.ts';
import { displayPersonName } from '#shared/dicom/person-name.ts';
import { drawPdf } from './draw-pdf.ts';
import { summaryOf } from './object-summary.ts';
import type { LoadedSeries } from './study-data.ts';

export function DocumentCard({ loaded, series }: { loaded: LoadedSeries; series: SeriesRow }) {
  const [first] = loaded.stack.others;
  if (!first) return null;
  if (first['0040A730'] ?? first['0040A040']) {
    return (
      <div className="cell-card reading" tabIndex={0} role="document" aria-label="Report">
        {loaded.stack.others.map((dataset) => (
          <ReportTree key={textOf(dataset, '00080018')} dataset={dataset} />
        ))}
      </div>
    );
  }
  if (textOf(first, '00420012') === 'application/pdf') return <PdfPages dataset={first} series={series} />;
  return (
    <div className="cell-card">
      {loaded.stack.others.map((dataset) => (
        <ObjectCard key={textOf(dataset, '00080018')} dataset={dataset} series={series} />
      ))}
    </div>
  );
}

function ObjectCard({ dataset, series }: { dataset: DicomJson; series: SeriesRow }) {
  const { kind, lines, isCut } = summaryOf(dataset);
  return (
    <div className="card">
      <h2>
        {kind} {series.description && <span className="quiet">{series.description}</span>}
      </h2>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <p className="quiet">
        {isCut
          ? 'It is stored as it came, without a picture. What came is in the attribute panel (T).'
          : 'It is stored whole, but there is no view for it yet. Its attributes are in the attribute panel (T).'}
      </p>
    </div>
  );
}

const codeMeaning = (item: DicomJson | undefined): string => textOf(item, '00080104') ?? textOf(item, '00080100') ?? '';

/** Value of a content item (PS3.3 C.17.3.2) as text. */
function valueOf(item: DicomJson): string {
  switch (textOf(item, '0040A040')) {
    case 'TEXT':
      return textOf(item, '0040A160') ?? '';
    case 'CODE':
      return codeMeaning(itemsOf(item, '0040A168')[0]);
    case 'NUM': {
      const measured = itemsOf(item, '0040A300')[0];
      return measured
        ? `${numbersOf(measured, '0040A30A')?.join(', ') ?? ''} ${codeMeaning(itemsOf(measured, '004008EA')[0])}`
        : 'no value';
    }
    case 'PNAME':
      return displayPersonName(personNameOf(item, '0040A123'));
    case 'DATE':
      return shownDate(textOf(item, '0040A121') ?? '');
    case 'TIME':
      return shownTime(textOf(item, '0040A122') ?? '');
    case 'DATETIME':
      return shownDateTime(textOf(item, '0040A120') ?? '');
    case 'UIDREF':
      return textOf(item, '0040A124') ?? '';
    case 'IMAGE':
    case 'COMPOSITE':
    case 'WAVEFORM':
      return `refers to ${textOf(itemsOf(item, '00081199')[0], '00081155') ?? 'an object'}`;
    case 'SCOORD':
    case 'SCOORD3D':
      return `${textOf(item, '00700023') ?? 'graphic'}: ${
        numbersOf(item, '00700022')
          ?.map((value) => Number(value.toFixed(2)))
          .join(', ') ?? ''
      }`;
    default:
      return '';
  }
}

function ReportTree({ dataset }: { dataset: DicomJson }) {
  return (
    <article className="tree">
      <h1>{codeMeaning(itemsOf(dataset, '0040A043')[0]) || 'Structured report'}</h1>
      <p className="quiet">
        {textOf(dataset, '0040A491') === 'COMPLETE' ? 'Complete' : 'Partial'},{' '}
        {textOf(dataset, '0040A493') === 'VERIFIED' ? 'verified' : 'not verified'}
      </p>
      <Items items={itemsOf(dataset, '0040A730')} />
    </article>
  );
}

function Items({ items }: { items: DicomJson[] }) {
  if (!items.length) return null;
  return (
    <ul>
      {items.map((item, index) => (
        // Content items have no identity but their place (PS3.3 C.17.3.1).
        // oxlint-disable-next-line react/no-array-index-key
        <li key={index}>
          <span className="quiet">{codeMeaning(itemsOf(item, '0040A043')[0])}</span> {valueOf(item)}
          <Items items={itemsOf(item, '0040A730')} />
        </li>
      ))}
    </ul>
  );
}

function PdfPages({ dataset, series }: { dataset: DicomJson; series: SeriesRow }) {
  const host = useRef<HTMLDivElement>(null);
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    const target = host.current;
    const address = dataset['00420011']?.BulkDataURI;
    const inline = dataset['00420011']?.InlineBinary;
    if (!target) return;
    const load = async (): Promise<void> => {
      const bytes =
        address !== undefined
          ? await (await request(new URL(address).pathname)).arrayBuffer()
          : Uint8Array.from(atob(inline ?? ''), (character) => character.charCodeAt(0)).buffer;
      await drawPdf(bytes, target);
    };
    load().catch((error: unknown) => setFailure(error instanceof Error ? error.message : String(error)));
  }, [dataset]);
  return (
    <div
      className="pdf"
      ref={host}
      tabIndex={0}
      role="document"
      aria-label={textOf(dataset, '00420010') ?? series.description}
    >
      {failure !== undefined && (
        <div className="card" role="alert">
          The PDF could not be shown: {failure}
        </div>
      )}
    </div>
  );
}
