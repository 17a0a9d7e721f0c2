// The peers of the interop suites (Orthanc, DCMTK), each suite with ports and a home of its own; absent: skipped by name.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './lectern.ts';

const PEERS = path.resolve(ROOT, process.env['PEERS_DIR'] ?? path.join('..', 'shared', 'peers'));
export const hasPeers = fs.existsSync(path.join(PEERS, 'orthanc.sh'));
export const hasOrthanc =
  hasPeers && (spawnSync('which', ['Orthanc']).status === 0 || fs.existsSync('/usr/sbin/Orthanc'));

export interface PeerPlace {
  home: string;
  /** First of ten ports that nobody else uses. */
  firstPort: number;
}

function environment({ home, firstPort }: PeerPlace): NodeJS.ProcessEnv {
  const names = [
    'ORTHANC_HTTP_PORT',
    'ORTHANC_HTTPS_PORT',
    'ORTHANC_DICOM_PORT',
    'STORESCP_PORT',
    'STORESCP_TLS_PORT',
    'QRSCP_PORT',
    'QRSCP_TLS_PORT',
    'WLM_PORT',
    'WLM_TLS_PORT',
    'LECTERN_PORT',
  ];
  return {
    ...process.env,
    PEERS_HOME: home,
    ...Object.fromEntries(names.map((name, index) => [name, String(firstPort + index)])),
  };
}

export function runPeer(place: PeerPlace, script: string, ...args: string[]): string {
  return execFileSync(path.join(PEERS, script), args, {
    env: environment(place),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Starts Orthanc; gives its address and how to end it. */
export function startOrthanc(place: PeerPlace): { url: string; stop(): void } {
  runPeer(place, 'orthanc.sh', 'start');
  return { url: `http://127.0.0.1:${place.firstPort}`, stop: () => void runPeer(place, 'orthanc.sh', 'stop') };
}
