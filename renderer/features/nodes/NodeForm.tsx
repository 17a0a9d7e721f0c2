// One form for a node of either protocol: what always matters on top, the rest folded. Secrets go in beside it, once the node is
// saved.
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { BackendError } from '../../backend-client/client.ts';
import { network } from '../../backend-client/network.ts';
import type { NodeView, SecretName } from '#shared/contract/nodes.ts';
import { DicomwebFields } from './DicomwebFields.tsx';
import { DimseFields } from './DimseFields.tsx';
import { ChoiceField, TextField } from './Field.tsx';
import { checkDraft, type NodeDraft } from './node-form.logic.ts';
import { networkStore } from './network-store.ts';
import { useFormEscape } from './use-form-escape.tsx';
import { hostOf, isLoopback } from './node-words.ts';

interface NodeFormProps {
  start: NodeDraft;
  /** The node that is edited; absent for a new one. */
  edited?: NodeView | undefined;
  takenNames: readonly string[];
  /** `isToTest`: the person wants to see it tested now. `forgotten`: secrets that it had, and are to be set again. */
  onSaved(name: string, isToTest: boolean, forgotten: readonly SecretName[]): void;
  onClose(): void;
}

export interface FieldsProps {
  draft: NodeDraft;
  problems: Partial<Record<keyof NodeDraft, string>>;
  set(change: Partial<NodeDraft>): void;
  secrets: Readonly<Partial<Record<SecretName, string>>>;
  setSecret(secret: SecretName, value: string): void;
  /** Secrets that are set, with how to forget one. */
  kept: readonly SecretName[];
  forget: ((secret: SecretName) => void) | undefined;
}

const KINDS = [
  ['dimse', 'DICOM (AE title, host, port)'],
  ['dicomweb', 'DICOMweb (an https address)'],
] as const;

export function NodeForm({ start, edited, takenNames, onSaved, onClose }: NodeFormProps) {
  const [draft, setDraft] = useState(start);
  const [secrets, setSecrets] = useState<Partial<Record<SecretName, string>>>({});
  const [isChecked, setChecked] = useState(false);
  const [failure, setFailure] = useState<string>();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    // In braces: newer browsers give back a promise, which is no clean-up.
    form.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const checked = checkDraft(draft, takenNames);
  const problems = isChecked && !checked.ok ? checked.problems : {};

  const save = async (isToTest: boolean): Promise<void> => {
    setChecked(true);
    if (!checked.ok) {
      // The first field that is wrong, once it is marked.
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
      return;
    }
    const { name } = checked.settings;
    try {
      const { forgotten } = await network.putNode(edited?.settings.name ?? name, checked.settings);
      for (const secret of ['password', 'key'] as const) {
        const value = secrets[secret];
        if (value !== undefined && value !== '') await network.setSecret(name, secret, value);
      }
      await networkStore.getState().reload();
      onSaved(
        name,
        isToTest,
        forgotten.filter((secret) => !secrets[secret]),
      );
    } catch (error) {
      setFailure(error instanceof BackendError ? error.message : 'The node could not be saved.');
    }
  };
  const forget = (secret: SecretName): void => {
    if (!edited) return;
    network.forgetSecret(edited.settings.name, secret).then(
      () => networkStore.getState().reload(),
      () => setFailure('The secret could not be forgotten.'),
    );
  };
  const fields: FieldsProps = {
    draft,
    problems,
    set: (change) => setDraft((before) => ({ ...before, ...change })),
    secrets,
    setSecret: (secret, value) => setSecrets((before) => ({ ...before, [secret]: value })),
    kept: edited?.secrets ?? [],
    forget: edited && forget,
  };
  const isChanged = JSON.stringify(draft) !== JSON.stringify(start) || Object.values(secrets).some(Boolean);
  const escape = useFormEscape(isChanged, onClose);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void save(true);
  };
  return (
    <form
      ref={form}
      className="node-form"
      aria-label={edited ? `Edit ${edited.settings.name}` : 'New node'}
      noValidate
      onSubmit={submit}
      onKeyDown={escape.onKeyDown}
    >
      <div className="fields">
        <TextField
          label="Name"
          autoFocus
          value={draft.name}
          placeholder="Hospital PACS"
          problem={problems.name}
          onChange={(name) => fields.set({ name })}
        />
        <ChoiceField label="Protocol" value={draft.kind} choices={KINDS} onChange={(kind) => fields.set({ kind })} />
      </div>
      {draft.kind === 'dimse' ? <DimseFields {...fields} /> : <DicomwebFields {...fields} />}
      <Protection draft={draft} />
      {failure !== undefined && (
        <p role="alert" className="dangerous">
          {failure}
        </p>
      )}
      {escape.hint}
      <div className="row">
        <button type="submit" className="primary">
          Save and test
        </button>
        <button type="button" onClick={() => void save(false)}>
          Save
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}

/** What is to be said before anybody saves it. */
function Protection({ draft }: { draft: NodeDraft }) {
  const isPlain = draft.kind === 'dimse' ? !draft.hasTls : /^http:/i.test(draft.url);
  const host =
    draft.kind === 'dimse'
      ? draft.host.trim()
      : hostOf({ kind: 'dicomweb', name: '', url: draft.url, auth: { kind: 'none' } });
  if (!isPlain || host === '' || isLoopback(host)) return null;
  return (
    <p className="warning">
      Not protected: without TLS whoever is on the way to {host} can read and change what travels
      {draft.kind === 'dicomweb' && draft.auth !== 'none' && ', the sign-in included'}.
    </p>
  );
}
