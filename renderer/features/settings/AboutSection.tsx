// Which Lectern this is.
import { useSyncExternalStore } from 'react';
import type { ArchiveStore } from '../archive/index.ts';

export function AboutSection({ store }: { store: ArchiveStore }) {
  const { session } = useSyncExternalStore(store.subscribe, store.state);
  return (
    <>
      <p>
        Lectern {session?.version ?? ''}, {session?.shell === 'electron' ? 'desktop' : 'browser'} shell
        {session && `, used as ${session.person.name}`}
      </p>
      <p className="warning">Not a cleared medical device: not for primary diagnosis.</p>
    </>
  );
}
