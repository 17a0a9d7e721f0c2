// Who acts and what they may do. One local user for now; every use case asks `may` already, so that accounts can come
// without touching them.

export interface Person {
  id: string;
  name: string;
}

export type Action =
  | 'read'
  | 'measure'
  | 'import'
  | 'export'
  | 'delete'
  | 'pin'
  | 'verify'
  | 'configure'
  | 'query'
  | 'retrieve'
  | 'send'
  | 'receive';

export interface People {
  current(): Person;
  /** Whether this person may do this, to this study where it is about one. */
  may(person: Person, action: Action, studyUid?: string): boolean;
}

/** The person at this machine's account, who may do everything. */
export function localPeople(accountName: string): People {
  const person: Person = { id: 'local', name: accountName };
  return { current: () => person, may: () => true };
}
