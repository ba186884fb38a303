import type { Reporter, TestModule } from 'vitest/node';

/** Tells in the end why tests were skipped, each reason once: the default reporter shows none of a file that passed. */
// biome-ignore lint/style/noDefaultExport: Vitest takes a reporter in a file of its own no other way.
export default class SkipReasons implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>();
    for (const test of modules.flatMap((module) => [...module.children.allTests('skipped')])) {
      const result = test.result();
      const why = (result.state === 'skipped' ? result.note : undefined) ?? 'no reason was given';
      counts.set(why, (counts.get(why) ?? 0) + 1);
    }
    for (const [why, count] of counts) console.log(`skipped ${count}: ${why}`);
  }
}
