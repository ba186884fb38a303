import type { OraclePlan, OracleSetting } from '../plan.ts';
import { planGradle } from './gradle.ts';
import { planJavac } from './javac.ts';
import { planMaven } from './maven.ts';

export function planJava(setting: OracleSetting): OraclePlan {
  switch (setting.project.tool) {
    case 'gradle':
      return planGradle(setting);
    case 'maven':
      return planMaven(setting);
    default:
      return planJavac(setting);
  }
}
