// What must be seen at a glance about the network: the receiver is open to it, or does not listen; priors cannot be looked for; a
// certificate ends soon.
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { isValidityDue, validityWords, type Validity } from '#shared/contract/validity.ts';
import { networkStore } from './network-store.ts';
import { problemWords } from './node-words.ts';

const LOOK_EVERY_MS = 30_000;

export function NetworkMark({ onSettings }: { onSettings(): void }) {
  const { nodes = [], receiver, reload } = useStore(networkStore);
  useEffect(() => {
    void reload();
    const timer = setInterval(() => void reload(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [reload]);
  const marks: [string, string][] = [];
  if (receiver?.isOpenToNetwork === true)
    marks.push([
      'open to the network',
      `The receiver ${receiver.settings.aet} can be reached by other machines on port ${receiver.address?.port ?? ''}${receiver.settings.tls ? '' : ', without encryption'}.`,
    ]);
  if (receiver?.state === 'failed') marks.push(['receiver does not listen', receiver.message ?? '']);
  for (const problem of receiver?.priorProblems ?? []) marks.push(['priors may be missing', problemWords(problem)]);
  for (const problem of receiver?.routingProblems ?? []) marks.push(['a rule has no node', problem]);
  const certificates: [string, Validity | null | undefined][] = [
    ['The receiver’s certificate', receiver?.certificateValidity],
    ...nodes.map(({ settings, certificateValidity }): [string, Validity | null] => [
      `Our certificate for ${settings.name}`,
      certificateValidity,
    ]),
  ];
  const now = Date.now();
  for (const [whose, validity] of certificates)
    if (validity && isValidityDue(validity, now))
      marks.push(['certificate', `${whose}: ${validityWords(validity, now)}.`]);
  if (marks.length === 0) return null;
  return (
    <button
      type="button"
      className="plain network-mark warning"
      title={marks.map(([, text]) => text).join('\n')}
      onClick={onSettings}
    >
      {[...new Set(marks.map(([words]) => words))].join(', ')}
    </button>
  );
}
