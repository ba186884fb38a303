import { writeFileSync } from 'node:fs';
import { differencesPage } from './differences.ts';

writeFileSync(new URL('differences.md', import.meta.url), differencesPage());
