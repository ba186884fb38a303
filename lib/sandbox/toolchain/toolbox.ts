import { existsSync } from 'node:fs';
import { ruleOf, type ToolRule, type ToolRules } from '../policy/tools.ts';
import { findHostTool, type HostTool } from './hostTool.ts';
import { findJdkTools } from './jdks.ts';
import { ownTools } from './ownTools.ts';

/** The tools of the allowlist that this machine has. Looked up on the host, never in a workspace. */
export interface Toolbox {
  rule(name: string): ToolRule | undefined;
  find(name: string): HostTool | undefined;
  all(): HostTool[];
  /** Tools that a tool starts by itself. */
  companionsOf(name: string): HostTool[];
}

export function openToolbox(rules: ToolRules, searchPath: readonly string[]): Toolbox {
  const tools = new Map<string, HostTool>();
  for (const tool of [...ownTools().tools, ...findJdkTools()]) tools.set(tool.name, tool);
  for (const name of rules.keys()) {
    if (tools.has(name) || name === 'gradlew') continue;
    const found = findHostTool(name, searchPath);
    if (found !== undefined) tools.set(name, found);
  }
  const find = (name: string) => tools.get(name);
  return {
    rule: (name) => ruleOf(rules, name),
    find,
    all: () => [...tools.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    companionsOf: (name) =>
      (ruleOf(rules, name)?.needs ?? []).flatMap((needed) => find(needed) ?? []),
  };
}

/** The project's own Gradle wrapper: the one program that is taken from a workspace, and only ever run inside. */
export function gradleWrapper(workspace: string): HostTool | undefined {
  const hostPath = `${workspace}/gradlew`;
  if (!existsSync(hostPath)) return undefined;
  const command = ['/bin/sh', '/workspace/gradlew'];
  return { name: 'gradlew', hostPath, command, mounts: [], folder: undefined };
}
