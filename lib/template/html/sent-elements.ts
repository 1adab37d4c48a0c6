import { VOID } from './element-names.ts'
import { current } from './parser-state.ts'
import type { BoundEvent } from './live-attributes.ts'
import type { OpenElement, ParserState } from './parser-state.ts'
import { addText } from './start-tag.ts'
import type { StartTag } from './start-tag.ts'
import type { Piece, SentElement, SentItem, Surrounding } from '../layout.ts'

/** What a body's fields can send, while it is walked. */
export interface SentElements {
  readonly items: SentItem[]
  /** The elements among them that may still be open, outermost first. */
  readonly open: OpenSent[]
}

interface OpenSent {
  readonly element: OpenElement
  readonly sent: Mutable
}

interface Mutable extends SentElement {
  readonly items: SentItem[]
  readonly text: Piece[]
}

const FIELDS = new Set(['input', 'button', 'textarea', 'select'])
const TAGS = new Set([...FIELDS, 'optgroup', 'option', 'fieldset', 'legend'])
const ATTRIBUTES = new Set(['type', 'name', 'value', 'disabled', 'selected', 'form', 'live-ignore'])

/** An element that decides what is sent: a field, what may switch fields off, or the event's own. Null for any other. */
export function sentElement (
  tag: StartTag, foreign: boolean, events: readonly BoundEvent[], set: number | null
): SentElement | null {
  const can = (wanted: string): boolean =>
    tag.inBodies.includes(wanted) || tag.attributes.some(({ name }) => name.toLowerCase() === wanted)
  const ignores = can('live-ignore')
  const sends = events.some(({ kind }) => kind !== 'click')
  if (!(TAGS.has(tag.name) && !foreign) && !ignores && !sends) return null
  const attributes = new Map<string, readonly Piece[]>()
  // Of two attributes of a name the first counts: one behind a slot may have been written by it.
  for (const { name, pieces } of set === null ? tag.attributes : tag.attributes.slice(0, tag.fixed)) {
    const lower = name.toLowerCase()
    if (ATTRIBUTES.has(lower) && !attributes.has(lower)) attributes.set(lower, pieces)
  }
  const [name = null, ...rest] = attributes.get('name') ?? []
  const isLiteral = FIELDS.has(tag.name) && typeof name === 'string' && rest.length === 0 && !name.includes('&')
  return { tag: foreign ? '' : tag.name, name: isLiteral ? name : null, attributes, set, ignores, tied: can('form'), items: [], text: [] }
}

export function addSent (all: SentElements, state: ParserState, tag: StartTag, sent: SentElement): void {
  itemsHere(all, state).push(sent)
  if (!VOID.has(tag.name)) all.open.push({ element: current(state) as OpenElement, sent: sent as Mutable })
}

/** Notes a hole. */
export function addSentHole (all: SentElements, state: ParserState, slot: number): void {
  itemsHere(all, state).push(slot)
  const option = all.open.at(-1)?.sent
  if (option?.tag === 'option') option.text.push(slot)
}

export function addSentText (all: SentElements, state: ParserState, text: string): void {
  itemsHere(all, state)
  const option = all.open.at(-1)?.sent
  if (option?.tag === 'option') addText(option.text, text)
}

/** The open elements that may switch off what stands here, or leave it to scripts. Empty where there are none. */
export function surroundings (all: SentElements, state: ParserState): { within?: readonly Surrounding[] } {
  itemsHere(all, state)
  const within = all.open.filter(({ sent }) => sent.ignores || sent.tag === 'fieldset' || sent.tag === 'legend')
    .map(({ sent: { tag, attributes, set, ignores } }) => ({ tag, attributes, set, ignores }))
  return within.length === 0 ? {} : { within }
}

function itemsHere (all: SentElements, state: ParserState): SentItem[] {
  const { open } = all
  while (open.length > 0) {
    const { element, sent } = open[open.length - 1] as OpenSent
    if (state.stack.includes(element)) return sent.items
    open.pop()
  }
  return all.items
}
