import { defineConfig } from 'vitest/config';

const services = {
  globalSetup: ['test/support/globalSetup.ts'],
  testTimeout: 60_000,
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    // Most tests wait for processes and leases: more of them at once than the one that two cores would get.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/architecture/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: [
            'test/contract/**/*.test.ts',
            'test/integration/**/*.test.ts',
            'test/escape/**/*.test.ts',
          ],
          ...services,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          ...services,
          testTimeout: 180_000,
        },
      },
      {
        // Every line of the attack list, in every tier: part of the integration tests, and here by itself.
        test: {
          name: 'escape',
          include: ['test/escape/**/*.test.ts', 'test/integration/sandbox/*.test.ts'],
          exclude: ['test/integration/sandbox/toolchains.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        // By itself only, as `npm run test:chaos`: it takes minutes.
        test: {
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          testTimeout: 900_000,
        },
      },
    ],
  },
});
