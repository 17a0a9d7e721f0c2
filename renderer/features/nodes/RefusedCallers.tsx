// Callers that were turned away, newest first, each allowed by one press.
import { network } from '../../backend-client/network.ts';
import type { NetworkView } from '#shared/contract/receiver.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { networkStore } from './network-store.ts';

type Refused = NetworkView['refused'][number];

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
        {receiver.refused.map((each) => (
          <li key={`${each.callingAet}|${each.address}|${each.why}`} className="row">
            <span className="warning">
              {each.callingAet || 'without an AE title'} from {each.address}
            </span>
            <span>{each.why}</span>
            <span className="quiet">
              {each.count > 1 && `${each.count} times, last `}
              {new Date(each.at).toLocaleString()}
            </span>
            {each.canBeAllowed && (
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
