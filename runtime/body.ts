/** One rendering of one shape in the page: its parts by number, and the way up to the root. */
export interface Body {
  /** The shape's id; null for the page's root, which has no marker. */
  readonly shape: string | null
  readonly parts: Part[]
  readonly up: Body | null
  /** The part of `up` that holds this body. */
  readonly part: number
  /** The row's number in its list, -1 where this is no row. */
  row: number
  /** The `,` marker of a row. */
  readonly start: Comment | null
}

export type Part = Hole | ElementPart

/** A place between tags. Every kind keeps its start marker; all but unfenced text have an end marker too. */
export interface Hole {
  kind: 'text' | 'tree' | 'list' | 'html'
  readonly body: Body
  readonly number: number
  readonly start: Comment
  end: Comment | null
  /** Text: the node that was last written, and the element at which the text ends where no marker says so. */
  text: Text | null
  anchor: Element | null
  tree: Body | null
  /** The source of trusted HTML that was written last. */
  html: string | null
  rowShape: string
  rows: Body[]
  nextRow: number
}

/** An attribute, an attribute set or the content of an element. */
export interface ElementPart {
  readonly kind: 'attribute' | 'attributes' | 'content'
  readonly element: Element
  /** The attribute's name, '' for the others. */
  readonly name: string
}

export type Value = string | number | boolean | HtmlValue | TreeValue | ListValue | SetValue
export type TextValue = string | number | boolean | HtmlValue
export interface HtmlValue { readonly h: string }
export interface TreeValue { readonly s: string, readonly v: readonly Value[] }
export interface ListValue { readonly l: string, readonly r: readonly (readonly Value[])[] }
export interface SetValue { readonly a: Readonly<Record<string, TextValue | null>> }

/** `[part, change, ...]` of a tree, or operations of a list. */
export type Patch = readonly unknown[]

/** The path of an event frame: part, then for a list the row's number, and so on down from the root. */
export function pathOf (body: Body): number[] {
  const path: number[] = []
  for (let at = body; at.up; at = at.up) {
    if (at.row >= 0) path.unshift(at.row)
    path.unshift(at.part)
  }
  return path
}
