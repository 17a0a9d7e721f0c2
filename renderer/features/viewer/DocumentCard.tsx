// Series without pictures: structured reports as a tree, encapsulated PDF as pages, and a clear card for the rest.
import { useEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from 'react';
import { request } from '../../backend-client/client.ts';
import { textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import type { SeriesRow } from '#shared/contract/views.ts';
import { summaryOf } from './object-summary.ts';
import { showPdf } from './pdf-sheets.ts';
import { replacedAmong, ReportTree, type ImageLinks } from './ReportTree.tsx';
import type { LoadedSeries } from './study-data.ts';
import { useHint } from './use-hint.ts';

interface DocumentCardProps {
  /** It stands in the cell that has the keys. */
  isActive: boolean;
  loaded: LoadedSeries;
  series: SeriesRow;
  links: ImageLinks;
}

/** What is read takes the keys that scroll it, unless the person walks elsewhere by key; as it goes, the images have them again. */
function useFocus(element: RefObject<HTMLElement | null>, isActive: boolean): void {
  useEffect(() => {
    const images = element.current?.closest<HTMLElement>('.viewer');
    return () => {
      if (document.activeElement === document.body) images?.focus({ preventScroll: true });
    };
  }, [element]);
  useEffect(() => {
    const { activeElement } = document;
    if (isActive && (activeElement === document.body || activeElement?.matches('.viewer, [role=document]')))
      element.current?.focus({ preventScroll: true });
  }, [element, isActive]);
}

const isReport = (dataset: DicomJson): boolean => (dataset['0040A730'] ?? dataset['0040A040']) !== undefined;
const isPdf = (dataset: DicomJson): boolean => textOf(dataset, '00420012') === 'application/pdf';

export function DocumentCard({ isActive, loaded, series, links }: DocumentCardProps) {
  const { others } = loaded.stack;
  const replaced = useMemo(() => replacedAmong(others), [others]);
  const [first] = others;
  if (!first) return null;
  if (others.length === 1 && isPdf(first)) return <PdfPages isActive={isActive} dataset={first} series={series} />;
  const hasReport = others.some(isReport);
  const isRead = hasReport || others.some(isPdf);
  const objects = others.map((dataset) => {
    const uid = textOf(dataset, '00080018') ?? '';
    if (isReport(dataset))
      return <ReportTree key={uid} dataset={dataset} isReplaced={replaced.has(uid)} links={links} />;
    if (isPdf(dataset)) return <PdfPages key={uid} isActive={false} dataset={dataset} series={series} />;
    return <ObjectCard key={uid} dataset={dataset} series={series} />;
  });
  if (!isRead) return <div className="cell-card">{objects}</div>;
  return (
    <Reading isActive={isActive} label={hasReport ? 'Report' : 'Documents'}>
      {objects}
    </Reading>
  );
}

function Reading({ isActive, label, children }: { isActive: boolean; label: string; children: ReactNode }) {
  const host = useRef<HTMLDivElement>(null);
  useFocus(host, isActive);
  return (
    <div ref={host} className="cell-card reading" tabIndex={0} role="document" aria-label={label}>
      {children}
    </div>
  );
}

function ObjectCard({ dataset, series }: { dataset: DicomJson; series: SeriesRow }) {
  const { kind, lines, isCut } = summaryOf(dataset);
  const panel = useHint()('tags');
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
          ? `It is stored as it came, without a picture. What came is in the panel ${panel}.`
          : `It is stored whole, but there is no view for it yet. What it holds is in the panel ${panel}.`}
      </p>
    </div>
  );
}

function PdfPages({ isActive, dataset, series }: { isActive: boolean; dataset: DicomJson; series: SeriesRow }) {
  const host = useRef<HTMLDivElement>(null);
  useFocus(host, isActive);
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    const target = host.current;
    const address = dataset['00420011']?.BulkDataURI;
    const inline = dataset['00420011']?.InlineBinary;
    if (!target) return undefined;
    const left = new AbortController();
    const { signal } = left;
    const load = async (): Promise<void> => {
      const bytes =
        address !== undefined
          ? await (await request(new URL(address).pathname, { signal })).arrayBuffer()
          : Uint8Array.from(atob(inline ?? ''), (character) => character.charCodeAt(0)).buffer;
      await showPdf(bytes, target, signal);
    };
    load().catch((error: unknown) => {
      if (!signal.aborted) setFailure(error instanceof Error ? error.message : String(error));
    });
    return () => left.abort();
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
