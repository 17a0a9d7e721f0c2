// Who may send here beside the nodes: by AE title, by address, or both.
import { useState } from 'react';
import { allowedCaller, callerAddress, type ReceiverSettings } from '#shared/contract/receiver.ts';

type Callers = ReceiverSettings['callers'];

export const callerWords = ({ aet, address }: Callers[number]): string =>
  [aet ?? 'any AE title', address === undefined ? 'from anywhere' : `from ${address}`].join(' ');

const AET_FORM = 'An AE title has 1 to 16 characters, no backslash.';

export function CallerList({ callers, onChange }: { callers: Callers; onChange(callers: Callers): void }) {
  const [aet, setAet] = useState('');
  const [address, setAddress] = useState('');
  const [problem, setProblem] = useState<string>();
  const add = (): void => {
    const parsed = allowedCaller.safeParse({
      ...(aet.trim() !== '' && { aet }),
      ...(address.trim() !== '' && { address }),
    });
    setProblem(parsed.error?.issues[0]?.path[0] === 'aet' ? AET_FORM : parsed.error?.issues[0]?.message);
    if (!parsed.success) return;
    onChange([...callers, parsed.data]);
    setAet('');
    setAddress('');
  };
  return (
    <fieldset className="callers">
      <legend>Callers allowed, beside the nodes</legend>
      {callers.length > 0 && (
        <ul className="plain-list">
          {callers.map((caller, index) => (
            <li key={callerWords(caller)} className="row">
              <span>{callerWords(caller)}</span>
              {caller.address === undefined && (
                <span className="warning">An AE title alone proves nothing: anybody can call by it.</span>
              )}
              {caller.address !== undefined && !callerAddress.safeParse(caller.address).success && (
                <span className="warning">Allows nobody, since this is no IP address and no range: remove it.</span>
              )}
              <button
                type="button"
                aria-label={`No longer allow ${callerWords(caller)}`}
                onClick={() => onChange(callers.toSpliced(index, 1))}
              >
                Remove
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="row">
        <input
          type="text"
          aria-label="AE title of a caller"
          placeholder="AE title"
          value={aet}
          maxLength={16}
          onChange={(event) => setAet(event.target.value)}
        />
        <input
          type="text"
          aria-label="Address of a caller"
          placeholder="10.0.0.7, 10.0.0.0/24"
          value={address}
          maxLength={64}
          onChange={(event) => setAddress(event.target.value)}
        />
        <button type="button" disabled={aet.trim() === '' && address.trim() === ''} onClick={add}>
          Allow
        </button>
        <span className="quiet">Counts once the receiver is saved.</span>
      </div>
      {problem !== undefined && (
        <p role="alert" className="dangerous">
          {problem}
        </p>
      )}
    </fieldset>
  );
}
