/** One thing that was looked at. Only a FAIL keeps the service from doing its work. */
export interface Check {
  area: string;
  level: 'OK' | 'WARN' | 'FAIL';
  detail: string;
  /** What to do; absent when all is well. */
  fix?: string;
}

export function ok(area: string, detail: string): Check {
  return { area, level: 'OK', detail };
}

export function warn(area: string, detail: string, fix: string): Check {
  return { area, level: 'WARN', detail, fix };
}

export function fail(area: string, detail: string, fix: string): Check {
  return { area, level: 'FAIL', detail, fix };
}
