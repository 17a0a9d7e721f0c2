// Rules for what arrives: where it is sent on to.
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { network } from '../../backend-client/network.ts';
import { routingRule, type RoutingRule } from '#shared/contract/receiver.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { ChoiceField, TextField } from './Field.tsx';
import { useFormEscape } from './use-form-escape.tsx';
import { networkStore } from './network-store.ts';

const KEYWORDS = [
  ['Modality', 'Modality'],
  ['SendingApplicationEntityTitle', 'Sender’s AE title'],
  ['StationName', 'Station name'],
  ['InstitutionName', 'Institution'],
  ['BodyPartExamined', 'Body part'],
  ['StudyDescription', 'Study description'],
  ['SeriesDescription', 'Series description'],
  ['ReferringPhysicianName', 'Referrer'],
] as const;
type Keyword = (typeof KEYWORDS)[number][0];
const wordsOf = (keyword: string): string => KEYWORDS.find(([each]) => each === keyword)?.[1] ?? keyword;

export function RoutingSection({ store }: { store: ArchiveStore }) {
  const { nodes = [], receiver, reload } = useStore(networkStore);
  const [isAdding, setAdding] = useState(false);
  useEffect(() => void reload(), [reload]);
  if (!receiver) return <p className="quiet">Asking</p>;
  const change = (rules: readonly RoutingRule[]): Promise<boolean> =>
    store.attempt(async () => {
      await network.setRouting(rules);
      await reload();
    });
  const names = nodes.map(({ settings }) => settings.name);
  const rules = receiver.routing;
  return (
    <>
      <p className="quiet">What is received and fits a rule is sent on, as a job that can be seen and cancelled.</p>
      {receiver.routingProblems.map((problem) => (
        <p key={problem} className="warning">
          {problem}
        </p>
      ))}
      <ul className="plain-list">
        {rules.map((rule, index) => (
          <li key={rule.name} className="row">
            <strong>{rule.name}</strong>
            <span>
              {rule.when.length === 0
                ? 'everything'
                : rule.when.map(({ keyword, value }) => `${wordsOf(keyword)} is ${value}`).join(' and ')}{' '}
              to {rule.sendTo}
            </span>
            <button
              type="button"
              aria-label={`Remove the rule ${rule.name}`}
              onClick={() => void change(rules.toSpliced(index, 1))}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      {rules.length === 0 && !isAdding && <p>Nothing is sent on by itself.</p>}
      {isAdding ? (
        <RoutingForm
          nodes={names}
          taken={rules.map(({ name }) => name)}
          onAdd={(rule) => void change([...rules, rule]).then((isDone) => isDone && setAdding(false))}
          onClose={() => setAdding(false)}
        />
      ) : (
        <div className="row">
          <button type="button" disabled={names.length === 0} onClick={() => setAdding(true)}>
            Add a rule
          </button>
          {names.length === 0 && <span className="quiet">A rule needs a node to send to.</span>}
        </div>
      )}
    </>
  );
}

interface RoutingFormProps {
  nodes: readonly string[];
  taken: readonly string[];
  onAdd(rule: RoutingRule): void;
  onClose(): void;
}

function RoutingForm({ nodes, taken, onAdd, onClose }: RoutingFormProps) {
  const [name, setName] = useState('');
  const [keyword, setKeyword] = useState<Keyword>('Modality');
  const [value, setValue] = useState('');
  const [when, setWhen] = useState<RoutingRule['when']>([]);
  const [sendTo, setSendTo] = useState(nodes[0] ?? '');
  const all = value.trim() === '' ? when : [...when, { keyword, value: value.trim() }];
  const parsed = routingRule.safeParse({ name, when: all, sendTo });
  const isTaken = taken.includes(name.trim());
  const escape = useFormEscape(name.trim() !== '' || all.length > 0, onClose);
  return (
    <form
      className="node-form"
      aria-label="New routing rule"
      onSubmit={(event) => {
        event.preventDefault();
        if (parsed.success && !isTaken) onAdd(parsed.data);
      }}
      onKeyDown={escape.onKeyDown}
    >
      <div className="fields">
        <TextField
          label="Name"
          autoFocus
          value={name}
          problem={isTaken ? 'There is such a rule already.' : undefined}
          onChange={setName}
        />
        <ChoiceField<Keyword> label="Where" value={keyword} choices={KEYWORDS} onChange={setKeyword} />
        <TextField label="is" value={value} hint="* and ? stand for any text and any character." onChange={setValue} />
        <ChoiceField
          label="Send to"
          value={sendTo}
          choices={nodes.map((node) => [node, node] as const)}
          onChange={setSendTo}
        />
      </div>
      {when.length > 0 && <p>{when.map((each) => `${wordsOf(each.keyword)} is ${each.value}`).join(' and ')}, and</p>}
      {all.length === 0 && name !== '' && (
        <p className="warning">Without a condition everything that is received is sent on.</p>
      )}
      {escape.hint}
      <div className="row">
        <button type="submit" disabled={!parsed.success || isTaken}>
          Add the rule
        </button>
        <button
          type="button"
          disabled={value.trim() === ''}
          onClick={() => {
            setWhen(all);
            setValue('');
          }}
        >
          And one more condition
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}
