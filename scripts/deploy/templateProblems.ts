import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { PropertyType, SpecDatabase } from '@aws-cdk/service-spec-types';

export interface Template {
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
}

interface Shape {
  properties: Record<string, { type: PropertyType; required?: boolean }>;
}

/** Reading it takes a second. */
let specification: SpecDatabase | undefined;

/** What CloudFormation would refuse of a template: unknown types, unknown properties, required ones that are missing. */
export function templateProblems(template: Template): string[] {
  specification ??= loadAwsServiceSpecSync();
  const known = specification;
  return Object.entries(template.Resources).flatMap(([id, { Type, Properties = {} }]) => {
    const [shape] = known.lookup('resource', 'cloudFormationType', 'equals', Type);
    if (shape === undefined) return [`${id}: unknown type ${Type}`];
    return shapeProblems(known, shape, { path: `${id}(${Type})`, value: Properties });
  });
}

interface Place {
  path: string;
  value: Record<string, unknown>;
}

function shapeProblems(specification: SpecDatabase, shape: Shape, place: Place): string[] {
  const missing = Object.entries(shape.properties)
    .filter(([name, { required }]) => required === true && !(name in place.value))
    .map(([name]) => `${place.path}: ${name} is missing`);
  const wrong = Object.entries(place.value).flatMap(([name, value]) => {
    const path = `${place.path}.${name}`;
    const property = shape.properties[name];
    if (property === undefined) return [`${path}: unknown property`];
    return valueProblems(specification, property.type, { path, value });
  });
  return [...missing, ...wrong];
}

function valueProblems(
  specification: SpecDatabase,
  type: PropertyType,
  { path, value }: { path: string; value: unknown },
): string[] {
  if (isFunctionCall(value)) return [];
  if (type.type === 'array' && Array.isArray(value)) {
    return value.flatMap((inner, at) =>
      valueProblems(specification, type.element, { path: `${path}[${at}]`, value: inner }),
    );
  }
  if (type.type === 'ref' && isObject(value)) {
    const shape = specification.get('typeDefinition', type.reference.$ref);
    return shapeProblems(specification, shape, { path, value });
  }
  return isOfScalarType(type.type, value)
    ? []
    : [`${path}: ${JSON.stringify(value)} is no ${type.type}`];
}

/** CloudFormation turns text into numbers and the other way round; anything else must fit. */
function isOfScalarType(type: PropertyType['type'], value: unknown): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string' || typeof value === 'number';
    case 'integer':
    case 'number':
      return Number.isFinite(Number(value));
    case 'boolean':
      return typeof value === 'boolean' || value === 'true' || value === 'false';
    case 'array':
    case 'ref':
      return false;
    default:
      return true;
  }
}

/** `Ref`, `Fn::GetAtt` and their like stand for a value that only the deployment knows. */
function isFunctionCall(value: unknown): boolean {
  if (!isObject(value)) return false;
  const [name = '', ...more] = Object.keys(value);
  return more.length === 0 && (name === 'Ref' || name.startsWith('Fn::'));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
