import { Variables } from '../../lib/config/variables.ts';

export interface ServiceVariable {
  name: string;
  /** As it would be written into `.env`; undefined: unset. */
  fallback: string | undefined;
  meaning: string;
}

/** Every variable that the service reads, out of the schema that it is parsed with. */
export function listVariables(): ServiceVariable[] {
  return Object.entries(Variables.shape).map(([name, schema]) => {
    const unset = schema.safeParse(undefined);
    const value = unset.success ? unset.data : undefined;
    return {
      name,
      fallback: value === undefined || value === '' ? undefined : String(value),
      meaning: schema.description ?? '',
    };
  });
}
