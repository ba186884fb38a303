import type { OraclePlan, OracleSetting } from '../plan.ts';
import { planCmake } from './cmake.ts';
import { planMake, planWithoutBuildFile } from './make.ts';

export function planC(setting: OracleSetting): OraclePlan {
  const compilers = setting.project.language === 'c' ? ['gcc', 'clang'] : ['g++', 'clang++'];
  const [wanted = ''] = compilers;
  if (!compilers.some((compiler) => setting.tools.has(compiler))) return withoutCompiler(wanted);
  switch (setting.project.tool) {
    case 'cmake':
      return planCmake(setting);
    case 'make':
      return planMake(setting);
    default:
      return planWithoutBuildFile(setting);
  }
}

/** Else make itself would say so, as a failed build. */
function withoutCompiler(wanted: string): OraclePlan {
  return {
    kind: 'impossible',
    status: 'not_run',
    tool: wanted,
    cause: 'toolchain_missing',
    reason: `${wanted} is not on this machine`,
    remedy: `Install it, on Debian and Ubuntu by: apt-get install ${wanted}`,
  };
}
