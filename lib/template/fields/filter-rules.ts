import { NOTHING, join, joinAll, valueOf } from './abstract-value.ts'
import type { AbstractValue } from './abstract-value.ts'
import type { FilterCall } from './evaluate-filter.ts'
import type { Mark } from './field-node.ts'
import { readGiven } from './declared-reads.ts'
import { computed, elementOf, memberOf } from './member.ts'
import { positionOf } from './position-of.ts'

export type FilterRule = (call: FilterCall) => AbstractValue

/** Tests that `select` and `reject` can apply without looking into an element. */
const SHALLOW_TESTS = new Set(['truthy', 'falsy', 'defined', 'undefined', 'null'])

const fallback: FilterRule = (call) => {
  read(call, call.input, 'exists')
  read(call, call.argument(1), 'exists')
  return joinAll([call.input, call.argument(0)])
}

/** An element of a list, or a character of a string. */
const pick: FilterRule = (call) => {
  read(call, call.input, 'iter')
  return elementOf(call.input, positionOf(call.node, call.place))
}

const reverse: FilterRule = (call) => {
  read(call, call.input, 'iter')
  return listOf(elements(call), call)
}

const list: FilterRule = (call) => {
  read(call, call.input, 'iter')
  read(call, call.input, 'keys')
  // An object becomes a list of { key, value }.
  const entry = valueOf({ fields: new Map([['key', computed(call.input)], ['value', elements(call)]]) })
  return listOf(join(elements(call), entry), call)
}

const groups: FilterRule = (call) => {
  read(call, call.input, 'iter')
  read(call, call.argument(0), 'whole')
  return listOf(listOf(joinAll([elements(call), call.argument(1)]), call), call)
}

const select: FilterRule = (call) => {
  const test = call.source(0)
  const name: string | null = test?.typename === 'Literal' ? test['value'] : null
  const { customTests, declarations } = call.analysis.options
  const isCustom = test !== undefined && (name === null || customTests?.has(name) === true)
  const by = isCustom ? `the test '${name ?? 'that data names'}'` : null
  const reads = name === null ? undefined : declarations?.tests.get(name)
  if (by !== null && reads !== undefined) {
    readGiven(call.analysis, { by, reads }, [elements(call), call.argument(1) ?? NOTHING], call.node, call.place)
  } else if (by !== null || (name !== null && !SHALLOW_TESTS.has(name))) {
    for (const value of [call.input, call.argument(1) ?? NOTHING]) {
      call.analysis.giveAway(value, by, call.node, call.place)
      if (by !== null) call.analysis.change(value)
    }
    read(call, call.argument(0), 'whole')
  }
  read(call, call.input, 'iter')
  read(call, elements(call), 'exists')
  return listOf(elements(call), call)
}

const selectattr: FilterRule = (call) => {
  read(call, call.input, 'iter')
  readAttribute(call, { index: 0, mark: 'exists', split: single })
  return listOf(elements(call), call)
}

const groupby: FilterRule = (call) => {
  read(call, call.input, 'iter')
  const keys = readAttribute(call, { index: 0, mark: 'whole', split: dotted })
  const map = listOf(elements(call), call)
  return valueOf({ map, derived: computed(keys).derived, made: new Set([call.node]) })
}

const sort: FilterRule = (call) => {
  read(call, call.input, 'iter')
  for (const [index, name] of [[0, 'reverse'], [1, 'case_sensitive']] as const) read(call, call.argument(index, name), 'exists')
  readAttribute(call, { index: 2, name: 'attribute', mark: 'whole', split: dotted })
  return listOf(elements(call), call)
}

const join_: FilterRule = (call) => {
  read(call, call.input, 'iter')
  read(call, call.argument(0), 'whole')
  return computed(readAttribute(call, { index: 1, mark: 'whole', split: single }))
}

const sum: FilterRule = (call) => {
  read(call, call.input, 'iter')
  read(call, call.argument(1), 'whole')
  return computed(readAttribute(call, { index: 0, mark: 'whole', split: single }), call.argument(1) ?? NOTHING)
}

