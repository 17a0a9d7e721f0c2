import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Processes, not threads: a thread of Node closes descriptors that it believes its own, and ours are passed between threads.
    pool: 'forks',
    include: ['{shared,electron,renderer}/**/*.test.{ts,tsx}', 'e2e/{checks,interop}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
