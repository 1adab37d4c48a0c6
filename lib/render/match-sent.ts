import type { Layout, Piece, SentElement, SentItem } from '../template/layout.ts'
import { Html, List, Tree } from '../template/tree.ts'
import type { Slot } from '../template/tree.ts'
import { decodeEntities } from './decode-entities.ts'
import { layoutOf } from './layout-of.ts'
import { FIXED, SUBMITTERS, comparable, fieldType, optionText, readAttribute } from './read-sent.ts'
import type { Read } from './read-sent.ts'
import type { BindingPlace } from './resolve-binding.ts'

/** What was sent under one name, and what is found of it. */
export interface SentName {
  /** By what is compared; null until it is found, then as the server spells it. */
  readonly values: Map<string, string | null>
  /** True when it holds what no form sends: numbers, objects. */
  readonly odd: boolean
  /** A field of that name is shown. */
  shown: boolean
  /** A field in which people or scripts write is: any value will do. */
  free: boolean
}

export type SentNames = ReadonlyMap<string, SentName>

/** What an event collects: all that its form would send (with its submitter or not), or the one field that it came from. */
export type Collected = 'form' | 'form and submitter' | 'field'

interface Search {
  readonly names: SentNames
  readonly collected: Collected
  /** The form's own id. */
  readonly id: string | null
  /** True while only fields are looked for that name the form by its id. */
  readonly byId: boolean
  /** Trusted HTML that is shown, and the select it stands in. */
  readonly trusted: Array<{ readonly html: Html, readonly select: SentName | null }>
  /** True once a part is met that scripts own: they may make fields of any name. */
  scripted: boolean
}

/** What stands around an element, from the event's own on. */
interface Around {
  readonly ignored: boolean
  readonly disabled: boolean
  /** Whether the innermost fieldset itself stands in a disabled one: its legend stays as it is. */
  readonly outside: boolean
  readonly select: SentName | null
  /** In a disabled optgroup. */
  readonly noOption: boolean
}

const OUTERMOST: Around = Object.freeze({ ignored: false, disabled: false, outside: false, select: null, noOption: false })

/**
 * Looks for what was sent among the fields that are rendered now: those in the event's own element, and those elsewhere that
 * name a form by its id. Gives the names that are not found; what is found is left as the server spells it.
 */
export function matchSent (place: BindingPlace, collected: Collected, names: SentNames, page: Tree): string[] {
  const { shape, slots, sent, id, ignored } = place
  if (ignored || sent === null) return []
  const search: Search = { names, collected, id, byId: false, trusted: [], scripted: false }
  element(sent, layoutOf(shape), slots, OUTERMOST, search)
  let missing = notFound(search)
  if (missing.length > 0 && collected !== 'field' && id !== null) {
    items(layoutOf(page.shape), page.slots, OUTERMOST, { ...search, byId: true, trusted: [] })
    missing = notFound(search)
  }
  return missing.filter((name) => {
    const known = names.get(name) as SentName
    const inTrusted = search.trusted.some(({ html, select }) => mayHold(html, select === known ? null : name))
    return !inTrusted && (known.shown || !search.scripted)
  })
}

function notFound ({ names }: Search): string[] {
  return [...names].filter(([, { free, shown, odd, values }]) => {
    return !free && (!shown || odd || [...values.values()].includes(null))
  }).map(([name]) => name)
}

const NAME = /\sname\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi

/** True when trusted HTML may have a field of this name, or an option (null). */
function mayHold (html: Html, name: string | null): boolean {
  const source = html.toString()
  if (name === null) return /<option\b/i.test(source)
  return Array.from(source.matchAll(NAME), ([, double, single, bare]) => double ?? single ?? bare as string)
    .some((found) => decodeEntities(found) === name)
}

function items (
  layout: Layout, slots: readonly Slot[], around: Around, search: Search, list: readonly SentItem[] = layout.sent
): void {
  for (const item of list) {
    if (typeof item !== 'number') element(item, layout, slots, around, search)
    else hole(slots[item] as Slot, around, search)
  }
}

