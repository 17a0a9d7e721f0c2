// Asks which node: to send studies or series to, or to retrieve the rest of incomplete ones from. A panel, not a dialog: the
// list behind stays as it is.
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useStore } from 'zustand';
import { network } from '../../backend-client/network.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { CheckField, ChoiceField } from './Field.tsx';
import { networkStore } from './network-store.ts';
import { isUnprotected, placeOf, UNPROTECTED_WORDS } from './node-words.ts';

export type Transfer =
  /** `uids` of studies or series; `title` for the job. */
  | { kind: 'send'; uids: string[]; title: string; what: string; missingCount: number }
  | { kind: 'retrieve-rest'; studies: readonly { studyUid: string; title: string }[] };

interface TransferPanelProps {
  transfer: Transfer;
  store: ArchiveStore;
  onSettings(): void;
  onClose(): void;
}

/** The node chosen last, for the next time. */
let latestNode: string | undefined;

export function TransferPanel({ transfer, store, onSettings, onClose }: TransferPanelProps) {
  const { nodes, failure, reload } = useStore(networkStore);
  const [chosen, setChosen] = useState(latestNode);
  const [isCommitted, setCommitted] = useState(false);
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => void reload(), [reload]);
  const isThere = nodes !== undefined;
  useEffect(() => panel.current?.querySelector<HTMLElement>('select, button')?.focus(), [isThere]);
  const node = nodes?.find(({ settings }) => settings.name === chosen) ?? nodes?.[0];
  const isSend = transfer.kind === 'send';
  const title = isSend ? `Send ${transfer.what}` : 'Retrieve the rest';
  const start = (event: FormEvent): void => {
    event.preventDefault();
    if (!node) return;
    const { name } = node.settings;
    latestNode = name;
    onClose();
    void store.attempt(async () => {
      if (transfer.kind === 'send')
        await network.send({ node: name, uids: transfer.uids, title: transfer.title, commit: isCommitted });
      else
        for (const { studyUid, title: each } of transfer.studies)
          await network.retrieve({ node: name, studyUid, title: each, urgency: 'study' });
    });
  };
  return (
    <div
      ref={panel}
      className="transfer-panel"
      role="dialog"
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      <form onSubmit={start}>
        <h2>{title}</h2>
        {node ? (
          <>
            <div className="fields">
              <ChoiceField
                label={isSend ? 'To' : 'From'}
                value={node.settings.name}
                choices={(nodes ?? []).map(({ settings: { name } }) => [name, name] as const)}
                hint={placeOf(node.settings)}
                onChange={setChosen}
              />
            </div>
            {isUnprotected(node.settings) && <p className="warning">{UNPROTECTED_WORDS}</p>}
            {transfer.kind === 'send' && transfer.missingCount > 0 && (
              <p className="warning">
                Incomplete here: {transfer.missingCount} instances that belong to it are not here. Only what is here is
                sent.
              </p>
            )}
            {isSend && node.settings.kind === 'dimse' && (
              <CheckField
                label="Ask whether it answers for what it got (storage commitment)"
                isOn={isCommitted}
                onChange={setCommitted}
              />
            )}
            <p className="quiet">
              {isSend
                ? 'Goes on in the background; the jobs of the study browser say what came of it.'
                : 'Only what is missing is asked for.'}
            </p>
          </>
        ) : (
          <p className={failure === undefined ? '' : 'warning'}>
            {failure ?? (nodes ? 'No node is set up yet.' : 'Asking for the nodes')}
          </p>
        )}
        <div className="row">
          {node ? (
            <button type="submit" className="primary">
              {isSend ? 'Send' : 'Retrieve'}
            </button>
          ) : (
            <button type="button" className="primary" onClick={onSettings}>
              Set up a node
            </button>
          )}
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </div>
  );
}
