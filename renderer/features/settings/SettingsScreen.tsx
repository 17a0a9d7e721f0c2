// The settings place: one page of sections. A section whose endpoint this build lacks says so.
import { ArrowLeft } from 'lucide-react';
import { useEffect, useRef, useSyncExternalStore, type ReactNode } from 'react';
import { awayWords, type ArchiveStore } from '../archive/index.ts';
import { keepFocusNear } from '../../ui/keep-focus-near.ts';
import { useFocusBack } from '../../ui/use-focus-back.ts';
import { JobsFoot } from '../jobs/index.ts';
import { NodesSection, PriorsSection, ReceiverSection, RoutingSection } from '../nodes/index.ts';
import { AboutSection } from './AboutSection.tsx';
import { AuditSection } from './AuditSection.tsx';
import { ProtectionSection } from './ProtectionSection.tsx';
import { RetentionSection } from './RetentionSection.tsx';
import { useSettings } from './use-settings.ts';
import { VerifySection } from './VerifySection.tsx';
import { WatchFoldersSection } from './WatchFoldersSection.tsx';

const SECTIONS = [
  ['nodes', 'Nodes'],
  ['receiver', 'Receiver'],
  ['routing', 'Routing'],
  ['priors', 'Priors'],
  ['protection', 'Archive protection'],
  ['storage', 'Storage and retention'],
  ['watch', 'Watch folders'],
  ['verify', 'Verification'],
  ['audit', 'Audit log'],
  ['about', 'About'],
] as const;

export function SettingsScreen({ store, onClose }: { store: ArchiveStore; onClose(): void }) {
  const { isLineUp, isOtherStart, notice } = useSyncExternalStore(store.subscribe, store.state);
  const settings = useSettings();
  const root = useRef<HTMLElement>(null);
  useEffect(() => {
    root.current?.focus();
    void store.refreshSession();
  }, [store]);
  const goTo = (id: string): void => {
    const section = document.getElementById(`settings-${id}`);
    section?.scrollIntoView();
    section?.focus();
  };
  return (
    <main
      ref={root}
      className="settings"
      tabIndex={-1}
      aria-label="Settings"
      onKeyDown={(event) => {
        // Not from within a form: what was typed there would be lost.
        if (event.key === 'Escape' && !(event.target as Element).closest('form, input')) onClose();
      }}
    >
      <header className="browser-head">
        <button type="button" className="plain" title="Back to the studies (Escape)" onClick={onClose}>
          <ArrowLeft size={16} aria-hidden="true" /> Studies
        </button>
        <h1>Settings</h1>
      </header>
      <nav aria-label="Sections of the settings">
        {SECTIONS.map(([id, label]) => (
          <button key={id} type="button" className="plain" onClick={() => goTo(id)}>
            {label}
          </button>
        ))}
      </nav>
      <div className="settings-place">
        {!isLineUp && (
          <p className="banner dangerous" role="alert">
            {awayWords({ isOtherStart })} Nothing can be changed {isOtherStart ? 'from here' : 'until it is back'}.
          </p>
        )}
        {notice !== undefined && <Refusal key={notice} words={notice} onClose={store.dismissNotice} />}
        <div ref={keepFocusNear} className="settings-body">
          <Section id="nodes">
            <NodesSection store={store} />
          </Section>
          <Section id="receiver">
            <ReceiverSection store={store} />
          </Section>
          <Section id="routing">
            <RoutingSection store={store} />
          </Section>
          <Section id="priors">
            <PriorsSection store={store} />
          </Section>
          <Section id="protection">
            <ProtectionSection store={store} />
          </Section>
          <Section id="storage">
            <RetentionSection store={store} settings={settings} />
          </Section>
          <Section id="watch">
            <WatchFoldersSection store={store} settings={settings} />
          </Section>
          <Section id="verify">
            <VerifySection store={store} />
          </Section>
          <Section id="audit">
            <AuditSection />
          </Section>
          <Section id="about">
            <AboutSection store={store} />
          </Section>
        </div>
      </div>
      <JobsFoot store={store} />
    </main>
  );
}

/** Above what scrolls: what is refused further down is said where the person looks. */
function Refusal({ words, onClose }: { words: string; onClose(): void }) {
  useFocusBack();
  return (
    <p className="banner dangerous" role="alert">
      {words}
      <button type="button" onClick={onClose}>
        Close
      </button>
    </p>
  );
}

function Section({ id, children }: { id: (typeof SECTIONS)[number][0]; children: ReactNode }) {
  const label = SECTIONS.find(([each]) => each === id)?.[1];
  return (
    <section id={`settings-${id}`} tabIndex={-1} aria-labelledby={`settings-${id}-title`}>
      <h2 id={`settings-${id}-title`}>{label}</h2>
      {children}
    </section>
  );
}
