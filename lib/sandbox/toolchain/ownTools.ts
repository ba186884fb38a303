import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Mount } from '../run/launch.ts';
import type { HostTool } from './hostTool.ts';

export const TOOLCHAIN = '/opt/toolchain';
const MODULES = `${TOOLCHAIN}/lib/node_modules`;
const NODE = `${TOOLCHAIN}/bin/node`;

/** Mounted for every run: the service's own Node, its TypeScript and the types of Node, so that a bare machine has them. */
export interface OwnTools {
  tools: HostTool[];
  mounts: Mount[];
  links: { path: string; target: string }[];
}

export function ownTools(): OwnTools {
  const modules = ['typescript', '@types/node', 'undici-types'].flatMap((name) => {
    const folder = packageFolder(name);
    return folder === undefined ? [] : [{ source: folder, destination: `${MODULES}/${name}` }];
  });
  const typescript = modules.find(({ destination }) => destination === `${MODULES}/typescript`);
  const node: HostTool = { ...BARE, name: 'node', hostPath: process.execPath, command: [NODE] };
  return {
    tools: typescript === undefined ? [node] : [node, tscOf(typescript)],
    mounts: [{ source: process.execPath, destination: NODE }, ...modules],
    links: [
      { path: `${TOOLCHAIN}/bin/tsc`, target: `${MODULES}/typescript/bin/tsc` },
      // tsc looks for types in node_modules of every folder upwards: a project without any finds these, with its own it
      // never comes here.
      { path: '/node_modules', target: MODULES },
    ],
  };
}

const BARE = { mounts: [], folder: undefined };

function tscOf({ source, destination }: Mount): HostTool {
  const script = 'bin/tsc';
  return {
    ...BARE,
    name: 'tsc',
    hostPath: path.join(source, script),
    command: [NODE, `${destination}/${script}`],
  };
}

function packageFolder(name: string): string | undefined {
  const found = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const folder = found.map((modules) => path.join(modules, name)).find((at) => fs.existsSync(at));
  return folder && fs.realpathSync(folder);
}
