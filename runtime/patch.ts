import type { Body, Hole, ListValue, Part, Patch, SetValue, TextValue, TreeValue, Value } from './body.ts'
import { setAttribute, setAttributes, setContent, takeOverAttributes } from './attributes.ts'
import { become, setTextHole } from './hole.ts'
import { closest, insertBefore, parentOf, typeOf } from './native.ts'
import { cloneShape, parseFor } from './parse.ts'
import { patchRows, takeOverRows } from './rows.ts'
import { walk } from './walk.ts'

/** `take`: the part is in the page and may already show the value; `build`: it is in a clone that is being filled. */
type Mode = 'take' | 'build'

/** Applies `[part, change, part, change, ...]`. A change that is an array is a patch of what the part holds. */
export function patchBody (body: Body, patch: Patch): void {
  for (let i = 0; i < patch.length; i += 2) {
    const part = partOf(body, patch[i] as number)
    const change = patch[i + 1] as Value | Patch
    if (isIgnored(part)) continue
    if (!isPatch(change)) {
      if (part.kind === 'attributes') setAttributes(part.element, (change as SetValue).a)
      else setPart(part, change, 'take')
    } else if (part.kind === 'tree') patchBody(part.tree as Body, change)
    else patchRows(part as Hole, change)
  }
}

/** Takes all values of a body over: parts are compared and set, rows by position. What a person has open or focused stays. */
export function setBody (body: Body, values: readonly Value[], mode: Mode): void {
  for (let k = 0; k < values.length; k++) {
    const part = partOf(body, k)
    if (mode === 'build' || !isIgnored(part)) setPart(part, values[k] as Value, mode)
  }
}

function isPatch (change: Value | Patch): change is Patch {
  return Array.isArray(change)
}

function partOf (body: Body, number: number): Part {
  const part = body.parts[number]
  if (!part) throw new Error(`no part ${number} in ${body.shape ?? 'the page'}`)
  return part
}

/** Scripts of the page own what is inside. */
function isIgnored (part: Part): boolean {
  const around = 'element' in part ? part.element : parentOf(part.start) as Node
  return typeOf(around) === 1 && closest(around as Element, '[live-ignore]') !== null
}

function setPart (part: Part, value: Value, mode: Mode): void {
  if ('element' in part) {
    if (part.kind === 'attribute') setAttribute(part.element, part.name, value as TextValue)
    else if (part.kind === 'content') setContent(part.element, value as TextValue)
    else if (mode === 'take') takeOverAttributes(part.element, (value as SetValue).a)
    else setAttributes(part.element, (value as SetValue).a)
  } else if (typeof value !== 'object') setTextHole(part, String(value))
  else if ('s' in value) setTree(part, value)
  else if ('l' in value) setList(part, value)
  else if ('h' in value) setHtml(part, value.h)
}

function setTree (hole: Hole, { s, v }: TreeValue): void {
  if (hole.kind === 'tree' && hole.tree?.shape === s) return setBody(hole.tree, v, 'take')
  become(hole, 'tree', s)
  const parent = parentOf(hole.start) as Node
  const { body, fragment } = build(parent, s, v, hole, -1, null)
  hole.tree = body
  insertBefore(parent, fragment, hole.end)
}

function setList (hole: Hole, { l, r }: ListValue): void {
  if (hole.kind !== 'list' || hole.rowShape !== l) become(hole, 'list', l)
  takeOverRows(hole, r)
}

function setHtml (hole: Hole, html: string): void {
  if (hole.kind === 'html' && hole.html === html) return
  become(hole, 'html', '')
  hole.html = html
  const parent = parentOf(hole.start) as Node
  insertBefore(parent, Document.prototype.importNode.call(document, parseFor(surroundings(parent), html), true), hole.end)
}

// A hole at the top of a clone has the clone as its parent; what decides the namespace is where the clone will stand.
let around: Node | null = null

function surroundings (parent: Node): Node {
  return around && typeOf(parent) === 11 ? around : parent
}

/** Clones a shape for this parent and fills it. */
export function build (parent: Node, shape: string, values: readonly Value[], hole: Hole, row: number, start: Comment | null):
{ body: Body, fragment: DocumentFragment } {
  const before = around
  around = surroundings(parent)
  try {
    const fragment = cloneShape(shape, around)
    const body: Body = { shape, parts: [], up: hole.body, part: hole.number, row, start }
    walk(fragment, body)
    setBody(body, values, 'build')
    return { body, fragment }
  } finally {
    around = before
  }
}
