// What a person must know who gives the archive its first passphrase in place of a key file, on the page and on the command line.

/** Copies share the key file, by the id of the archive, and it goes with the first passphrase. */
export const COPIES_MADE_BEFORE =
  'Copies and backups of the data folder that were made before open only by this passphrase and with the archive.json of this folder: put that one into them, or make them anew.';
