import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, type Tags, type YAMLMap, type YAMLSeq } from 'yaml';
import * as z from 'zod';

const root = join(import.meta.dirname, '../..');

const Template = z.object({
  Parameters: z.record(z.string(), z.unknown()).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
  Outputs: z.record(z.string(), z.unknown()).default({}),
});
export type CloudFormation = z.infer<typeof Template>;

/** A template, or a part of one, with CloudFormation's short tags spelled out as in JSON. */
export function readTemplate(file: string): CloudFormation {
  return Template.parse(parse(readFileSync(join(root, file), 'utf8'), { customTags }));
}

const names = ['Base64', 'Equals', 'GetAtt', 'GetAZs', 'If', 'ImportValue', 'Join', 'Not', 'Or'];
const more = ['And', 'Select', 'Split', 'Sub', 'FindInMap'];

const customTags: Tags = [
  { tag: '!Ref', resolve: (text: string) => ({ Ref: text }) },
  { tag: '!Condition', resolve: (text: string) => ({ Condition: text }) },
  ...[...names, ...more].flatMap((name) => [
    { tag: `!${name}`, resolve: (text: string) => ({ [`Fn::${name}`]: scalar(name, text) }) },
    ...(['seq', 'map'] as const).map((collection) => ({
      tag: `!${name}`,
      collection,
      resolve: (node: YAMLSeq | YAMLMap) => ({ [`Fn::${name}`]: node.toJSON() }),
    })),
  ]),
];

/** `!GetAtt Queue.Arn` is a pair in JSON. */
function scalar(name: string, text: string): unknown {
  if (name !== 'GetAtt') return text;
  const at = text.indexOf('.');
  return [text.slice(0, at), text.slice(at + 1)];
}
