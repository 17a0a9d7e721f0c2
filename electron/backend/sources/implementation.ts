// Who wrote a file or asks for an association.

/** PS3.7 D.3.3.2: names this implementation, not a version of it. */
export const IMPLEMENTATION_CLASS_UID = '2.25.142404209230011450914720230302817034850';
export const IMPLEMENTATION_VERSION = 'LECTERN_0.1';
