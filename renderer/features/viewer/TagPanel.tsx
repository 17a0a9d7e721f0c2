// All attributes of the image in the active cell, with a search.
import { useEffect, useState } from 'react';
import type { DicomJson, DicomJsonElement } from '#shared/dicom/model.ts';
import { useHint } from './use-hint.ts';

interface Line {
  tag: string;
  depth: number;
  vr: string;
  name: string;
  value: string;
}

const shown = ({ vr, Value, BulkDataURI, InlineBinary }: DicomJsonElement): string => {
  if (BulkDataURI !== undefined) return `${/\/(\d+)$/.exec(BulkDataURI)?.[1] ?? '?'} bytes`;
  if (InlineBinary !== undefined) return `${Math.floor((InlineBinary.length * 3) / 4)} bytes`;
  if (vr === 'SQ') return `${Value?.length ?? 0} items`;
  return (Value ?? [])
    .map((value) =>
      typeof value === 'object' && value !== null ? Object.values(value).join('=') : String(value ?? ''),
    )
    .join('\\');
};

function* linesOf(dataset: DicomJson, depth: number, keywordOf: (tag: string) => string | undefined): Generator<Line> {
  for (const [tag, element] of Object.entries(dataset)) {
    yield { tag, depth, vr: element.vr, name: keywordOf(tag) ?? '', value: shown(element) };
    if (element.vr === 'SQ')
      for (const item of element.Value ?? [])
        if (typeof item === 'object' && item !== null) yield* linesOf(item as DicomJson, depth + 1, keywordOf);
  }
}

const MOST = 2000;

interface TagPanelProps {
  dataset: DicomJson | undefined;
  /** How the stack is ordered. */
  order: string | undefined;
  onClose(): void;
}

export function TagPanel({ dataset, order, onClose }: TagPanelProps) {
  const [text, setText] = useState('');
  const [keywordOf, setKeywordOf] = useState<(tag: string) => string | undefined>();
  useEffect(() => {
    void import('#shared/dicom/dictionary.ts').then((dictionary) => setKeywordOf(() => dictionary.keywordOf));
  }, []);
  const wanted = text
    .trim()
    .toLowerCase()
    .replace(/[(),\s]/g, '');
  const lines = dataset
    ? [...linesOf(dataset, 0, keywordOf ?? (() => undefined))].filter(
        (line) =>
          wanted === '' ||
          `${line.tag} ${line.name} ${line.value}`
            .toLowerCase()
            .replace(/[(),\s]/g, '')
            .includes(wanted),
      )
    : [];
  const hint = useHint();
  return (
    <aside className="side-panel" aria-label="Attributes">
      <header>
        <h2>Attributes</h2>
        <button type="button" className="plain" onClick={onClose} title={hint('tags', 'Close the panel')}>
          Close
        </button>
      </header>
      <div className="tag-search">
        {order !== undefined && <p className="quiet">Stack {order}</p>}
        <input
          type="search"
          autoFocus
          aria-label="Search attributes"
          placeholder="Tag, name or value"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <div className="tag-list" tabIndex={0} role="region" aria-label="Attribute list">
        <table>
          <tbody>
            {lines.slice(0, MOST).map((line, index) => (
              // oxlint-disable-next-line react/no-array-index-key
              <tr key={index}>
                <td className="quiet" style={{ paddingLeft: 8 + line.depth * 12 }}>
                  {line.tag.slice(0, 4)},{line.tag.slice(4)}
                </td>
                <td>
                  {line.name} <span className="quiet">{line.vr}</span>
                </td>
                <td>{line.value}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {dataset && lines.length === 0 && (
          <p className="quiet" role="status">
            No attribute has this in its tag, name or value.
          </p>
        )}
        {lines.length > MOST && (
          <p className="warning">
            The first {MOST} of {lines.length} are shown; narrow the search.
          </p>
        )}
      </div>
    </aside>
  );
}
