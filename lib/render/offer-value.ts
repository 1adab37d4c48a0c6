import { FIXED, SUBMITTERS, comparable, fieldType } from './read-sent.ts'
import type { Read } from './read-sent.ts'

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

export function isMissing ({ free, shown, odd, values }: SentName): boolean {
  return !free && (!shown || odd || [...values.values()].includes(null))
}

/** HTML 4.10.21.4, and what runtime/form-data.ts makes of it. */
export function offerField (tag: string, read: (name: string) => Read, known: SentName, collected: Collected): void {
  const type = tag === 'textarea' ? tag : fieldType(tag, read('type') ?? '')
  if (tag === 'select') {
    // Where nothing is chosen.
    if (collected === 'field') offer(known, '')
  } else if (!FIXED.has(type)) {
    if (type !== 'file') known.free = true
  } else if (type === 'hidden') {
    offer(known, read('name')?.toLowerCase() === '_charset_' ? 'UTF-8' : valueOr('', read('value')))
  } else if (type === 'checkbox' || type === 'radio') {
    offer(known, valueOr('on', read('value')))
  } else if (collected === 'field' ? tag === 'input' : collected === 'form and submitter' && SUBMITTERS.has(type)) {
    offer(known, valueOr('', read('value')))
  }
}

/** An option as it is rendered now; `off` in a disabled optgroup. */
interface RenderedOption {
  readonly read: (name: string) => Read
  readonly text: () => string | undefined
  readonly off: boolean
}

export function offerOption ({ read, text, off }: RenderedOption, known: SentName, collected: Collected): void {
  const attribute = read('value')
  const value = attribute === null ? text() : attribute
  if (value !== undefined && !known.values.has(comparable(value))) return
  // A drop-down shows a disabled option where that is the chosen one, and says so where it is asked as a field.
  const isOff = off || read('disabled') !== null
  if (!isOff || (collected === 'field' && read('selected') !== null)) offer(known, value)
}

function offer (known: SentName, value: string | undefined): void {
  if (value === undefined) known.free = true
  else if (known.values.has(comparable(value))) known.values.set(comparable(value), value)
}

function valueOr (otherwise: string, given: Read): string | undefined {
  return given === null ? otherwise : given
}
