// The nodes as a list: add, edit, duplicate, test, sign in, remove; export and import without secrets.
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { network } from '../../backend-client/network.ts';
import type { NodeView, SecretName } from '#shared/contract/nodes.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { copyName, draftOf, EMPTY_DRAFT, type NodeDraft } from './node-form.logic.ts';
import { NodeForm } from './NodeForm.tsx';
import { NodeLine } from './NodeLine.tsx';
import { NodesFile } from './NodesFile.tsx';
import { forgottenWords } from './node-words.ts';
import { networkStore } from './network-store.ts';

const ADD = 'Add a node';

/** The one form that is open: for a new node, or for the named one. */
interface OpenForm {
  edited?: string;
  start: NodeDraft;
}

export function NodesSection({ store }: { store: ArchiveStore }) {
  const { nodes, receiver, failure, reload } = useStore(networkStore);
  const [form, setForm] = useState<OpenForm>();
  const [tested, setTested] = useState<string>();
  const [notice, setNotice] = useState<string>();
  const root = useRef<HTMLDivElement>(null);
  /** Name of the button that gets the focus once the form is gone; that of a renamed node comes with the next list. */
  const backTo = useRef<string>(undefined);
  useEffect(() => void reload(), [reload]);
  useEffect(() => {
    if (form || backTo.current === undefined) return;
    const buttons = [...(root.current?.querySelectorAll('button') ?? [])];
    const button = buttons.find((each) => (each.ariaLabel ?? each.textContent) === backTo.current);
    if (!button) return;
    backTo.current = undefined;
    button.focus();
  });
  if (failure !== undefined && !nodes) return <p className="warning">{failure}</p>;
  if (!nodes) return <p className="quiet">Asking</p>;
  const names = nodes.map(({ settings }) => settings.name);
  const add = (): void =>
    setForm({ start: { ...EMPTY_DRAFT, callingAet: receiver?.settings.aet ?? EMPTY_DRAFT.callingAet } });
  const saved = (name: string, forgotten: readonly SecretName[]): void =>
    setNotice(forgotten.length ? forgottenWords(name, forgotten) : undefined);
  const pin = (node: NodeView, pinnedFingerprint: string): void =>
    void store.attempt(async () => {
      const { settings } = node;
      const pinned = { ...settings, tls: { ...settings.tls, pinnedFingerprint } };
      saved(settings.name, (await network.putNode(settings.name, pinned)).forgotten);
      await reload();
    });
  const edited = nodes.find(({ settings }) => settings.name === form?.edited);
  const theForm = form && (
    <NodeForm
      key={form.edited ?? ''}
      start={form.start}
      edited={edited}
      takenNames={names.filter((name) => name !== form.edited)}
      onClose={() => {
        backTo.current = form.edited === undefined ? ADD : `Edit ${form.edited}`;
        setForm(undefined);
      }}
      onSaved={(name, isToTest, forgotten) => {
        saved(name, forgotten);
        backTo.current = form.edited === undefined ? ADD : `Edit ${name}`;
        setForm(undefined);
        setTested(isToTest ? name : undefined);
      }}
    />
  );
  return (
    <div ref={root} style={{ display: 'contents' }}>
      <p className="quiet">
        Systems that are searched, retrieved from and sent to. Passwords and keys are kept sealed and never shown.
      </p>
      {notice !== undefined && (
        <p role="status" className="warning">
          {notice}
        </p>
      )}
      {nodes.length === 0 && !form && <p>No node is set up yet. Add the hospital’s PACS to search it.</p>}
      <ul className="plain-list nodes">
        {nodes.map((node) =>
          form?.edited === node.settings.name ? (
            <li key={node.settings.name}>{theForm}</li>
          ) : (
            <NodeLine
              key={node.settings.name}
              node={node}
              store={store}
              isTested={tested === node.settings.name}
              onTest={(isOn) => setTested(isOn ? node.settings.name : undefined)}
              onPin={(fingerprint) => pin(node, fingerprint)}
              onEdit={() => setForm({ edited: node.settings.name, start: draftOf(node.settings) })}
              onDuplicate={() =>
                setForm({ start: { ...draftOf(node.settings), name: copyName(node.settings.name, names) } })
              }
            />
          ),
        )}
      </ul>
      {form && form.edited === undefined ? (
        theForm
      ) : (
        <div className="row">
          <button type="button" className={nodes.length === 0 ? 'primary' : ''} onClick={add}>
            {ADD}
          </button>
          <NodesFile store={store} names={names} />
        </div>
      )}
    </div>
  );
}
