// How far each node is: what came, what was cut, what failed, and what to do about it.
import type { ReactNode } from 'react';
import { useStore } from 'zustand';
import { hasOtherLetters, widerName } from './criteria.logic.ts';
import { networkStore } from '../nodes/index.ts';
import { FIRST_LIMIT, MOST, type NodeProgress, type SearchStore } from './search-store.ts';

const MORE = 4;

export function NodeStrip({ store }: { store: SearchStore }) {
  const { progress, asked, askAgain, askOn, setCriteria, search } = useStore(store);
  const { nodes = [] } = useStore(networkStore);
  const canGoOn = (name: string): boolean =>
    nodes.some(({ settings }) => settings.name === name && settings.kind === 'dicomweb');
  const name = asked?.criteria.name ?? '';
  const wider = widerName(name);
  if (progress.length === 0) return <div />;
  return (
    <ul className="node-strip" aria-label="Nodes asked" aria-live="polite">
      {progress.map((each) => (
        <NodeLine
          key={each.node}
          progress={each}
          onAsk={(limit) => askAgain(each.node, limit)}
          onGoOn={canGoOn(each.node) ? () => askOn(each.node) : undefined}
        >
          {hasOtherLetters(name) && each.state === 'done' && each.count === 0 && (
            <>
              <span className="warning">
                Not every system matches letters like those in “{name}”: it may have the patient all the same. Search by
                patient ID too, or by the name in Latin letters.
              </span>
              {wider !== undefined && (
                <button
                  type="button"
                  aria-label={`Search for ${wider}`}
                  onClick={() => {
                    setCriteria({ name: wider });
                    search(progress.map(({ node }) => node));
                  }}
                >
                  Search for {wider}
                </button>
              )}
            </>
          )}
        </NodeLine>
      ))}
    </ul>
  );
}

interface NodeLineProps {
  progress: NodeProgress;
  onAsk(limit: number): void;
  /** Absent for nodes that always begin anew. */
  onGoOn: (() => void) | undefined;
  children: ReactNode;
}

function NodeLine({ progress, onAsk, onGoOn, children }: NodeLineProps) {
  const { node, state, count, limit, goesOnAt, isCutThere, notices, namelessCount, failure } = progress;
  const more = Math.min(MOST, limit * MORE);
  const isCut = state === 'done' && goesOnAt.some((at) => at !== undefined);
  const matches = `${count} ${count === 1 ? 'match' : 'matches'}`;
  return (
    <li data-state={state}>
      <strong>{node}</strong>{' '}
      <span className={state === 'asking' ? 'quiet' : ''}>
        {state === 'asking' && `asking, ${matches} so far`}
        {state === 'done' && matches}
        {state === 'stopped' && <span className="warning">stopped after {matches}: the list is not whole</span>}
        {state === 'without' && <span className="quiet">not asked: {failure}</span>}
        {state === 'failed' && (
          <span className="dangerous">
            failed{count > 0 && ` after ${matches}`}: {failure}
          </span>
        )}
      </span>
      {notices.map((notice) => (
        <span key={notice} className="warning">
          {notice}
        </span>
      ))}
      {namelessCount > 0 && (
        <span className="warning">
          {namelessCount === 1
            ? '1 match names no study by a UID that can be asked for, and is not listed.'
            : `${namelessCount} matches name no study by a UID that can be asked for, and are not listed.`}
        </span>
      )}
      {(state === 'failed' || state === 'stopped') && (
        <button type="button" aria-label={`Ask ${node} again`} onClick={() => onAsk(limit)}>
          Ask again
        </button>
      )}
      {isCut && <span className="warning">The list was cut there: there are more.</span>}
      {isCut && onGoOn && (
        <button type="button" aria-label={`Ask ${node} for more`} onClick={onGoOn}>
          Go on for the next {FIRST_LIMIT}
        </button>
      )}
      {isCut && !onGoOn && limit < MOST && (
        <>
          <button type="button" aria-label={`Ask ${node} for more`} onClick={() => onAsk(more)}>
            Ask anew for up to {more}
          </button>
          <span className="quiet">C-FIND cannot go on where it stopped; narrower criteria are quicker.</span>
        </>
      )}
      {isCut && !onGoOn && limit >= MOST && <span className="warning">Narrow the search for the rest.</span>}
      {isCutThere && (
        <span className="warning">{node} gives no more than this, whatever is asked: narrow the search.</span>
      )}
      {children}
    </li>
  );
}
