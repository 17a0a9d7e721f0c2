// Nodes as a file, without secrets: saved, and taken in after it was said what they replace.
import { useRef, useState, type ChangeEvent } from 'react';
import { z } from 'zod';
import { network } from '../../backend-client/network.ts';
import { nodeSettings, type NodeSettings } from '#shared/contract/nodes.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { networkStore } from './network-store.ts';

const file = z.object({ nodes: z.array(nodeSettings).min(1).max(500) });

export function NodesFile({ store, names }: { store: ArchiveStore; names: readonly string[] }) {
  const input = useRef<HTMLInputElement>(null);
  const [read, setRead] = useState<readonly NodeSettings[]>();
  const [outcome, setOutcome] = useState<{ text: string; isFailure: boolean }>();
  const choose = async (event: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const [chosen] = event.target.files ?? [];
    event.target.value = '';
    if (!chosen) return;
    const parsed = file.safeParse(
      await chosen
        .text()
        .then(JSON.parse)
        .catch(() => undefined),
    );
    setOutcome(
      parsed.success
        ? undefined
        : { text: `${chosen.name} is no file of nodes as Lectern saves them.`, isFailure: true },
    );
    setRead(parsed.data?.nodes);
  };
  const take = (nodes: readonly NodeSettings[]): void =>
    void store.attempt(async () => {
      const { imported, forgotten } = await network.importNodes(nodes);
      await networkStore.getState().reload();
      setRead(undefined);
      const emptied = Object.keys(forgotten);
      const again = emptied.length ? ` Those of ${emptied.join(', ')} were forgotten: set them again.` : '';
      setOutcome({ text: `${imported} nodes taken in. Their secrets are to be set here.${again}`, isFailure: false });
    });
  const replaced = read?.filter(({ name }) => names.includes(name)).map(({ name }) => name) ?? [];
  if (read)
    return (
      <span className="row" role="group" aria-label="Import nodes">
        <span className={replaced.length ? 'warning' : ''}>
          {read.length} {read.length === 1 ? 'node' : 'nodes'} in the file
          {replaced.length > 0 && `; replaced will be ${replaced.join(', ')}, their secrets forgotten`}.
        </span>
        <button type="button" autoFocus onClick={() => take(read)}>
          Take them in
        </button>
        <button type="button" onClick={() => setRead(undefined)}>
          Cancel
        </button>
      </span>
    );
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        Import from a file
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept=".json,application/json"
        aria-label="File of nodes"
        onChange={(event) => void choose(event)}
      />
      {names.length > 0 && (
        <a className="button-link" href="/api/nodes-export" download="lectern-nodes.json">
          Export, without secrets
        </a>
      )}
      {outcome && (
        <span role={outcome.isFailure ? 'alert' : 'status'} className={outcome.isFailure ? 'dangerous' : ''}>
          {outcome.text}
        </span>
      )}
    </>
  );
}
