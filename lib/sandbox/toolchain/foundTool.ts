import { ruleOf, toolRules } from '../policy/tools.ts';
import { findHostTool, usualFolders } from './hostTool.ts';

/** Absolute host path of a program, or the package of Debian that holds it. */
export type FoundTool = { path: string } | { debian: string };

export function toolOrPackage(name: string, searchPath = usualFolders()): FoundTool {
  const found = findHostTool(name, searchPath);
  if (found !== undefined) return { path: found.hostPath };
  return { debian: ruleOf(toolRules([]), name)?.debian ?? name };
}
