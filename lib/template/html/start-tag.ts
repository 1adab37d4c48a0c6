import type { Chain } from './resolve-bodies.ts'
import type { Piece } from '../layout.ts'
import type { Shape } from '../shape.ts'

/** A point in the statics of a shape. */
export interface Point {
  readonly index: number
  readonly offset: number
}

export interface TagAttribute {
  /** As written; compare `name.toLowerCase()`. */
  name: string
  quote: '"' | "'" | ''
  readonly pieces: Piece[]
  /** The value without its quotes; null while there is none. */
  from: Point | null
  to: Point | null
}

export type TagState =
  | 'tag name' | 'between' | 'after slot' | 'name' | 'after name' | 'before value' | 'quoted' | 'unquoted' | 'after quote'

/** An attribute of a body that comes and goes in a tag. */
export interface BodyAttribute {
  readonly attribute: TagAttribute
  readonly shape: Shape
  readonly chain: Chain
}

/** A start tag while it is read; slots may stand in it. */
export interface StartTag {
  name: string
  readonly at: Point
  /** Behind the tag name. */
  readonly nameEnd: Point
  readonly attributes: TagAttribute[]
  /** Slots that stand where attributes stand. */
  readonly set: number[]
  /** How many attributes stand in front of the first of them. */
  fixed: number
  /** Names of the attributes in bodies that come and go in it. */
  readonly inBodies: string[]
  /** Those attributes, with the body that each stands in. */
  readonly bodies: BodyAttribute[]
  /** All between the tag name and `>`. */
  readonly pieces: Piece[]
  selfClosing: boolean
  /** A name follows a slot without a space: the slot would be part of the name. */
  glued: boolean
  state: TagState
}

const SPACE = /[\t\n\f\r ]/

/** A tag that has been read up to the end of its name. */
export function createTag (name: string, at: Point, nameEnd: Point): StartTag {
  return { name, at, nameEnd, attributes: [], set: [], fixed: 0, inBodies: [], bodies: [], pieces: [], selfClosing: false, glued: false, state: 'tag name' }
}

/**
 * Reads attributes in `text` from `i` (static number `index`). Gives the offset of the `>` that ends the tag, or -1 where
 * the text ends first (HTML 13.2.5.32 to 40).
 */
export function readAttributes (tag: StartTag, text: string, index: number, i: number): number {
  const start = i
  for (; i < text.length; i++) {
    const c = text[i] as string
    const current = tag.attributes[tag.attributes.length - 1] as TagAttribute
    switch (tag.state) {
      case 'quoted':
        if (c === current.quote) {
          current.to = { index, offset: i }
          tag.state = 'after quote'
        } else addText(current.pieces, c)
        continue
      case 'unquoted':
        if (c !== '>' && !SPACE.test(c)) {
          addText(current.pieces, c)
          continue
        }
        current.to = { index, offset: i }
        break
      case 'before value':
        if (SPACE.test(c)) continue
        if (c !== '>') {
          const quoted = c === '"' || c === "'"
          current.quote = quoted ? c : ''
          current.from = { index, offset: quoted ? i + 1 : i }
          if (!quoted) addText(current.pieces, c)
          tag.state = quoted ? 'quoted' : 'unquoted'
          continue
        }
        break
      case 'name':
      case 'after name':
        if (c === '=') {
          tag.state = 'before value'
          continue
        }
    }
    if (c === '>') {
      const inner = text.slice(start, i)
      tag.selfClosing = text[i - 1] === '/' && tag.state !== 'unquoted'
      addText(tag.pieces, tag.selfClosing ? inner.slice(0, -1) : inner)
      return i
    }
    if (SPACE.test(c)) {
      tag.state = tag.state === 'name' || tag.state === 'after name' ? 'after name' : 'between'
    } else if (c === '/') {
      tag.state = 'between'
    } else if (tag.state === 'name') {
      current.name += c
    } else {
      if (tag.state === 'after slot') tag.glued = true
      tag.attributes.push({ name: c, quote: '', pieces: [], from: null, to: null })
      tag.state = 'name'
    }
  }
  addText(tag.pieces, text.slice(start))
  return -1
}

export function addText (pieces: Piece[], text: string): void {
  const last = pieces.length - 1
  if (typeof pieces[last] === 'string') pieces[last] += text
  else if (text !== '') pieces.push(text)
}
