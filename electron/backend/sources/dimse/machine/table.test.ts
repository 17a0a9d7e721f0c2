// The table for every (event, state) pair, written out a second time as PS3.8 table 9-10 lists it: by event, state by state.
import { describe, expect, test } from 'vitest';
import { actionFor, EVENTS, NEXT_STATE, STATES, type Action, type Event, type State } from './table.ts';

const rest = (action: Action, ...states: State[]): [State, Action][] => states.map((state) => [state, action]);
const EXPECTED: Record<Event, [State, Action][]> = {
  'associate-request': [[1, 'AE-1']],
  'transport-open': [[4, 'AE-2']],
  'associate-ac': [[2, 'AA-1'], [5, 'AE-3'], [13, 'AA-6'], ...rest('AA-8', 3, 6, 7, 8, 9, 10, 11, 12)],
  'associate-rj': [[2, 'AA-1'], [5, 'AE-4'], [13, 'AA-6'], ...rest('AA-8', 3, 6, 7, 8, 9, 10, 11, 12)],
  'transport-indication': [[1, 'AE-5']],
  'associate-rq': [[2, 'AE-6'], [13, 'AA-7'], ...rest('AA-8', 3, 5, 6, 7, 8, 9, 10, 11, 12)],
  accept: [[3, 'AE-7']],
  reject: [[3, 'AE-8']],
  'send-data': [
    [6, 'DT-1'],
    [8, 'AR-7'],
  ],
  data: [[2, 'AA-1'], [6, 'DT-2'], [7, 'AR-6'], [13, 'AA-6'], ...rest('AA-8', 3, 5, 8, 9, 10, 11, 12)],
  'release-request': [[6, 'AR-1']],
  'release-rq': [[2, 'AA-1'], [6, 'AR-2'], [7, 'AR-8'], [13, 'AA-6'], ...rest('AA-8', 3, 5, 8, 9, 10, 11, 12)],
  'release-rp': [
    [2, 'AA-1'],
    [7, 'AR-3'],
    [10, 'AR-10'],
    [11, 'AR-3'],
    [13, 'AA-6'],
    ...rest('AA-8', 3, 5, 6, 8, 9, 12),
  ],
  'release-response': [
    [8, 'AR-4'],
    [9, 'AR-9'],
    [12, 'AR-4'],
  ],
  'abort-request': [[4, 'AA-2'], ...rest('AA-1', 3, 5, 6, 7, 8, 9, 10, 11, 12)],
  abort: [[2, 'AA-2'], [13, 'AA-2'], ...rest('AA-3', 3, 5, 6, 7, 8, 9, 10, 11, 12)],
  'transport-closed': [[2, 'AA-5'], [13, 'AR-5'], ...rest('AA-4', 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)],
  'artim-expired': rest('AA-2', 2, 13),
  'invalid-pdu': [[2, 'AA-1'], [13, 'AA-7'], ...rest('AA-8', 3, 5, 6, 7, 8, 9, 10, 11, 12)],
};

describe('state table', () => {
  test.each(EVENTS.flatMap((event) => STATES.map((state) => [event, state] as const)))(
    '%s in Sta%i',
    (event, state) => {
      expect(actionFor(state, event)).toBe(EXPECTED[event].find(([each]) => each === state)?.[1]);
    },
  );

  test('each action leads on, and every open state can be left by abort, close and nonsense', () => {
    const actions = new Set(EVENTS.flatMap((event) => STATES.map((state) => actionFor(state, event))));
    for (const action of actions)
      if (action && action !== 'AE-6' && action !== 'AR-8') expect(STATES).toContain(NEXT_STATE[action]);
    for (const state of STATES.filter((each) => each > 4))
      for (const event of ['abort', 'transport-closed', 'invalid-pdu'] as const)
        expect(actionFor(state, event)).toBeDefined();
  });
});
