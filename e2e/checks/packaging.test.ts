// The packaging and CI files cannot run here: they are held against the tools' own schema and against what the code expects.
import Ajv from 'ajv';
import yaml from 'js-yaml';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '..', '..');
const read = (name: string): string => fs.readFileSync(path.join(ROOT, name), 'utf8');

interface BuilderConfig {
  electronFuses: Record<string, boolean>;
  files: string[];
  linux: { icon: string; target: string[] };
  mac: { entitlements: string; hardenedRuntime: boolean };
  protocols: { schemes: string[] }[];
  fileAssociations: { ext: string }[];
}
const config = yaml.load(read('electron-builder.yml')) as BuilderConfig;

test('electron-builder.yml fits the schema of the electron-builder that is installed', () => {
  const schema = JSON.parse(read('node_modules/app-builder-lib/scheme.json')) as Record<string, unknown>;
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile({
    ...schema,
    additionalProperties: false,
  });
  const isValid = validate(config);
  expect(validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`) ?? []).toEqual([]);
  expect(isValid).toBe(true);
  expect(validate({ ...config, electronFusess: {} })).toBe(false);
});

test('the fuses shut what could run foreign code in the packaged program', () => {
  expect(config.electronFuses).toMatchObject({
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  });
});

test('what the configuration names is there, and what the package starts is packed', () => {
  for (const file of [`resources/${config.linux.icon}`, config.mac.entitlements])
    expect(fs.existsSync(path.join(ROOT, file)), file).toBe(true);
  const { main } = JSON.parse(read('package.json')) as { main: string };
  expect(main.startsWith('out/electron/')).toBe(true);
  expect(config.files).toContain('out/electron/**');
  expect(config.protocols[0]?.schemes).toEqual(['lectern']);
  expect(config.fileAssociations[0]?.ext).toBe('dcm');
  expect(config.mac.hardenedRuntime).toBe(true);
});

interface Workflow {
  on: unknown;
  permissions: Record<string, string>;
  jobs: Record<string, { 'runs-on': string; needs?: string; steps: { uses?: string; run?: string }[] }>;
}

test('the workflow tests, runs the Electron specs and packages on three systems', () => {
  const workflow = yaml.load(read('.github/workflows/ci.yml')) as Workflow;
  expect(workflow.permissions).toEqual({ contents: 'read' });
  expect(Object.keys(workflow.jobs)).toEqual(['test', 'electron', 'package']);
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const [name, job] of Object.entries(workflow.jobs)) {
    expect(job['runs-on'], name).toBe('${{ matrix.os }}');
    if (job.needs !== undefined) expect(workflow.jobs).toHaveProperty(job.needs);
    for (const step of job.steps) {
      expect(Number(step.uses !== undefined) + Number(step.run !== undefined), JSON.stringify(step)).toBe(1);
      if (step.uses !== undefined) expect(step.uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
      for (const [, script] of step.run?.matchAll(/npm run ([\w:]+)/g) ?? [])
        expect(scripts).toHaveProperty([script ?? '']);
    }
  }
});
