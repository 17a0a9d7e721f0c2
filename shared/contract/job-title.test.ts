import { expect, test } from 'vitest';
import { jobTitle } from './job-title.ts';

test('a title that is too long loses its middle, and no letter is cut in two', () => {
  expect(jobTitle.parse('CT of the head')).toBe('CT of the head');
  const full = '𝒜'.repeat(200);
  expect(jobTitle.parse(full)).toBe(full);
  const cut = jobTitle.parse(`disc/${'𝒜'.repeat(600)}/slice.dcm`);
  expect([...cut]).toHaveLength(200);
  expect(cut).toMatch(/^disc\/𝒜+…𝒜+\/slice\.dcm$/u);
});
