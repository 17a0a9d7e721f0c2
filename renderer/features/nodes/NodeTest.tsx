// Walks a node step by step and says of each what was found; what fails says what to do. The certificate can be pinned here.
import { Check, CircleAlert, LoaderCircle, Minus, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { BackendError } from '../../backend-client/client.ts';
import { isValidityDue, validityWords } from '#shared/contract/validity.ts';
import { network } from '../../backend-client/network.ts';
import type { CertificateView, TestStep } from '#shared/contract/nodes.ts';
import { STEP_WORDS } from './node-words.ts';

interface NodeTestProps {
  name: string;
  /** Fingerprint that is pinned now. */
  pinned: string | undefined;
  onPin(fingerprint: string): void;
  onClose(): void;
}

const OUTCOMES = {
  ok: { Icon: Check, words: 'passed', className: 'outcome-ok' },
  warning: { Icon: CircleAlert, words: 'passed with a warning', className: 'warning' },
  failed: { Icon: X, words: 'failed', className: 'dangerous' },
  skipped: { Icon: Minus, words: 'not tried', className: 'quiet' },
} as const;

export function NodeTest({ name, pinned, onPin, onClose }: NodeTestProps) {
  const [steps, setSteps] = useState<readonly TestStep[]>([]);
  const [failure, setFailure] = useState<string>();
  const [isRunning, setRunning] = useState(true);
  const [run, setRun] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    const walk = async (): Promise<void> => {
      setSteps([]);
      setFailure(undefined);
      setRunning(true);
      try {
        for await (const line of network.testNode(name, stop.signal))
          if ('failed' in line) setFailure(line.failed.reason);
          else setSteps((before) => [...before, line]);
      } catch (error) {
        if (stop.signal.aborted) return;
        setFailure(error instanceof BackendError ? error.message : 'The test ended early.');
      }
      setRunning(false);
    };
    void walk();
    return () => stop.abort();
  }, [name, pinned, run]);
  const failed = steps.filter(({ outcome }) => outcome === 'failed').length + (failure === undefined ? 0 : 1);
  const warned = steps.filter(({ outcome }) => outcome === 'warning').length;
  return (
    <section className="node-test" aria-label={`Test of ${name}`}>
      <ol className="plain-list">
        {steps.map((step) => (
          <Step key={step.step} step={step} pinned={pinned} onPin={onPin} />
        ))}
      </ol>
      {failure !== undefined && <p className="dangerous">{failure}</p>}
      <div className="row">
        <span role="status" className={failed > 0 ? 'dangerous' : warned > 0 ? 'warning' : ''}>
          {isRunning ? (
            <>
              <LoaderCircle size={14} aria-hidden="true" /> Testing
            </>
          ) : failed > 0 ? (
            `${failed} ${failed === 1 ? 'step' : 'steps'} failed.`
          ) : warned > 0 ? (
            `Works, with ${warned} ${warned === 1 ? 'warning' : 'warnings'}.`
          ) : (
            'All steps passed.'
          )}
        </span>
        {!isRunning && (
          <button type="button" onClick={() => setRun(run + 1)}>
            Test again
          </button>
        )}
        <button type="button" onClick={onClose}>
          {isRunning ? 'Stop' : 'Close'}
        </button>
      </div>
    </section>
  );
}

interface StepProps extends Pick<NodeTestProps, 'pinned' | 'onPin'> {
  step: TestStep;
}

function Step({ step, pinned, onPin }: StepProps) {
  const { Icon, words, className } = OUTCOMES[step.outcome];
  return (
    <li className="test-step" data-outcome={step.outcome}>
      <Icon size={16} className={className} aria-hidden="true" />
      <span className="step-name">
        {STEP_WORDS[step.step]}
        <span className="visually-hidden"> {words}</span>
      </span>
      <span className={step.outcome === 'ok' ? '' : className}>{step.detail}</span>
      {step.certificate && <Certificate certificate={step.certificate} pinned={pinned} onPin={onPin} />}
    </li>
  );
}

interface CertificateProps extends Pick<NodeTestProps, 'pinned' | 'onPin'> {
  certificate: CertificateView;
}

function Certificate({ certificate, pinned, onPin }: CertificateProps) {
  const { subject, issuer, names, validFrom, validTo, fingerprint } = certificate;
  const now = Date.now();
  const isPinned = pinned?.toUpperCase() === fingerprint.toUpperCase();
  const rows: readonly [string, string][] = [
    ['Subject', subject],
    ['Issuer', issuer],
    ['Names', names],
    ['Valid', `${validFrom.slice(0, 10)} to ${validTo.slice(0, 10)}, ${validityWords(certificate, now)}`],
    ['SHA-256', fingerprint],
  ];
  return (
    <div className="certificate">
      <dl>
        {rows.map(([label, text]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className={label === 'Valid' && isValidityDue(certificate, now) ? 'warning' : ''}>{text}</dd>
          </div>
        ))}
      </dl>
      {isPinned ? (
        <p className="quiet">Pinned: only this certificate is taken.</p>
      ) : (
        <p className="row">
          <button type="button" onClick={() => onPin(fingerprint)}>
            Pin this certificate
          </button>
          <span className="quiet">
            Compare the fingerprint with the one that the other system’s people tell you: once pinned, it is taken
            whatever else is wrong with it, and no other one.
          </span>
        </p>
      )}
    </div>
  );
}
