// Rules for priors: whether a patient's earlier studies are fetched, from where, and which.
import { useEffect, useState, type FormEvent } from 'react';
import { useStore } from 'zustand';
import { network } from '../../backend-client/network.ts';
import { priorRules, type PriorRules } from '#shared/contract/receiver.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { CheckField, ChoiceField, TextField } from './Field.tsx';
import { networkStore } from './network-store.ts';
import { problemWords } from './node-words.ts';

interface SectionProps {
  store: ArchiveStore;
}

export function PriorsSection({ store }: SectionProps) {
  const { nodes, receiver, reload } = useStore(networkStore);
  useEffect(() => void reload(), [reload]);
  if (!receiver || !nodes) return <p className="quiet">Asking</p>;
  return (
    <>
      {receiver.priorProblems.map((problem) => (
        <p key={`${problem.what} ${problem.node}`} className="warning">
          {problemWords(problem)} It is tried again by itself.
        </p>
      ))}
      <PriorsForm key={JSON.stringify(receiver.priors)} rules={receiver.priors} store={store} />
    </>
  );
}

function PriorsForm({ rules, store }: SectionProps & { rules: PriorRules }) {
  const nodes = useStore(networkStore).nodes ?? [];
  const [draft, setDraft] = useState(rules);
  const [age, setAge] = useState(rules.maxAgeYears === null ? '' : String(rules.maxAgeYears));
  const [count, setCount] = useState(String(rules.maxCount));
  const [isSaved, setSaved] = useState(false);
  const set = (change: Partial<PriorRules>): void => {
    setDraft((before) => ({ ...before, ...change }));
    setSaved(false);
  };
  const parsed = priorRules.safeParse({
    ...draft,
    maxAgeYears: age.trim() === '' ? null : Number(age),
    maxCount: Number(count),
  });
  const save = (event: FormEvent): void => {
    event.preventDefault();
    if (!parsed.success) return;
    void store.attempt(async () => {
      await network.setPriors(parsed.data);
      await networkStore.getState().reload();
      setSaved(true);
    });
  };
  const dimse = nodes.filter(({ settings }) => settings.kind === 'dimse').map(({ settings }) => settings.name);
  const setWorklist = (name: string): void => {
    const { worklistNode: _before, ...rest } = draft;
    setDraft(name === '' ? rest : { ...rest, worklistNode: name });
    setSaved(false);
  };
  return (
    <form className="node-form" aria-label="Priors" onSubmit={save}>
      <p className="quiet">
        When a study arrives, earlier studies of the same patient (ID and issuer) are fetched, newest first, as jobs
        that can be seen and cancelled.
      </p>
      <CheckField label="Fetch priors by themselves" isOn={draft.isOn} onChange={(isOn) => set({ isOn })} />
      <fieldset className="callers">
        <legend>Look at these nodes; the first that has priors gives them</legend>
        {nodes.length === 0 && <p className="quiet">No node is set up.</p>}
        {nodes.map(({ settings: { name } }) => {
          const place = draft.nodes.indexOf(name);
          return (
            <span key={name} className="row">
              <CheckField
                label={place >= 0 ? `${name} (number ${place + 1})` : name}
                isOn={place >= 0}
                onChange={(isOn) =>
                  set({ nodes: isOn ? [...draft.nodes, name] : draft.nodes.filter((each) => each !== name) })
                }
              />
            </span>
          );
        })}
      </fieldset>
      <CheckField
        label="Of the same modality only"
        isOn={draft.sameModality}
        onChange={(sameModality) => set({ sameModality })}
      />
      <CheckField
        label="Of the same body part only, where it is said"
        isOn={draft.sameBodyPart}
        onChange={(sameBodyPart) => set({ sameBodyPart })}
      />
      <p className="small quiet">
        It can be judged only where the node tells it, with its studies or with their series: an earlier study without a
        body part is fetched. The worklist tells none: those on it get priors of any body part.
      </p>
      <div className="fields">
        <TextField
          label="At most, years back"
          isNumber
          value={age}
          hint="Empty: however old."
          onChange={(text) => {
            setAge(text);
            setSaved(false);
          }}
        />
        <TextField
          label="At most, studies"
          isNumber
          value={count}
          hint="1 to 50."
          onChange={(text) => {
            setCount(text);
            setSaved(false);
          }}
        />
        <ChoiceField
          label="Worklist of today"
          value={draft.worklistNode ?? ''}
          choices={[['', 'Not looked at'] as const, ...dimse.map((name) => [name, name] as const)]}
          hint="Priors of everybody on it are fetched ahead."
          onChange={setWorklist}
        />
      </div>
      {draft.isOn && draft.nodes.length === 0 && <p className="warning">Nothing is fetched until a node is chosen.</p>}
      {!parsed.success && <p className="dangerous">Years are a number above 0 or empty; studies are 1 to 50.</p>}
      <div className="row">
        <button type="submit" disabled={!parsed.success}>
          Save the priors
        </button>
        {isSaved && <span role="status">Saved.</span>}
      </div>
    </form>
  );
}
