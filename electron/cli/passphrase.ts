// `lectern passphrase`: protects the archive by a passphrase, or by another one than before.
import { COPIES_MADE_BEFORE } from '#shared/contract/protection.ts';
import { UsageError } from './arguments.ts';
import type { Command } from './command.ts';

export const passphraseCommand: Command = {
  usage: 'passphrase [--new-passphrase-file F]',
  about: `sets or changes the passphrase of the archive; without F the new one is asked for on the terminal.
      Where a key file opened the archive until then: ${COPIES_MADE_BEFORE}`,
  options: { 'new-passphrase-file': 'value' },
  takesPassphrases: true,
  run: async ({ operands, print, passphrases, open }) => {
    if (operands.length)
      throw new UsageError('passphrase takes no operands: the new one comes from a file or the terminal.');
    const backend = await open();
    backend.open().useCases.check('configure');
    const { protection } = backend.session().archive;
    const hadOne = protection === 'passphrase';
    const current = hadOne ? await passphrases.current() : undefined;
    const next = await passphrases.next();
    if (next === undefined || (hadOne && current === undefined))
      throw new UsageError('passphrase needs --new-passphrase-file and --passphrase-file, or a terminal to ask on.');
    await backend.setPassphrase(next, current);
    print(hadOne ? 'the passphrase is changed' : 'the archive is protected by the passphrase from the next start on');
    if (protection === 'key-file') print(COPIES_MADE_BEFORE);
    return 0;
  },
};
