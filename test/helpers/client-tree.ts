/*
 * A client written from docs/protocol.md alone: it knows nothing of the server's code, so that a mistake cannot hide by
 * being made on both sides.
 */

interface Body { readonly shape: string, readonly parts: Part[] }
interface Rows { readonly rowShape: string, readonly rows: Row[], next: number }
interface Row { readonly number: number, readonly body: Body }
interface Attributes { readonly attributes: Record<string, unknown> }
type Part = unknown | Body | Rows | Attributes

/** What a connection's browser knows: the tree, and the shapes it has been sent. */
export class ClientTree {
  #root: Body
  readonly #shapes: Set<string>
  #used = new Set<string>()

  /** `tree` as the page shows it. */
  constructor (tree: any) {
    this.#shapes = new Set()
    this.#root = this.#body(tree.s, tree.v)
  }

  /** Takes over a patch and the shapes that came with it; throws where the message breaks the protocol. */
  apply (patch: any, shapes: Record<string, string> | null): void {
    for (const id of Object.keys(shapes ?? {})) {
      if (this.#shapes.has(id)) throw new Error(`shape ${id} was sent twice`)
      this.#shapes.add(id)
    }
    this.#used = new Set()
    if (Array.isArray(patch)) this.#patchBody(this.#root, patch)
    else this.#root = this.#body(patch.s, patch.v)
    for (const id of this.#used) if (!this.#shapes.has(id)) throw new Error(`shape ${id} was never sent`)
    for (const id of Object.keys(shapes ?? {})) if (!this.#used.has(id)) throw new Error(`shape ${id} was sent but not needed`)
  }

  toValue (): unknown {
    return bodyValue(this.#root)
  }

  /** The numbers of all rows, nested as the lists are. */
  numbers (): unknown {
    return bodyNumbers(this.#root)
  }

  #body (shape: string, values: any[]): Body {
    this.#used.add(shape)
    return { shape, parts: values.map((value) => this.#part(value)) }
  }

  #part (value: any): Part {
    if (value === null) throw new Error('null is not a value')
    if (typeof value !== 'object') return value
    if ('s' in value) return this.#body(value.s, value.v)
    if ('a' in value) return { attributes: { ...value.a } }
    if (!('l' in value)) return value
    const rows = value.r.map((values: any[], number: number): Row => ({ number, body: this.#body(value.l, values) }))
    return { rowShape: value.l, rows, next: rows.length }
  }

  #patchBody (body: Body, patch: any[]): void {
    if (patch.length === 0 || patch.length % 2 !== 0) throw new Error('a tree patch is pairs')
    for (let k = 0; k < patch.length; k += 2) {
      const [number, change] = [patch[k], patch[k + 1]]
      if (k > 0 && patch[k - 2] >= number) throw new Error('parts must ascend')
      const part: any = body.parts[number]
      if (part === undefined) throw new Error(`no part ${number}`)
      if (!Array.isArray(change)) {
        if (part.attributes !== undefined) changeAttributes(part.attributes, change.a)
        else body.parts[number] = this.#part(change)
      } else if (part.rows !== undefined) this.#patchList(part, change)
      else this.#patchBody(part, change)
    }
  }

  #patchList (list: Rows, patch: any[]): void {
    const { rows } = list
    const count = rows.length
    for (let k = 0; k < patch.length;) {
      const operation = patch[k++]
      if (operation === 0) {
        const [index, removed] = [patch[k++], patch[k++]]
        if (rows.splice(index, removed).length !== removed || removed === 0) throw new Error('nothing to remove')
      } else if (operation === 1) {
        const [index, inserted] = [patch[k++], patch[k++]]
        if (index > rows.length) throw new Error('inserted beyond the end')
        rows.splice(index, 0, ...inserted.map((values: any[]): Row => {
          return { number: list.next++, body: this.#body(list.rowShape, values) }
        }))
      } else if (operation === 2) {
        const [from, moved, to] = [patch[k++], patch[k++], patch[k++]]
        const taken = rows.splice(from, moved)
        if (taken.length !== moved || to > rows.length || from === to) throw new Error('moved nothing or beyond the end')
        rows.splice(to, 0, ...taken)
      } else if (operation === 3) {
        const [index, change] = [patch[k++], patch[k++]]
        this.#patchBody((rows[index] as Row).body, change)
      } else throw new Error(`no operation ${operation}`)
    }
    if (count === 0 && rows.length === 0) throw new Error('an empty list was patched')
  }
}

function changeAttributes (attributes: Record<string, unknown>, changes: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(changes)) {
    if (value !== null) attributes[name] = value
    else if (name in attributes) delete attributes[name]
    else throw new Error(`no attribute ${name} to remove`)
  }
}

function bodyValue ({ shape, parts }: Body): unknown {
  return { s: shape, v: parts.map(partValue) }
}

function partValue (part: any): unknown {
  if (part.attributes !== undefined) return { a: part.attributes }
  if (part.rows !== undefined) return { l: part.rowShape, r: part.rows.map((row: Row) => row.body.parts.map(partValue)) }
  return part.parts === undefined ? part : bodyValue(part)
}

function bodyNumbers ({ parts }: Body): unknown[] {
  return parts.flatMap((part: any): unknown[] => {
    if (part.parts !== undefined) return [bodyNumbers(part)]
    return part.rows === undefined ? [] : [part.rows.map((row: Row) => [row.number, bodyNumbers(row.body)])]
  })
}
