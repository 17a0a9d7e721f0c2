import { defineConfig } from 'vitest/config';
import { keepGenericWrappers } from './electron/backend/base/engine.ts';

export default defineConfig({
  test: {
    // Processes, not threads: a thread of Node closes descriptors that it believes its own, and ours are passed between threads.
    pool: 'forks',
    // The long files are interop, which mostly waits for its peers; vitest itself would leave one processor to itself.
    maxWorkers: '150%',
    // Tests start hundreds of workers, whose types Node strips by WebAssembly.
    execArgv: [keepGenericWrappers],
    include: ['{shared,electron,renderer}/**/*.test.{ts,tsx}', 'e2e/{checks,interop}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What a test waits for comes, also on a busy machine.
    expect: { poll: { timeout: 50_000 } },
  },
});
