// A structured report or key object selection as a tree of what it says (PS3.3 C.17.3); what it refers to among the study's images can
// be shown.
import { useMemo } from 'react';
import type { KeyImage } from '#shared/contract/marks.ts';
import { itemsOf, numberOf, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { codeMeaning, valueOf } from './content-value.ts';

export interface ImageLinks {
  /** Of a series of this study; undefined where it is not here. */
  nameOf(seriesUid: string): string | undefined;
  go(frame: Pick<KeyImage, 'seriesUid' | 'sopInstanceUid' | 'frameIndex'>): void;
}

/** Series of the objects of its own study that a report refers to (PS3.3 C.17.2: both evidence sequences). */
function seriesBySop(dataset: DicomJson): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const studies = ['0040A375', '0040A385'].flatMap((tag) => itemsOf(dataset, tag));
  for (const study of studies.filter((each) => textOf(each, '0020000D') === textOf(dataset, '0020000D')))
    for (const series of itemsOf(study, '00081115'))
      for (const object of itemsOf(series, '00081199'))
        found.set(textOf(object, '00081155') ?? '', textOf(series, '0020000E') ?? '');
  return found;
}

/** What a report says of its state, where it is of a kind that has one. */
function stateOf(dataset: DicomJson): string {
  const completion = textOf(dataset, '0040A491');
  const verification = textOf(dataset, '0040A493');
  return [
    completion && (completion === 'COMPLETE' ? 'Complete' : 'Partial'),
    verification && (verification === 'VERIFIED' ? 'verified' : 'not verified'),
  ]
    .filter(Boolean)
    .join(', ');
}

/** SOP Instance UIDs of reports that later ones among these took the place of (Predecessor Documents Sequence, PS3.3 C.17.2). */
export function replacedAmong(datasets: readonly DicomJson[]): ReadonlySet<string> {
  const series = datasets
    .flatMap((dataset) => itemsOf(dataset, '0040A360'))
    .flatMap((study) => itemsOf(study, '00081115'));
  return new Set(series.flatMap((each) => itemsOf(each, '00081199')).map((object) => textOf(object, '00081155') ?? ''));
}

interface ReportTreeProps {
  dataset: DicomJson;
  isReplaced: boolean;
  links: ImageLinks;
}

export function ReportTree({ dataset, isReplaced, links }: ReportTreeProps) {
  const series = useMemo(() => seriesBySop(dataset), [dataset]);
  const state = stateOf(dataset);
  return (
    <article className="tree">
      <h1>{codeMeaning(itemsOf(dataset, '0040A043')[0]) || 'Structured report'}</h1>
      {state !== '' && <p className="quiet">{state}</p>}
      {isReplaced && <p className="warning">A later report took the place of this one.</p>}
      <Items items={itemsOf(dataset, '0040A730')} series={series} links={links} />
    </article>
  );
}

interface ItemsProps {
  items: DicomJson[];
  series: ReadonlyMap<string, string>;
  links: ImageLinks;
}

function Items({ items, series, links }: ItemsProps) {
  if (!items.length) return null;
  return (
    <ul>
      {items.map((item, index) => (
        // Content items have no identity but their place (PS3.3 C.17.3.1).
        // oxlint-disable-next-line react/no-array-index-key
        <li key={index}>
          <span className="quiet">{codeMeaning(itemsOf(item, '0040A043')[0])}</span>{' '}
          {textOf(item, '0040A040') === 'IMAGE' ? (
            <ImageLink reference={itemsOf(item, '00081199')[0]} series={series} links={links} />
          ) : (
            <span className="value">{valueOf(item)}</span>
          )}
          <Items items={itemsOf(item, '0040A730')} series={series} links={links} />
        </li>
      ))}
    </ul>
  );
}

interface ImageLinkProps extends Omit<ItemsProps, 'items'> {
  reference: DicomJson | undefined;
}

/** Shows the image where it is among those of this study, else says what it is. */
function ImageLink({ reference, series, links }: ImageLinkProps) {
  const sopInstanceUid = textOf(reference, '00081155') ?? '';
  const seriesUid = series.get(sopInstanceUid);
  const name = seriesUid === undefined ? undefined : links.nameOf(seriesUid);
  if (seriesUid === undefined || name === undefined)
    return <span>image {sopInstanceUid || 'without a UID'}, which is not in this study here</span>;
  const frameNumber = numberOf(reference, '00081160');
  const what = `${frameNumber === undefined ? 'Image' : `Frame ${frameNumber}`} of ${name}`;
  return (
    <button
      type="button"
      className="plain link"
      title={`Show it (${sopInstanceUid})`}
      onClick={() => links.go({ seriesUid, sopInstanceUid, frameIndex: Math.max(0, (frameNumber ?? 1) - 1) })}
    >
      {what}
    </button>
  );
}
