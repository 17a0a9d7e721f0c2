// How far each node is: what came, what was cut, what failed, and what to do about it.
import { useStore } from 'zustand';
import { MOST, type NodeProgress, type SearchStore } from './search-store.ts';

const MORE = 4;

export function NodeStrip({ store }: { store: SearchStore }) {
  const { progress, askAgain } = useStore(store);
  if (progress.length === 0) return <div />;
  return (
    <ul className="node-strip" aria-label="Nodes asked" aria-live="polite">
      {progress.map((each) => (
        <NodeLine key={each.node} progress={each} onAsk={(limit) => askAgain(each.node, limit)} />
      ))}
    </ul>
  );
}

function NodeLine({ progress, onAsk }: { progress: NodeProgress; onAsk(limit: number): void }) {
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
    </li>
  );
}
