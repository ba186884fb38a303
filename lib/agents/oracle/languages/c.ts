import type { OraclePlan, OracleSetting } from '../plan.ts';
import { planCmake } from './cmake.ts';
import { planMake, planWithoutBuildFile } from './make.ts';

export function planC(setting: OracleSetting): OraclePlan {
  switch (setting.project.tool) {
    case 'cmake':
      return planCmake(setting);
    case 'make':
      return planMake(setting);
    default:
      return planWithoutBuildFile(setting);
  }
}
