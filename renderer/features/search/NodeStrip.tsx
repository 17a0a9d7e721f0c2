// How far each node is: what came, what was cut, what failed, and what to do about it.
import type { ReactNode } from 'react';
import { useStore } from 'zustand';
import { asciiName } from './criteria.logic.ts';
import { MOST, type NodeProgress, type SearchStore } from './search-store.ts';

const MORE = 4;

export function NodeStrip({ store }: { store: SearchStore }) {
  const { progress, asked, askAgain, setCriteria, search } = useStore(store);
  const ascii = asked && asciiName(asked.criteria.name);
  if (progress.length === 0) return <div />;
  return (
    <ul className="node-strip" aria-label="Nodes asked" aria-live="polite">
      {progress.map((each) => (
        <NodeLine key={each.node} progress={each} onAsk={(limit) => askAgain(each.node, limit)}>
          {ascii !== undefined && each.state === 'done' && each.count === 0 && (
            <>
              <span className="warning">
                Not every system matches letters like those in “{asked?.criteria.name}”: it may have the patient all the
                same.
              </span>
              <button
                type="button"
                aria-label={`Search for ${ascii}`}
                onClick={() => {
                  setCriteria({ name: ascii });
                  search(progress.map(({ node }) => node));
                }}
              >
                Search for {ascii}
              </button>
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
  children: ReactNode;
}

function NodeLine({ progress, onAsk, children }: NodeLineProps) {
  const { node, state, count, limit, isCut, notices, namelessCount, failure } = progress;
  const more = Math.min(MOST, limit * MORE);
  const matches = `${count} ${count === 1 ? 'match' : 'matches'}`;
  return (
    <li data-state={state}>
      <strong>{node}</strong>{' '}
      <span className={state === 'asking' ? 'quiet' : ''}>
        {state === 'asking' && `asking, ${matches} so far`}
        {state === 'done' && matches}
        {state === 'stopped' && <span className="warning">stopped after {matches}: the list is not whole</span>}
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
      {namelessCount > 0 && <span className="warning">{namelessCount} matches name no study and are not listed.</span>}
      {(state === 'failed' || state === 'stopped') && (
        <button type="button" aria-label={`Ask ${node} again`} onClick={() => onAsk(limit)}>
          Ask again
        </button>
      )}
      {state === 'done' && isCut && limit < MOST && (
        <button type="button" aria-label={`Ask ${node} for more`} onClick={() => onAsk(more)}>
          Ask for up to {more}
        </button>
      )}
      {state === 'done' && isCut && limit >= MOST && <span className="warning">Narrow the search for the rest.</span>}
      {children}
    </li>
  );
}
