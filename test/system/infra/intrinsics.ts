import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Node, parseDocument, YAMLMap } from 'yaml';

/** CloudFormation's intrinsic functions, as far as infra/aws and the packaged template use them; others throw. */

// biome-ignore lint/suspicious/noExplicitAny: a template's shape is CloudFormation's to check, not ours.
export type Json = any;

const shortForms = [
  ...['Ref', 'Sub', 'If', 'Not', 'Equals', 'Contains', 'Select', 'Split', 'Join', 'GetAtt'],
];

/** A template of infra/aws, with the short forms (`!Ref`) written out. */
export function readTemplate(name: string): Json {
  const file = join(import.meta.dirname, '../../../infra/aws', `${name}.yml`);
  const long = (form: string) => (form === 'Ref' ? 'Ref' : `Fn::${form}`);
  const collection = (form: string) => (value: Node) => {
    const map = new YAMLMap();
    map.set(long(form), value);
    return map;
  };
  const document = parseDocument(readFileSync(file, 'utf8'), {
    customTags: shortForms.flatMap((form) => [
      { tag: `!${form}`, resolve: (value: string) => ({ [long(form)]: value }) },
      { tag: `!${form}`, collection: 'seq' as const, resolve: collection(form) as never },
      { tag: `!${form}`, collection: 'map' as const, resolve: collection(form) as never },
    ]),
  });
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) throw problems[0];
  return document.toJS();
}

export interface Values {
  /** What `Ref` gives: parameters, pseudo parameters, resources by logical id. */
  readonly refs: Readonly<Record<string, unknown>>;
  /** What `Fn::GetAtt` gives, by `LogicalId.Attribute`. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly conditions?: Readonly<Record<string, unknown>>;
}

export const account = '123456789012';

/** The pseudo parameters of a stack in this Region. */
export function pseudo(region: string, partition = 'aws') {
  return {
    'AWS::AccountId': account,
    'AWS::Partition': partition,
    'AWS::Region': region,
    'AWS::NoValue': undefined,
  };
}

/** The parameters of a template: those given, and the others' defaults; lists are split. */
export function parametersOf(template: Json, given: Readonly<Record<string, string>>) {
  const parameters: Record<string, Json> = template.Parameters ?? {};
  for (const name of Object.keys(given))
    if (!(name in parameters)) throw new Error(`The template has no parameter ${name}.`);
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { Type, Default, AllowedPattern, MaxLength }]) => {
      const value: string | undefined = given[name] ?? Default;
      if (value === undefined) throw new Error(`The parameter ${name} has no value.`);
      const values = Type === 'CommaDelimitedList' ? value.split(',') : [value];
      for (const one of values) {
        if (AllowedPattern && !new RegExp(`^(?:${AllowedPattern})$`).test(one))
          throw new Error(`Parameter ${name}: ${one} does not match ${AllowedPattern}.`);
        if (MaxLength && one.length > MaxLength)
          throw new Error(`Parameter ${name}: ${one} is longer than ${MaxLength}.`);
      }
      return [name, Type === 'CommaDelimitedList' ? values : value];
    }),
  );
}

/** The value with all intrinsic functions resolved; list items and keys whose value is AWS::NoValue are omitted. */
export function resolve(value: Json, values: Values): Json {
  if (Array.isArray(value))
    return value.map((one) => resolve(one, values)).filter((one) => one !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const [[form, argument] = ['', undefined], ...others] = Object.entries<Json>(value);
  const isFunction = others.length === 0 && (form === 'Ref' || form.startsWith('Fn::'));
  if (isFunction) return call(form, argument, values);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, one]) => [key, resolve(one, values)] as const)
      .filter(([, one]) => one !== undefined),
  );
}

function call(form: string, argument: Json, values: Values): Json {
  if (form === 'Ref') return ref(argument, values);
  if (form === 'Fn::Sub') return substitute(argument, values);
  if (form === 'Fn::GetAtt') return attribute([argument].flat().join('.'), values);
  if (form === 'Fn::If') {
    const [name, yes, no] = argument;
    const condition = values.conditions?.[name];
    if (condition === undefined) throw new Error(`The template has no condition ${name}.`);
    return resolve(resolve(condition, values) ? yes : no, values);
  }
  if (form === 'Fn::Select') {
    const [index, from] = argument;
    return resolve(from, values)[index];
  }
  const [first, second] = resolve(argument, values);
  if (form === 'Fn::Equals') return first === second;
  if (form === 'Fn::Not') return !first;
  if (form === 'Fn::Contains') return first.includes(second);
  if (form === 'Fn::Split') return second.split(first);
  if (form === 'Fn::Join') return second.join(first);
  throw new Error(`${form} is not supported here.`);
}

function ref(name: string, { refs }: Values): Json {
  if (!(name in refs)) throw new Error(`Ref ${name} has no value.`);
  return refs[name];
}

function attribute(name: string, { attributes = {} }: Values): string {
  const value = attributes[name];
  if (value === undefined) throw new Error(`GetAtt ${name} has no value.`);
  return value;
}

function substitute(argument: Json, values: Values): string {
  const [text, own] = typeof argument === 'string' ? [argument, {}] : argument;
  return text.replaceAll(/\$\{([\w:.]+)\}/g, (_: string, name: string) => {
    if (name in own) return resolve(own[name], values);
    return name.includes('.') ? attribute(name, values) : ref(name, values);
  });
}
