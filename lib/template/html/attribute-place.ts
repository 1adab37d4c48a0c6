/** What a value may do in an attribute: nothing special, be a URL, be CSS declarations; or why it must not stand there. */
export type AttributePlace = 'plain' | 'url' | 'style' | { readonly what: string, readonly fix: string }

const URLS = new Set(('href src action formaction poster cite data background longdesc manifest ping xlink:href srcset ' +
  'imagesrcset icon codebase archive classid profile usemap dynsrc lowsrc').split(' '))
const ANIMATED = new Set(['to', 'from', 'by', 'values'])

/** The place of a value in the attribute `name` (lower case) of the element `tag`. */
export function attributePlace (tag: string, name: string): AttributePlace {
  if (/^on/.test(name)) {
    return {
      what: `a value stands in the event handler attribute ${name}, which runs as a script`,
      fix: `Write live-${name.slice(2)}="event_name" and pass the value as live-value-NAME="{{ … }}".`
    }
  }
  if (name === 'srcdoc') {
    return {
      what: 'a value stands in srcdoc, which is a whole document',
      fix: 'Serve that document from a route of its own and write its address into src.'
    }
  }
  if (name === 'live-at' || name === 'live-token') {
    return { what: `${name} is reserved for the markers of the live page`, fix: 'Use an attribute of another name.' }
  }
  if (tag === 'script' && name === 'type') {
    return { what: 'a value stands in the type of a <script> and could turn data into code', fix: 'Write the type literally.' }
  }
  if ((tag === 'animate' || tag === 'set') && name === 'attributename') {
    return { what: `a value chooses the attribute that <${tag}> changes`, fix: 'Write attributeName literally.' }
  }
  if (tag === 'meta' && name === 'http-equiv') {
    return { what: 'a value stands in http-equiv, which acts like an HTTP header', fix: 'Send the header with reply.header().' }
  }
  if (URLS.has(name)) return 'url'
  if ((tag === 'animate' || tag === 'set') && ANIMATED.has(name)) return 'url'
  return name === 'style' ? 'style' : 'plain'
}

const REFERENCES: Readonly<Record<string, string>> = { colon: ':', tab: '\t', newline: '\n' }

/** The scheme of a URL's beginning as a browser finds it, or null; `source` may hold character references. */
export function scriptScheme (source: string): string | null {
  const text = source.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(colon|tab|newline));?/gi, (all, hex, decimal, name) => {
    if (name !== undefined) return REFERENCES[name.toLowerCase()] as string
    const code = hex === undefined ? Number(decimal) : parseInt(hex, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : all
  })
  // Browsers skip C0 controls and spaces before a URL, and tabs and newlines anywhere in it (URL 4.4).

  const scheme = /^[\0- ]*(javascript|vbscript|data):/i.exec(text.replace(/[\t\n\r]/g, ''))
  return scheme === null ? null : (scheme[1] as string).toLowerCase()
}
