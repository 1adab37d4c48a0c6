/**
 * Where the slots of one shape stand in the HTML: what the page's markers, the wire's part numbers and the bindings are
 * made from. Parts are numbered in document order; docs/protocol.md shows them on the wire.
 */
export interface Layout {
  /** The body as the browser's template: markers of every hole, `live-at` on elements, dynamic attributes left empty. */
  readonly html: string
  /**
   * Statics as the page gets them: like the shape's, plus `live-at` attributes and implied tags written out. Around the
   * slots of a part with pieces they keep its static pieces as they are: `page[first slot]` ends with the piece before
   * that slot, `page[last slot + 1]` begins with the piece after it.
   */
  readonly page: readonly string[]
  readonly parts: readonly Part[]
  /** Slot index -> part index. */
  readonly partOf: readonly number[]
  /** Markers in document order, for the digest: `n >= 0` is the hole of part n, `-n` an element with n items in its `live-at`. */
  readonly marks: readonly number[]
  /** Elements that carry live-* events, in document order: the element number of an event frame indexes this. */
  readonly elements: readonly BoundElement[]
  /** What can be sent from the fields of this body, and its holes, in document order. */
  readonly sent: readonly SentItem[]
  /** The slot whose raw value tells rows apart (`live-key`, else `id`, else `data-key` of the row's first element). */
  readonly keySlot: number | null
  /** Where `</head>` begins: index into `page` and offset in that string. Null when this body does not close the head. */
  readonly headEnd: { readonly index: number, readonly offset: number } | null
}

/** Static HTML source (still entity-encoded) or the index of a slot. */
export type Piece = string | number

export type Part = HolePart | AttributePart | AttributeSetPart | ContentPart

/** A place between tags. */
export interface HolePart {
  readonly kind: 'hole'
  readonly slot: number
  /** True when markup or the body's end follows, so that plain text needs no end marker. */
  readonly closed: boolean
  /** Present where the parser moves text away (directly in a table, a row, the head): elements and whitespace only. */
  readonly textless?: true
  /** Present where fieldsets, their legends, or elements that can have live-ignore are around it: those, outermost first. */
  readonly within?: readonly Surrounding[]
}

/**
 * How the value of an attribute is read, and so how it is encoded:
 * - `url`: an address; `image`: one that is only shown as a picture; `code`: one that runs what it fetches
 * - `urls`, `srcset`, `animation`: addresses in a list, separated by spaces, by commas, by semicolons
 * - `style`: CSS declarations
 * - `plain`: text that means nothing special
 */
export type ValuePlace = 'plain' | 'url' | 'image' | 'code' | 'urls' | 'srcset' | 'animation' | 'style'

/** One quoted attribute value with at least one slot in it. */
export interface AttributePart {
  readonly kind: 'attribute'
  readonly name: string
  readonly place: ValuePlace
  readonly pieces: readonly Piece[]
}

/** Everything between an element's tag name and its `>`, when whole attributes come and go there. */
export interface AttributeSetPart {
  readonly kind: 'attributes'
  readonly tag: string
  /** Present on SVG elements, where setAttribute is case-sensitive. */
  readonly svg?: true
  readonly pieces: readonly Piece[]
}

/** The text of an element whose content the parser takes as text: title, textarea, JSON script. */
export interface ContentPart {
  readonly kind: 'content'
  readonly tag: string
  readonly pieces: readonly Piece[]
  /** Present in a script: its slots that print a value, a text or one that is JSON already. The others are bodies. */
  readonly prints?: ReadonlyMap<number, 'text' | 'json'>
}

/** An element that may carry live-* events. */
export interface BoundElement {
  readonly tag: string
  readonly line: number
  readonly column: number
  /** Its quoted attributes by lower-case name. */
  readonly attributes: ReadonlyMap<string, readonly Piece[]>
  /** The attribute-set part that may add to them, if any: its rendered text is then read instead. */
  readonly set: number | null
  /** Every event name that the source can give it, literal, with the kind (`click`, `submit`, ...). */
  readonly events: readonly { readonly kind: string, readonly event: string }[]
  /** The fields that its events can send; null where they send none. */
  readonly sent: SentElement | null
  /** As a hole's; the element itself is the last of them where it is such a one. */
  readonly within?: readonly Surrounding[]
}

/** What an element says of all that stands in it. */
export type Surrounding = Pick<SentElement, 'tag' | 'attributes' | 'set' | 'ignores'>

/** An element or the slot of a hole. */
export type SentItem = SentElement | number

/** An element that decides what a form or field sends: a field, an option, what switches fields off, or the event's own. */
export interface SentElement {
  /** '' where it is no element of HTML. */
  readonly tag: string
  /** The name of a field where that is written out: most fields of a page are passed over by it. */
  readonly name: string | null
  /** Those of its deciding attributes that always stand, by lower-case name. */
  readonly attributes: ReadonlyMap<string, readonly Piece[]>
  /** The attribute-set part that may add to them, if any. */
  readonly set: number | null
  /** True where it can have live-ignore: whether it has now, its attributes say. */
  readonly ignores: boolean
  /** True where it can name its form by the form's id. */
  readonly tied: boolean
  /** What stands in it. */
  readonly items: readonly SentItem[]
  /** An option's text, which is its value where it has no attribute for that. */
  readonly text: readonly Piece[]
}