const length: FilterRule = (call) => {
  read(call, call.input, 'iter')
  read(call, call.input, 'keys')
  return computed(call.input)
}

const dictsort: FilterRule = (call) => {
  const by = call.source(1)
  read(call, call.input, 'keys')
  read(call, call.argument(0), 'exists')
  keyed(call)
  if (by !== undefined && !(by.typename === 'Literal' && by['value'] === 'key')) {
    read(call, call.input, 'whole')
    read(call, call.argument(1), 'whole')
  }
  const pair = valueOf({ fields: new Map([['0', computed(call.input)], ['1', elements(call)]]), made: new Set([call.node]) })
  return listOf(pair, call)
}

/** Puts an object's keys and values out. */
const object: FilterRule = (call) => {
  for (const value of call.all) call.analysis.readDeep(value, `the filter '${String(call.node['name'].value)}'`, call.node, call.place)
  return computed(...call.all)
}

const text: FilterRule = (call) => {
  for (const value of call.all) read(call, value, 'whole')
  return computed(...call.all)
}

/** What nunjucks' own filters read of their input, and what they give back. A filter without a rule may read all. */
export const filterRules: Readonly<Record<string, FilterRule>> = {
  __proto__: null as never,
  batch: groups,
  d: fallback,
  default: fallback,
  dictsort,
  dump: object,
  first: pick,
  groupby,
  join: join_,
  last: pick,
  length,
  list,
  random: pick,
  reject: select,
  rejectattr: selectattr,
  reverse,
  select,
  selectattr,
  slice: groups,
  sort,
  sum,
  urlencode: object,
  ...Object.fromEntries([
    'abs', 'capitalize', 'center', 'e', 'escape', 'float', 'forceescape', 'indent', 'int', 'lower', 'nl2br', 'replace',
    'round', 'safe', 'sanitize', 'string', 'striptags', 'title', 'trim', 'truncate', 'upper', 'urlize', 'wordcount',
  ].map((name) => [name, text]))
}

interface Attribute {
  readonly index: number
  readonly name?: string
  readonly mark: Mark
  readonly split: (name: string) => readonly string[]
}

function single (name: string): readonly string[] {
  return [name]
}

function dotted (name: string): readonly string[] {
  return name.split('.')
}

/** Reads the attribute that an argument names of each element; all of the elements where it names none, or one that is data. */
function readAttribute (call: FilterCall, attribute: Attribute): AbstractValue {
  const source = call.source(attribute.index, attribute.name)
  const name: unknown = source?.typename === 'Literal' ? source['value'] : null
  if (typeof name !== 'string' || name === '') {
    // Without an attribute the elements themselves are compared, joined or added: numbers and texts.
    const by = source === undefined || source.typename === 'Literal' ? null : `the filter '${String(call.node['name'].value)}', whose attribute is data,`
    call.analysis.readDeep(call.input, by, call.node, call.place)
    read(call, call.argument(attribute.index, attribute.name), 'whole')
    return call.input
  }
  const position = positionOf(call.node, call.place)
  let value = elements(call)
  for (const segment of attribute.split(name)) value = memberOf(value, segment, position)
  read(call, value, attribute.mark)
  return value
}

function keyed (call: FilterCall): void {
  const position = positionOf(call.node, call.place)
  for (const { node } of call.input.paths) node.deepAt = { ...position, by: "the filter 'dictsort'", mark: 'keys' }
}

function read (call: FilterCall, value: AbstractValue | undefined, mark: Mark): void {
  if (value !== undefined) call.analysis.read(value, mark, call.node, call.place)
}

function elements (call: FilterCall): AbstractValue {
  return elementOf(call.input, positionOf(call.node, call.place))
}

function listOf (list: AbstractValue, { node, input }: FilterCall): AbstractValue {
  // `list` gives a list itself back, the others give another one.
  const same = node['name'].value === 'list' ? input.made : []
  return valueOf({ list, derived: computed(input).derived, made: new Set([node, ...same]) })
}
