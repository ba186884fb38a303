import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Mount } from '../run/launch.ts';
import type { HostTool } from './hostTool.ts';

export const TOOLCHAIN = '/opt/toolchain';
const NODE = `${TOOLCHAIN}/bin/node`;
const TYPESCRIPT = `${TOOLCHAIN}/lib/typescript`;
const TYPES = `${TOOLCHAIN}/types`;

/** Mounted for every run: the service's own Node, its TypeScript and the types of Node, so that a bare machine has them. */
export interface OwnTools {
  tools: HostTool[];
  mounts: Mount[];
  links: { path: string; target: string }[];
}

export function ownTools(): OwnTools {
  const typescript = packageAt('typescript', TYPESCRIPT);
  const types = ['@types/node', 'undici-types'].flatMap((name) =>
    packageAt(name, `${TYPES}/${name}`),
  );
  const node: HostTool = { ...BARE, name: 'node', hostPath: process.execPath, command: [NODE] };
  return {
    tools: [node, ...typescript.map(tscOf)],
    mounts: [{ source: process.execPath, destination: NODE }, ...typescript, ...types],
    links: [
      { path: `${TOOLCHAIN}/bin/tsc`, target: `${TYPESCRIPT}/bin/tsc` },
      // tsc looks into node_modules of every folder upwards: a project without types finds these, one with its own
      // never comes here. Nothing that a program could import is among them.
      { path: '/node_modules', target: TYPES },
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

function packageAt(name: string, destination: string): Mount[] {
  const source = packageFolder(name);
  return source === undefined ? [] : [{ source, destination }];
}

function packageFolder(name: string): string | undefined {
  const found = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const folder = found.map((modules) => path.join(modules, name)).find((at) => fs.existsSync(at));
  return folder && fs.realpathSync(folder);
}
