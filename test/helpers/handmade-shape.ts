import type { BoundElement, Layout, Part, Piece, ValuePlace } from '../../lib/template/layout.ts'
import type { Shape, SlotKind, SlotSource } from '../../lib/template/shape.ts'

/** What fills each `{}` of the source, in order; text where nothing is said. */
export interface HandmadeSlot { readonly kind?: SlotKind, readonly bodies?: readonly Shape[], readonly row?: Shape | null }

export interface HandmadeOptions { readonly slots?: Readonly<Record<number, HandmadeSlot>>, readonly keySlot?: number }

const TAG_OR_SLOT = /<([a-z0-9]+)((?:"[^"]*"|'[^']*'|[^>"'])*)>|\{\}/gi
const ATTRIBUTE = /([a-z0-9:-]+)="([^"]*)"/gi
const TEXT_ELEMENT = /^(?:title|textarea|script)$/
const PLACES: Readonly<Record<string, ValuePlace>> = { href: 'url', src: 'image', action: 'url', style: 'style', srcset: 'srcset' }

/**
 * A shape with its layout from HTML with `{}` for each slot: a small place analyser of its own, so that rendering is tested
 * without the real one. Slots stand between tags, in double-quoted attributes, among the attributes, in title, textarea, script.
 */
export function handmadeShape (id: string, source: string, options: HandmadeOptions = {}): Shape {
  const statics = source.split('{}')
  const parts: Part[] = []
  const partOf: number[] = []
  const marks: number[] = []
  const elements: BoundElement[] = []
  let html = ''
  let page = ''
  let end = 0

  function pieces (text: string): Piece[] {
    return text.split('{}').flatMap((piece, k): Piece[] => {
      if (k > 0) partOf.push(parts.length)
      return [...(k > 0 ? [partOf.length - 1] : []), ...(piece === '' ? [] : [piece])]
    })
  }

  function startTag (tag: string, text: string): void {
    const items: string[] = []
    const attributes = new Map<string, readonly Piece[]>()
    let set: number | null = null
    let kept = text
    if (text.replace(ATTRIBUTE, '').includes('{}')) {
      set = parts.length
      items.push(`${set}*`)
      parts.push({ kind: 'attributes', tag, pieces: pieces(text) })
      kept = ''
    } else {
      kept = text.replace(ATTRIBUTE, (whole, name: string, value: string) => {
        if (!value.includes('{}')) {
          attributes.set(name, [value])
          return whole
        }
        items.push(`${parts.length}:${name}`)
        const made = pieces(value)
        parts.push({ kind: 'attribute', name, place: PLACES[name] ?? 'plain', pieces: made })
        attributes.set(name, made)
        return `${name}=""`
      })
    }
    if (TEXT_ELEMENT.test(tag)) {
      const content = source.slice(TAG_OR_SLOT.lastIndex, source.indexOf(`</${tag}`, TAG_OR_SLOT.lastIndex))
      if (content.includes('{}')) {
        items.push(`${parts.length}=`)
        const made = pieces(content)
        const prints = new Map(made.filter((piece) => typeof piece === 'number').map((slot) => [slot, 'text' as const]))
        parts.push({ kind: 'content', tag, pieces: made, ...(tag === 'script' ? { prints } : {}) })
        end += content.length
        text += '\0' + content
      }
    }
    const events = [...text.matchAll(/live-(click|submit|change|input|keydown|focus|blur)="([^"]*)"/g)]
    if (events.length > 0) {
      items.push(`@${elements.length}`)
      elements.push({
        tag,
        line: 1,
        column: 1,
        attributes,
        set,
        sent: null,
        events: events.map(([, kind, event]) => ({ kind: kind as string, event: event as string }))
      })
    }
    if (items.length > 0) marks.push(-items.length)
    const at = items.length > 0 ? ` live-at="${items.join(' ')}"` : ''
    const [inTag, content] = text.split('\0') as [string, string?]
    html += `<${tag}${kept}${at}>`
    page += `<${tag}${inTag}${at}>${content ?? ''}`
  }

  function hole (): void {
    const after = source.slice(end)
    const closed = after === '' || after.startsWith('<')
    marks.push(parts.length)
    html += `<!--${parts.length}-->${closed ? '' : '<!--/-->'}`
    page += '{}'
    partOf.push(parts.length)
    const textless = /<(?:table|tbody|tr)[^<]*$/.test(source.slice(0, end - 2))
    parts.push({ kind: 'hole', slot: partOf.length - 1, closed, ...(textless ? { textless } : {}) })
  }

  TAG_OR_SLOT.lastIndex = 0
  for (let match = TAG_OR_SLOT.exec(source); match !== null; match = TAG_OR_SLOT.exec(source)) {
    html += source.slice(end, match.index)
    page += source.slice(end, match.index)
    end = TAG_OR_SLOT.lastIndex
    if (match[1] === undefined) hole()
    else startTag(match[1], match[2] as string)
    TAG_OR_SLOT.lastIndex = end
  }
  html += source.slice(end)
  page += source.slice(end)

  const pageStatics = page.split('{}')
  const index = pageStatics.findIndex((text) => text.includes('</head>'))
  const layout: Layout = {
    html,
    page: pageStatics,
    parts,
    partOf,
    marks,
    elements,
    sent: [],
    keySlot: options.keySlot ?? null,
    headEnd: index < 0 ? null : { index, offset: (pageStatics[index] as string).indexOf('</head>') }
  }
  const position = { template: `${id}.njk`, line: 1, column: 1 }
  const slots = Array.from({ length: statics.length - 1 }, (_, k): SlotSource => {
    const { kind = 'output', bodies = [], row = null } = options.slots?.[k] ?? {}
    return { kind, position, bodies, row, names: null, optional: false }
  })
  return { id, template: `${id}.njk`, position, statics, slots, layout }
}
