import { writeFileSync } from 'node:fs';
import { readyScript } from './readyScript.ts';
import { RESOURCES } from './resources.ts';

const target = new URL('ready.d/10-resources.sh', import.meta.url);
writeFileSync(target, readyScript(RESOURCES), { mode: 0o755 });
