// Names of the command line's commands: the packaged program looks at them to tell a command from a file to open.

export const COMMAND_NAMES = [
  'import',
  'ls',
  'show',
  'export',
  'verify',
  'rebuild',
  'rm',
  'passphrase',
  'serve',
  'nodes',
  'echo',
  'find',
  'get',
  'send',
  'scp',
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];
