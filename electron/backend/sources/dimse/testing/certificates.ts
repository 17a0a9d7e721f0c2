// Authorities and certificates for tests, made by openssl in a temporary folder; where there is no openssl, tests are skipped.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

export interface TestAuthority {
  ca: string;
  /** A certificate of this authority for these names (`DNS:localhost`, `IP:127.0.0.1`), PEM; for servers and clients, unless told. */
  issue(
    names: string,
    dates?: { notBefore: string; notAfter: string },
    usage?: string,
  ): { certificate: string; key: string };
  remove(): void;
}

export function makeAuthority(name: string): TestAuthority {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-tls-'));
  const at = (file: string): string => path.join(folder, file);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-days', '30', '-subj', `/CN=${name}`, '-keyout', 'ca.key', '-out', 'ca.crt');
  fs.writeFileSync(at('index.txt'), '');
  fs.writeFileSync(
    at('ca.cnf'),
    '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\ncertificate=ca.crt\nprivate_key=ca.key\ndefault_md=sha256\nrand_serial=yes\nunique_subject=no\npolicy=p\n[p]\ncommonName=supplied\n',
  );
  let count = 0;
  return {
    ca: fs.readFileSync(at('ca.crt'), 'utf8'),
    issue: (names, dates, usage = 'serverAuth,clientAuth') => {
      const base = `leaf${count++}`;
      openssl('req', ...key, '-subj', '/CN=leaf', '-keyout', `${base}.key`, '-out', `${base}.csr`);
      fs.writeFileSync(at(`${base}.ext`), `subjectAltName=${names}\nextendedKeyUsage=${usage}\n`);
      const validity = dates ? ['-startdate', dates.notBefore, '-enddate', dates.notAfter] : ['-days', '20'];
      openssl(
        'ca',
        '-batch',
        '-notext',
        '-config',
        'ca.cnf',
        '-in',
        `${base}.csr`,
        '-out',
        `${base}.crt`,
        '-extfile',
        `${base}.ext`,
        ...validity,
      );
      return {
        certificate: fs.readFileSync(at(`${base}.crt`), 'utf8'),
        key: fs.readFileSync(at(`${base}.key`), 'utf8'),
      };
    },
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}
