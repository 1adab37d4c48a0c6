import type { Layout, SentElement, SentItem } from '../template/layout.ts'
import { Html, List, Tree } from '../template/tree.ts'
import type { Slot } from '../template/tree.ts'
import { decodeEntities } from '../template/html/decode-entities.ts'
import { layoutOf } from './layout-of.ts'
import { isMissing, offerField, offerOption } from './offer-value.ts'
import type { Collected, SentName, SentNames } from './offer-value.ts'
import { optionText, readAttribute } from './read-sent.ts'
import type { Read } from './read-sent.ts'
import type { BindingPlace } from './resolve-binding.ts'
import { OUTERMOST, inside } from './surroundings.ts'
import type { Surroundings } from './surroundings.ts'

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
  /** How many of the names are not found yet: with the last one the search ends. */
  missing: number
}

interface Around extends Surroundings {
  readonly select: SentName | null
  /** In a disabled optgroup. */
  readonly noOption: boolean
}

const NO_SELECT: Pick<Around, 'select' | 'noOption'> = Object.freeze({ select: null, noOption: false })

/**
 * Looks for what was sent among the fields that are rendered now: those in the event's own element, and those elsewhere that
 * name a form by its id. Gives the names that are not found; what is found is left as the server spells it.
 */
export function matchSent (place: BindingPlace, collected: Collected, names: SentNames, page: Tree): string[] {
  const { shape, slots, sent, id, around } = place
  if (around.ignored || sent === null) return []
  const search: Search = { names, collected, id, byId: false, trusted: [], scripted: false, missing: names.size }
  element(sent, layoutOf(shape), slots, { ...around, ...NO_SELECT }, search)
  let missing = notFound(search)
  if (missing.length > 0 && collected !== 'field' && id !== null) {
    const elsewhere = { ...search, byId: true, trusted: [], missing: missing.length }
    items(layoutOf(page.shape), page.slots, { ...OUTERMOST, ...NO_SELECT }, elsewhere)
    missing = notFound(search)
  }
  return missing.filter((name) => {
    const known = names.get(name) as SentName
    const inTrusted = search.trusted.some(({ html, select }) => mayHold(html, select === known ? null : name))
    return !inTrusted && (known.shown || !search.scripted)
  })
}

function notFound ({ names }: Search): string[] {
  return [...names].filter(([, known]) => isMissing(known)).map(([name]) => name)
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
  for (const item of search.byId && around.select === null ? tiedOf(list) : list) {
    if (search.missing === 0) return
    if (typeof item !== 'number') element(item, layout, slots, around, search)
    else hole(slots[item] as Slot, around, search)
  }
}

const tiedItems = new WeakMap<readonly SentItem[], readonly SentItem[]>()

/** Those that can belong to a form elsewhere, and holes: a large page is not looked through for what it cannot hold. */
function tiedOf (list: readonly SentItem[]): readonly SentItem[] {
  let found = tiedItems.get(list)
  if (found === undefined) {
    found = list.filter((item) => typeof item === 'number' || item.tied ||
      (!SELECTS.has(item.tag) && tiedOf(item.items).length > 0))
    tiedItems.set(list, found)
  }
  return found
}

const SELECTS = new Set(['select', 'optgroup', 'option'])

function hole (slot: Slot, around: Around, search: Search): void {
  if (slot instanceof Tree) {
    items(layoutOf(slot.shape), slot.slots, around, search)
  } else if (slot instanceof List) {
    const layout = layoutOf(slot.shape)
    if (layout.sent.length === 0) return
    for (const row of slot.rows) {
      if (search.missing === 0) return
      items(layout, row, around, search)
    }
  } else if (slot instanceof Html) {
    search.trusted.push({ html: slot, select: around.select })
  }
}

function element (item: SentElement, layout: Layout, slots: readonly Slot[], around: Around, search: Search): void {
  if (item.name !== null && !search.names.has(item.name)) return
  const read = (name: string): Read => readAttribute(item, name, layout, slots)
  const here = inside(item, layout, slots, around)
  const { ignored } = here
  const enter = (changed: Partial<Around>): void => {
    items(layout, slots, { ...around, ...here, ...changed }, search, item.items)
  }
  switch (item.tag) {
    case 'input': case 'button': case 'textarea': case 'select': {
      const known = sentName(item, read, search)
      if (known === null) return
      const before = isMissing(known)
      known.shown = true
      // Scripts write in it, as people do in other fields.
      if (ignored) known.free = true
      else if (!around.disabled && read('disabled') === null) {
        offerField(item.tag, read, known, search.collected)
        if (item.tag === 'select') enter({ select: known })
      }
      if (before && !isMissing(known)) search.missing--
      return
    }
    case 'option':
      if (around.select !== null) {
        offerOption({ read, text: () => optionText(item.text, slots), off: around.noOption }, around.select, search.collected)
      }
      return
    case 'optgroup': return enter({ noOption: read('disabled') !== null })
  }
  enter({})
  search.scripted ||= ignored
}

/** What was sent under the field's name; null where nothing was, or where the field is another form's. */
function sentName (
  { tied }: SentElement, read: (name: string) => Read, search: Search
): SentName | null {
  const { names, collected, byId, id } = search
  const name = read('name')
  // Only a browser can tell how it is called.
  if (name === undefined) search.scripted = true
  const known = names.get(name || (collected === 'field' ? 'value' : '')) ?? null
  if (known === null || collected === 'field') return known
  const form = tied ? read('form') : null
  return form === id || (form === null && !byId) ? known : null
}
