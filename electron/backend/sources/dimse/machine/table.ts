// The state machine of the upper layer as the standard writes it: one table, (state, event) to action (PS3.8 9.2.3,
// tables 9-6 to 9-10). What the actions do stands in upper-layer.ts; a pair that is not here is an error.

/** PS3.8 tables 9-1 to 9-5. 1 idle; 2 and 3 acceptor opening; 4 and 5 requestor opening; 6 established; 7 to 12 releasing; 13 closing. */
export type State = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13;
export const STATES: readonly State[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];

/** The events of PS3.8 table 9-10, rows in its order (Evt1 to Evt19). */
export const EVENTS = [
  'associate-request', // Evt1, by the local user
  'transport-open', // Evt2, requestor
  'associate-ac', // Evt3, PDU
  'associate-rj', // Evt4, PDU
  'transport-indication', // Evt5, acceptor
  'associate-rq', // Evt6, PDU
  'accept', // Evt7, by the local user
  'reject', // Evt8, by the local user
  'send-data', // Evt9, by the local user
  'data', // Evt10, PDU
  'release-request', // Evt11, by the local user
  'release-rq', // Evt12, PDU
  'release-rp', // Evt13, PDU
  'release-response', // Evt14, by the local user
  'abort-request', // Evt15, by the local user
  'abort', // Evt16, PDU
  'transport-closed', // Evt17
  'artim-expired', // Evt18
  'invalid-pdu', // Evt19
] as const;
export type Event = (typeof EVENTS)[number];

export type Action =
  | `AE-${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8}`
  | `DT-${1 | 2}`
  | `AR-${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10}`
  | `AA-${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8}`;

/** State after each action (PS3.8 tables 9-6 to 9-9). AE-6 and AR-8 decide between two themselves. */
export const NEXT_STATE: Record<Exclude<Action, 'AE-6' | 'AR-8'>, State> = {
  'AE-1': 4,
  'AE-2': 5,
  'AE-3': 6,
  'AE-4': 1,
  'AE-5': 2,
  'AE-7': 6,
  'AE-8': 13,
  'DT-1': 6,
  'DT-2': 6,
  'AR-1': 7,
  'AR-2': 8,
  'AR-3': 1,
  'AR-4': 13,
  'AR-5': 1,
  'AR-6': 7,
  'AR-7': 8,
  'AR-9': 11,
  'AR-10': 12,
  'AA-1': 13,
  'AA-2': 1,
  'AA-3': 1,
  'AA-4': 1,
  'AA-5': 1,
  'AA-6': 13,
  'AA-7': 13,
  'AA-8': 13,
};

/** Rows of PS3.8 table 9-10, a cell for Sta1 to Sta13. */
const ROWS: Record<Event, string> = {
  'associate-request': 'AE-1 -    -    -    -    -    -    -    -    -     -    -    -',
  'transport-open': '    -    -    -    AE-2 -    -    -    -    -    -     -    -    -',
  'associate-ac': '      -    AA-1 AA-8 -    AE-3 AA-8 AA-8 AA-8 AA-8 AA-8  AA-8 AA-8 AA-6',
  'associate-rj': '      -    AA-1 AA-8 -    AE-4 AA-8 AA-8 AA-8 AA-8 AA-8  AA-8 AA-8 AA-6',
  'transport-indication': 'AE-5 - -   -    -    -    -    -    -    -     -    -    -',
  'associate-rq': '      -    AE-6 AA-8 -    AA-8 AA-8 AA-8 AA-8 AA-8 AA-8  AA-8 AA-8 AA-7',
  accept: '            -    -    AE-7 -    -    -    -    -    -    -     -    -    -',
  reject: '            -    -    AE-8 -    -    -    -    -    -    -     -    -    -',
  'send-data': '         -    -    -    -    -    DT-1 -    AR-7 -    -     -    -    -',
  data: '              -    AA-1 AA-8 -    AA-8 DT-2 AR-6 AA-8 AA-8 AA-8  AA-8 AA-8 AA-6',
  'release-request': '   -    -    -    -    -    AR-1 -    -    -    -     -    -    -',
  'release-rq': '        -    AA-1 AA-8 -    AA-8 AR-2 AR-8 AA-8 AA-8 AA-8  AA-8 AA-8 AA-6',
  'release-rp': '        -    AA-1 AA-8 -    AA-8 AA-8 AR-3 AA-8 AA-8 AR-10 AR-3 AA-8 AA-6',
  'release-response': '  -    -    -    -    -    -    -    AR-4 AR-9 -     -    AR-4 -',
  'abort-request': '     -    -    AA-1 AA-2 AA-1 AA-1 AA-1 AA-1 AA-1 AA-1  AA-1 AA-1 -',
  abort: '             -    AA-2 AA-3 -    AA-3 AA-3 AA-3 AA-3 AA-3 AA-3  AA-3 AA-3 AA-2',
  'transport-closed': '  -    AA-5 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4  AA-4 AA-4 AR-5',
  'artim-expired': '     -    AA-2 -    -    -    -    -    -    -    -     -    -    AA-2',
  'invalid-pdu': '       -    AA-1 AA-8 -    AA-8 AA-8 AA-8 AA-8 AA-8 AA-8  AA-8 AA-8 AA-7',
};

const TABLE = new Map<Event, readonly (Action | undefined)[]>(
  EVENTS.map((event) => [
    event,
    ROWS[event]
      .trim()
      .split(/\s+/)
      .map((cell) => (cell === '-' ? undefined : (cell as Action))),
  ]),
);

/** The action for an event in a state; undefined where the standard has none. */
export const actionFor = (state: State, event: Event): Action | undefined => TABLE.get(event)?.[state - 1];
