import type { StdioOptions } from 'node:child_process';
import { inheritableDescriptors } from './descriptors.ts';
import { FD, type Launch, type RunPlan } from './launch.ts';

/** Descriptors that the child gets and we close again. */
export interface OwnEnds {
  stdout: number;
  stderr: number;
  /** /dev/null. */
  nothing: number;
}

/** Every descriptor of the launcher: what it needs under the numbers it knows, /dev/null for all that was inherited. */
export function stdioOf(launch: Launch, plan: RunPlan, own: OwnEnds): StdioOptions {
  const ours = new Map<number, number | 'pipe'>([
    [0, own.nothing],
    [1, own.stdout],
    [2, own.stderr],
    [FD.seccomp, launch.seccomp ?? own.nothing],
    [FD.status, 'pipe'],
    [FD.workspace, plan.workspace],
  ]);
  if (plan.report !== undefined) ours.set(FD.report, plan.report);
  if (launch.teller === 'init') ours.set(FD.told, 'pipe');
  if (launch.hiddenArgs !== undefined) ours.set(FD.args, launch.hiddenArgs);
  if (plan.group !== undefined) ours.set(FD.group, plan.group);
  const inherited = new Set(inheritableDescriptors());
  const length = Math.max(...ours.keys(), ...inherited) + 1;
  // From 3 upwards 'ignore' leaves a descriptor as it is: what is inherited must be replaced by /dev/null.
  const other = (index: number) => (inherited.has(index) ? own.nothing : 'ignore');
  return Array.from({ length }, (_, index) => ours.get(index) ?? other(index));
}
