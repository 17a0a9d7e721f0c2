import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { valueOf } from './arguments.ts';

test.skipIf(process.platform !== 'linux')('bytes of an argument that are no UTF-8 are told apart', () => {
  const file = path.join(import.meta.dirname, 'arguments.ts');
  const script = `import(${JSON.stringify(file)}).then((m) => console.log(JSON.stringify(m.argumentsAsShown(process.argv.slice(1)))))`;
  const shell =
    'exec "$0" --disable-warning=ExperimentalWarning -e "$1" import "$(printf "K\\\\366ln/\\\\344")" ü "$(printf "K\\\\344ln")" ""';
  const given = execFileSync('sh', ['-c', shell, process.execPath, script], { encoding: 'utf8' });
  expect(JSON.parse(given)).toEqual(['import', 'K\\xF6ln/\\xE4', 'ü', 'K\\xE4ln', '']);
});

test('the value of an option is found in either form, the last one counts, and none behind --', () => {
  expect(valueOf(['ls', '--data', 'a'], 'data')).toBe('a');
  expect(valueOf(['--data=a=b', 'ls'], 'data')).toBe('a=b');
  expect(valueOf(['--data', 'a', '--data=b'], 'data')).toBe('b');
  expect(valueOf(['ls', '--', '--data', 'a'], 'data')).toBeUndefined();
  expect(valueOf(['ls'], 'data')).toBeUndefined();
});
