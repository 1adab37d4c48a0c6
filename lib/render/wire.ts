/** The values and patches of docs/protocol.md as TypeScript sees them. */

export type Text = string | number | boolean

/** HTML source: trusted HTML, or an attribute's or content's value that has entities in its source. */
export interface HtmlValue { readonly h: string }

/** One body: its shape's id and the values of its parts. */
export interface TreeValue { readonly s: string, readonly v: readonly Value[] }

/** The rows of one loop: the row shape's id and the values of each row's parts. */
export interface ListValue { readonly l: string, readonly r: readonly (readonly Value[])[] }

/** Attributes that come and go: null takes one away. */
export interface AttributesValue { readonly a: Readonly<Record<string, string | HtmlValue | null>> }

export type Value = Text | HtmlValue | TreeValue | ListValue | AttributesValue

/** `[part, change, part, change, ...]`; a change that is an array is the patch of the tree or list that the part holds. */
export type TreePatch = readonly (number | Value | TreePatch | ListPatch)[]

/** `[operation, ...arguments, operation, ...arguments]`, applied in order. */
export type ListPatch = readonly (number | readonly (readonly Value[])[] | TreePatch)[]

/** A tree patch of the root, or the whole new tree where the root's shape is another one. */
export type Patch = TreePatch | TreeValue

export const REMOVE = 0
export const INSERT = 1
export const MOVE = 2
export const CHANGE = 3

/** Ids of the shapes whose HTML this connection has been sent. */
export type SentShapes = Set<string>

/** Shape id -> HTML of the shapes that a message is the first to need. */
export type NewShapes = Record<string, string>
