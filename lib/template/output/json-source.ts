import { afterJson } from '../html/json-state.ts'
import type { JsonState } from '../html/json-state.ts'
import { interleave } from '../interleave.ts'
import type { ContentPart } from '../layout.ts'
import type { SlotSource } from '../shape.ts'
import { List, SaidSafe, Tree } from '../tree.ts'
import type { Html, Slot } from '../tree.ts'
import { jsonText } from './encode-place.ts'

/** The text of a script of JSON: what is printed in a string is that string's content, and anywhere else a JSON value. */
export function jsonSource ({ pieces, prints }: ContentPart, slots: readonly Slot[]): string {
  const writer = new JsonWriter()
  for (const piece of pieces) {
    // As the author wrote it: that it cannot end the script is known.
    if (typeof piece === 'string') writer.add(piece, piece)
    else writer.addSlot(slots[piece] as Slot, prints?.get(piece))
  }
  return writer.text
}

class JsonWriter {
  text = ''
  #state: JsonState = 'between'

  add (source: string, written: string): void {
    this.text += written
    this.#state = afterJson(this.#state, source)
  }

  /** A body that is not taken is an empty text, which says nothing; a value that is one is a text like any other. */
  addSlot (slot: Slot, prints: 'text' | 'json' | undefined): void {
    if (slot instanceof Tree) this.#addBody(slot)
    else if (slot instanceof List) for (const row of slot.rows) this.#addBody(new Tree(slot.shape, row))
    else if (prints !== undefined) this.text += jsonText(this.#state === 'between' ? valueOf(slot, prints) : JSON.stringify(String(slot)).slice(1, -1))
  }

  #addBody ({ shape, slots }: Tree): void {
    for (const piece of interleave(shape)) {
      if (typeof piece === 'string') this.add(piece, jsonText(piece))
      else this.addSlot(slots[piece] as Slot, printed(shape.slots[piece] as SlotSource))
    }
  }
}

function printed ({ kind, json }: SlotSource): 'text' | 'json' | undefined {
  if (kind !== 'output' && kind !== 'flat') return undefined
  return json === true ? 'json' : 'text'
}

function valueOf (slot: string | number | boolean | Html, prints: 'text' | 'json'): string {
  if (typeof slot === 'number' || typeof slot === 'boolean') return String(slot)
  const text = String(slot)
  // JSON has no word for a function: `dump` makes nothing of it.
  if (prints === 'json') return text === '' ? 'null' : text
  return slot instanceof SaidSafe && isWhole(text) ? text : JSON.stringify(text)
}

/**
 * `| safe` says that a text is JSON, as what an application's own function made: only as long as it is. What was cleaned is a
 * text: `"\u003cimg onerror…"` is JSON in which no tag was to be found.
 */
function isWhole (text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