function hole (slot: Slot, around: Around, search: Search): void {
  if (slot instanceof Tree) {
    items(layoutOf(slot.shape), slot.slots, around, search)
  } else if (slot instanceof List) {
    const layout = layoutOf(slot.shape)
    if (layout.sent.length > 0) for (const row of slot.rows) items(layout, row, around, search)
  } else if (slot instanceof Html) {
    search.trusted.push({ html: slot, select: around.select })
  }
}

function element (item: SentElement, layout: Layout, slots: readonly Slot[], around: Around, search: Search): void {
  const read = (name: string): Read => readAttribute(item, name, layout, slots)
  const ignored = around.ignored || (item.ignores && read('live-ignore') !== null)
  const inside = (changed: Partial<Around>): void => {
    items(layout, slots, { ...around, ignored, ...changed }, search, item.items)
  }
  switch (item.tag) {
    case 'input': case 'button': case 'textarea': case 'select': {
      const known = sentName(read, search)
      if (known === null) return
      known.shown = true
      // Scripts write in it, as people do in other fields.
      if (ignored) known.free = true
      else if (around.disabled || read('disabled') !== null) return
      else if (item.tag !== 'select') field(item.tag, read, known, search)
      else {
        // Nothing is chosen.
        if (search.collected === 'field') offer(known, '')
        inside({ select: known })
      }
      return
    }
    case 'option':
      if (around.select !== null) option(item.text, slots, read, around, search)
      return
    case 'optgroup': return inside({ noOption: read('disabled') !== null })
    case 'fieldset': inside({ outside: around.disabled, disabled: around.disabled || read('disabled') !== null }); break
    case 'legend': return inside({ disabled: around.outside })
    default: inside({})
  }
  search.scripted ||= ignored
}

/** What was sent under the field's name; null where nothing was, or where the field is another form's. */
function sentName (read: (name: string) => Read, { names, collected, byId, id }: Search): SentName | null {
  const known = names.get(read('name') || (collected === 'field' ? 'value' : '')) ?? null
  if (known === null || collected === 'field') return known
  const form = read('form')
  return form === id || (form === null && !byId) ? known : null
}

/** HTML 4.10.21.4, and what runtime/form-data.ts makes of it. */
function field (tag: string, read: (name: string) => Read, known: SentName, { collected }: Search): void {
  const type = tag === 'textarea' ? tag : fieldType(tag, read('type') ?? '')
  if (!FIXED.has(type)) {
    if (type !== 'file') known.free = true
  } else if (type === 'hidden') {
    offer(known, read('name')?.toLowerCase() === '_charset_' ? 'UTF-8' : valueOr('', read('value')))
  } else if (type === 'checkbox' || type === 'radio') {
    offer(known, valueOr('on', read('value')))
  } else if (collected === 'field' ? tag === 'input' : collected === 'form and submitter' && SUBMITTERS.has(type)) {
    offer(known, valueOr('', read('value')))
  }
}

function option (
  text: readonly Piece[], slots: readonly Slot[], read: (name: string) => Read, around: Around, search: Search
): void {
  const known = around.select as SentName
  const attribute = read('value')
  const value = attribute === null ? optionText(text, slots) : attribute
  if (value !== undefined && !known.values.has(comparable(value))) return
  // A drop-down shows a disabled option where that is the chosen one, and says so where it is asked as a field.
  const isOff = around.noOption || read('disabled') !== null
  if (!isOff || (search.collected === 'field' && read('selected') !== null)) offer(known, value)
}

function offer (known: SentName, value: string | undefined): void {
  if (value === undefined) known.free = true
  else if (known.values.has(comparable(value))) known.values.set(comparable(value), value)
}

function valueOr (otherwise: string, given: Read): string | undefined {
  return given === null ? otherwise : given
}
