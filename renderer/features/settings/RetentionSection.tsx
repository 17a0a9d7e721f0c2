// What the archive takes up, and the rules by which old studies leave it.
import { useEffect, useState, useSyncExternalStore } from 'react';
import { backend } from '../../backend-client/client.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { limitOf, showLimit, studyCount } from './retention.logic.ts';
import type { SettingsView } from './use-settings.ts';

const GIGABYTE = 1e9;

export function RetentionSection({ store, settings }: { store: ArchiveStore; settings: SettingsView }) {
  const { session, studies } = useSyncExternalStore(store.subscribe, store.state);
  const kept = settings.value?.retention;
  const waitsUntil = kept?.maxAgeDays ? settings.value?.clockDoubtedUntil : null;
  const receivedAs = kept?.maxAgeDays ? settings.value?.receivedAs : null;
  const [gigabytes, setGigabytes] = useState('');
  const [days, setDays] = useState('');
  const [isSaved, setSaved] = useState(false);
  useEffect(() => {
    setGigabytes(showLimit(kept?.maxBytes, GIGABYTE));
    setDays(showLimit(kept?.maxAgeDays, 1));
  }, [kept]);
  const [maxBytes, maxAgeDays] = [limitOf(gigabytes, GIGABYTE), limitOf(days, 1)];
  const isValid = maxBytes !== undefined && maxAgeDays !== undefined;
  const pinnedCount = studies.filter((row) => row.isPinned).length;
  const save = (): void =>
    void store.attempt(async () => {
      if (!isValid) return;
      await backend.setRetention({ maxBytes, maxAgeDays });
      await settings.reload();
      setSaved(true);
    });
  const { usedBytes = 0, freeBytes = 0 } = session?.archive ?? {};
  const gb = (bytes: number): string => `${(bytes / GIGABYTE).toFixed(bytes < 10 * GIGABYTE ? 2 : 0)} GB`;
  return (
    <>
      <div className="usage">
        <meter aria-label="Disk space used by the archive" min={0} max={usedBytes + freeBytes || 1} value={usedBytes} />
        <span>
          {gb(usedBytes)} used by {studyCount(studies.length)}, {gb(freeBytes)} free; {pinnedCount} pinned
        </span>
      </div>
      {settings.failure !== undefined && <p className="warning">{settings.failure} Nothing is removed by itself.</p>}
      {settings.value && (
        <>
          <p className="quiet">
            Where a limit is passed, the studies received longest ago go first. Pinned studies, and studies with work or
            lengths that were not sent, never go. An empty field: no limit.
          </p>
          {waitsUntil && (
            <p className="warning">
              The clock of this computer is more than a week ahead of where Lectern last saw it. In case it is wrong,
              nothing is removed for its age before {new Date(waitsUntil).toLocaleString()}.
            </p>
          )}
          {receivedAs && (
            <p className="warning">
              The clock of this computer is behind the time at which Lectern last received something. What comes now is
              kept as if it came then, on {new Date(receivedAs).toLocaleString()}: set the clock. Where that time was
              the wrong one, the clock is believed once it has gone on for 30 days.
            </p>
          )}
          <form
            className="fields"
            aria-label="Retention rules"
            onSubmit={(event) => {
              event.preventDefault();
              save();
            }}
          >
            <label htmlFor="retention-size">At most, in GB</label>
            <input
              id="retention-size"
              type="text"
              inputMode="decimal"
              aria-invalid={maxBytes === undefined}
              value={gigabytes}
              onChange={(event) => {
                setGigabytes(event.target.value);
                setSaved(false);
              }}
            />
            <label htmlFor="retention-age">At most, in days since they came</label>
            <input
              id="retention-age"
              type="text"
              inputMode="numeric"
              aria-invalid={maxAgeDays === undefined}
              value={days}
              onChange={(event) => {
                setDays(event.target.value);
                setSaved(false);
              }}
            />
            <span />
            <span className="row">
              <button type="submit" disabled={!isValid}>
                Save the rules
              </button>
              <button type="button" onClick={() => void store.attempt(() => backend.runRetention())}>
                Apply them now
              </button>
              {isSaved && <span role="status">Saved.</span>}
            </span>
          </form>
          {!isValid && <p className="dangerous">A limit is a number above 0, or empty for none.</p>}
        </>
      )}
    </>
  );
}
