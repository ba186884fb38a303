import type { UnverifiedReason } from '../../lib/task/verdict.ts';
import type { TaskView } from '../../lib/task/view.ts';

/** What a machine may lack for the Java example; everything else it lacks is a fault. */
const LACKING: readonly UnverifiedReason[] = [
  'non_negotiable_unsatisfied',
  'toolchain_missing',
  'dependencies_missing',
];

/**
 * Undefined when the task ended as it honestly must; else what was expected instead. The small examples can be proved
 * anywhere; the Java one cannot be more than partially verified by a skeleton, and needs JDK 21 and Gradle for that.
 */
export function disappointment(task: TaskView): string | undefined {
  const { status, verdict, payload } = task;
  if (status !== 'succeeded' || verdict === null) return 'expected: succeeded';
  if (verdict.name === 'verified') return undefined;
  if (payload.input.language !== 'java') return 'expected: verified';
  if (verdict.name === 'partially_verified') return undefined;
  const isLacking = verdict.reason !== undefined && LACKING.includes(verdict.reason);
  return verdict.name === 'unverified' && isLacking
    ? undefined
    : 'expected: partially_verified, or unverified for want of JDK 21 or Gradle';
}
