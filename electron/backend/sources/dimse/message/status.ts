// DIMSE status codes as data: category and words, per service (PS3.7 Annex C, PS3.4 B.2.3, C.4.1 to C.4.3, J.3).

export type StatusCategory = 'success' | 'warning' | 'failure' | 'cancel' | 'pending';
export interface StatusView {
  code: number;
  category: StatusCategory;
  text: string;
}
export type StatusService = 'echo' | 'store' | 'find' | 'get' | 'move' | 'action' | 'event-report';

/** Codes that this program sends. */
export const STATUS = {
  success: 0x0000,
  cancel: 0xfe00,
  pending: 0xff00,
  /** PS3.4 C.4.2.1.5. */
  moveDestinationUnknown: 0xa801,
  /** PS3.4 B.2.3: out of resources. */
  outOfResources: 0xa700,
  dataSetMismatch: 0xa900,
  cannotUnderstand: 0xc000,
  /** PS3.4 B.2.3: stored, though the data set does not match the SOP class. */
  dataSetWarning: 0xb007,
  processingFailure: 0x0110,
  duplicateSopInstance: 0x0111,
  noSuchSopInstance: 0x0112,
  noSuchEventType: 0x0113,
  invalidSopInstance: 0x0117,
  sopClassNotSupported: 0x0122,
  duplicateInvocation: 0x0210,
  unrecognizedOperation: 0x0211,
  mistypedArgument: 0x0212,
} as const;

/** PS3.7 Annex C: valid for each service. */
const GENERAL: Record<number, string> = {
  0x0000: 'success',
  0x0105: 'no such attribute',
  0x0106: 'invalid attribute value',
  0x0107: 'some attributes are not supported',
  0x0110: 'processing failure',
  0x0111: 'an instance with this UID is there already',
  0x0112: 'no such instance',
  0x0113: 'no such event type',
  0x0114: 'no such argument',
  0x0115: 'invalid argument value',
  0x0116: 'an attribute value is out of range',
  0x0117: 'invalid instance UID',
  0x0118: 'no such SOP class',
  0x0119: 'instance and SOP class do not fit',
  0x0120: 'missing attribute',
  0x0121: 'missing attribute value',
  0x0122: 'SOP class not supported',
  0x0123: 'no such action',
  0x0124: 'not authorised',
  0x0210: 'duplicate invocation',
  0x0211: 'unrecognised operation',
  0x0212: 'mistyped argument',
  0x0213: 'resource limitation',
  0xfe00: 'cancelled',
};

/** [first, last, category, text]; the first that fits counts. */
type Range = readonly [number, number, StatusCategory, string];
const RETRIEVE: readonly Range[] = [
  [0xa701, 0xa701, 'failure', 'out of resources: the matches cannot be counted'],
  [0xa702, 0xa702, 'failure', 'out of resources: the sub-operations cannot be performed'],
  [0xa700, 0xa7ff, 'failure', 'out of resources'],
  [0xa801, 0xa801, 'failure', 'the move destination is not known to the other system'],
  [0xa900, 0xa9ff, 'failure', 'the identifier does not fit the SOP class'],
  [0xaa02, 0xaa02, 'failure', 'none of the requested frames was found'],
  [0xaa03, 0xaa03, 'failure', 'no new object can be made for this SOP class'],
  [0xaa04, 0xaa04, 'failure', 'no frames can be taken out of these instances'],
  [0xb000, 0xb000, 'warning', 'complete, with failed or warned sub-operations'],
  [0xc000, 0xcfff, 'failure', 'unable to process'],
  [0xff00, 0xff00, 'pending', 'sub-operations continue'],
];
const RANGES: Record<StatusService, readonly Range[]> = {
  echo: [],
  store: [
    [0xa700, 0xa7ff, 'failure', 'out of resources'],
    [0xa900, 0xa9ff, 'failure', 'the data set does not fit the SOP class'],
    [0xb000, 0xb000, 'warning', 'data elements were coerced'],
    [0xb006, 0xb006, 'warning', 'data elements were discarded'],
    [0xb007, 0xb007, 'warning', 'the data set does not fit the SOP class'],
    [0xb000, 0xbfff, 'warning', 'stored with a warning'],
    [0xc000, 0xcfff, 'failure', 'cannot be understood'],
  ],
  find: [
    [0xa700, 0xa7ff, 'failure', 'out of resources'],
    [0xa900, 0xa9ff, 'failure', 'the identifier does not fit the SOP class'],
    [0xb000, 0xbfff, 'warning', 'ended with a warning'],
    [0xc000, 0xcfff, 'failure', 'unable to process'],
    [0xff00, 0xff00, 'pending', 'matches continue'],
    [0xff01, 0xff01, 'pending', 'matches continue; one or more optional keys are not supported'],
  ],
  get: RETRIEVE,
  move: RETRIEVE,
  action: [],
  'event-report': [],
};
const GENERAL_WARNINGS = new Set([0x0001, 0x0107, 0x0116]);

/** What a code says. A code that nobody defines counts as failure: it must not pass for success. */
export function statusOf(service: StatusService, code: number): StatusView {
  const range = RANGES[service].find(([first, last]) => code >= first && code <= last);
  if (range) return { code, category: range[2], text: range[3] };
  if (code === 0) return { code, category: 'success', text: 'success' };
  if (code === 0xfe00) return { code, category: 'cancel', text: 'cancelled' };
  const text = GENERAL[code] ?? 'a status that the standard does not know';
  // PS3.7 C.3: warnings of the general kind; the rest of 0xB... are warnings, all others failures (C.4, C.5).
  const isWarning = GENERAL_WARNINGS.has(code) || (code >= 0xb000 && code <= 0xbfff);
  return { code, category: isWarning ? 'warning' : 'failure', text };
}

/** `0xA700, out of resources` with the peer's own comment, if it gave one. */
export function statusText(service: StatusService, code: number, comment?: string): string {
  const { text } = statusOf(service, code);
  const said = comment ? ` ("${comment.slice(0, 64)}")` : '';
  return `status 0x${code.toString(16).toUpperCase().padStart(4, '0')}, ${text}${said}`;
}
