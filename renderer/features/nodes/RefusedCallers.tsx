// Callers that were turned away, newest first, each allowed by one press.
import { network } from '../../backend-client/network.ts';
import type { NetworkView } from '#shared/contract/receiver.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { networkStore } from './network-store.ts';

const REASONS: Record<string, string> = {
  'unknown-caller': 'not known here',
  'wrong-called-aet': 'called by another AE title than ours',
};

type Refused = NetworkView['refused'][number];

interface Group extends Refused {
  count: number;
}

/** One line for each caller and reason, with how often it tried. */
function groupsOf(refused: readonly Refused[]): Group[] {
  const groups = new Map<string, Group>();
  for (const each of refused) {
    const key = `${each.callingAet}|${each.address}|${each.why}`;
    const group = groups.get(key);
    if (group) group.count++;
    else groups.set(key, { ...each, count: 1 });
  }
  return [...groups.values()];
}

export function RefusedCallers({ receiver, store }: { receiver: NetworkView; store: ArchiveStore }) {
  if (receiver.refused.length === 0) return null;
  const allow = ({ callingAet, address }: Refused): void =>
    void store.attempt(async () => {
      const { settings } = receiver;
      const caller = { ...(callingAet !== '' && { aet: callingAet }), address: address.replace(/^::ffff:/, '') };
      await network.setReceiver({ ...settings, callers: [...settings.callers, caller] });
      await networkStore.getState().reload();
    });
  return (
    <section aria-label="Callers turned away">
      <h3>Turned away</h3>
      <ul className="plain-list">
        {groupsOf(receiver.refused).map((each) => (
          <li key={`${each.callingAet}|${each.address}|${each.why}`} className="row">
            <span className="warning">
              {each.callingAet || 'without an AE title'} from {each.address}
            </span>
            <span>{REASONS[each.why] ?? each.why}</span>
            <span className="quiet">
              {each.count > 1 && `${each.count} times, last `}
              {new Date(each.at).toLocaleString()}
            </span>
            {each.why === 'unknown-caller' && (
              <button
                type="button"
                aria-label={`Allow ${each.callingAet} from ${each.address}`}
                onClick={() => allow(each)}
              >
                Allow this one
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
