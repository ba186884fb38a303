import fs from 'node:fs';
import { applyPatch } from '../../../../lib/sandbox/workspace/apply.ts';
import { Patch } from '../../../../lib/task/patch.ts';

/** Applies a patch in a process of its own, which the test kills in the middle. */
const [root = '', patchFile = '', stateDir = ''] = process.argv.slice(2);
applyPatch({ root, patch: Patch.parse(JSON.parse(fs.readFileSync(patchFile, 'utf8'))), stateDir });
