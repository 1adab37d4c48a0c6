import type { ValuePlace } from '../layout.ts'

/** Why no value may stand in an attribute, and what to write instead. */
export interface Refusal {
  readonly what: string
  readonly fix: string
}

/**
 * What another attribute of the same tag says: its text, null where that may be anything, undefined where it cannot stand
 * there.
 */
export type Beside = (name: string) => string | null | undefined

const URLS = new Set(('href src action formaction poster cite data background longdesc manifest xlink:href xml:base icon ' +
  'codebase classid profile usemap dynsrc lowsrc').split(' '))
/** Addresses that are only ever read as a picture: there, and nowhere else, a value may be image data. */
const IMAGES = new Set(('img:src source:src input:src image:src image:href image:xlink:href feimage:href feimage:xlink:href ' +
  'video:poster img:lowsrc img:dynsrc').split(' '))
/** What is fetched from there runs as code, decides where other addresses lead, or takes over the page. */
const CODE = new Set(('script:src script:href script:xlink:href link:href base:href object:data embed:src applet:code ' +
  'applet:object use:href use:xlink:href').split(' '))
const ANIMATIONS = new Set(['animate', 'set', 'animatemotion', 'animatetransform', 'animatecolor'])
/** Links that load nothing that runs. Preloading is not among them: it fetches what is to run. */
const HARMLESS_LINKS = new Set(('alternate amphtml apple-touch-icon apple-touch-icon-precomposed author bookmark canonical ' +
  'contents dns-prefetch external first glossary help icon index last license mask-icon me next nofollow noopener noreferrer ' +
  'preconnect prefetch prev privacy-policy search shortcut shortlink start tag terms-of-service up').split(' '))
const ICONS = /icon/

/** The place of a value in the attribute `name` (lower case) of the element `tag`. */
export function attributePlace (tag: string, name: string, beside: Beside): ValuePlace | Refusal {
  // Tags in which attributes come and go ask at every rendering, nearly always for names that mean nothing anywhere.
  if (!SPECIAL.has(name) && !isForbidden(name)) return 'plain'
  const refusal = refusalOf(tag, name, beside)
  if (refusal !== null) return refusal
  if (name === 'style') return 'style'
  if (name === 'srcset' || name === 'imagesrcset') return 'srcset'
  if (name === 'ping' || name === 'archive') return 'urls'
  if (tag === 'link' && name === 'href') return linkPlace(beside('rel'))
  const where = `${tag}:${name}`
  if (CODE.has(where)) return 'code'
  if (IMAGES.has(where) || name === 'background') return 'image'
  if (URLS.has(name)) return 'url'
  const moves = ANIMATIONS.has(tag)
  if (moves && name === 'values') return 'animation'
  return moves && /^(?:to|from|by)$/.test(name) ? 'url' : 'plain'
}

function linkPlace (rel: string | null | undefined): ValuePlace {
  if (rel === null) return 'code'
  const kinds = (rel ?? '').toLowerCase().split(/\s+/).filter((kind) => kind !== '')
  if (!kinds.every((kind) => HARMLESS_LINKS.has(kind))) return 'code'
  return kinds.some((kind) => ICONS.test(kind)) ? 'image' : 'url'
}

const LITERAL = 'Write it literally; where it has to change, write the whole element once for each case: {% if … %}<'
const HANDED_OVER: ReadonlyMap<string, string> = new Map([
  ['iframe:sandbox', 'a value stands in sandbox and could take the protection of the <iframe> away'],
  ['iframe:allow', 'a value stands in allow and could hand camera, microphone or payment to the <iframe>'],
  ['iframe:csp', 'a value stands in csp and could loosen the policy of the <iframe>'],
  ['script:type', 'a value stands in the type of a <script> and could turn data into code'],
  ['script:language', 'a value stands in the language of a <script> and could turn data into code'],
  ['link:rel', 'a value stands in the rel of a <link> and could turn an address into a stylesheet'],
  ['object:type', 'a value stands in the type of an <object> and decides what runs its data'],
  ['embed:type', 'a value stands in the type of an <embed> and decides what runs its data'],
  ['object:classid', 'a value stands in classid, which names the program that runs an <object>'],
  ['object:codebase', 'a value stands in codebase, which moves the address of an <object>'],
  ['object:archive', 'a value stands in archive, which names code that an <object> loads'],
  ['applet:codebase', 'a value stands in codebase, which moves the address of an <applet>'],
  ['applet:archive', 'a value stands in archive, which names code that an <applet> loads']
])

const SPECIAL = new Set([
  ...URLS, ...[...IMAGES, ...CODE, ...HANDED_OVER.keys()].map((where) => where.slice(where.indexOf(':') + 1)),
  ...'style srcset imagesrcset ping archive background values to from by attributename http-equiv content'.split(' ')
])

/** Refused wherever they come from, values or trusted HTML: nothing that is rendered may bring them. */
export function isForbidden (name: string): boolean {
  return /^on|^srcdoc$|^live-(?:at|token)$/.test(name)
}

function refusalOf (tag: string, name: string, beside: Beside): Refusal | null {
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
  if (ANIMATIONS.has(tag) && name === 'attributename') {
    return { what: `a value chooses the attribute that <${tag}> changes`, fix: 'Write attributeName literally.' }
  }
  if (tag === 'meta' && name === 'http-equiv') {
    return { what: 'a value stands in http-equiv, which acts like an HTTP header', fix: 'Send the header with reply.header().' }
  }
  if (tag === 'meta' && name === 'content' && beside('http-equiv') !== undefined) {
    return {
      what: 'a value stands in the content of a <meta http-equiv>, which acts like an HTTP header and can lead away from the page',
      fix: 'Send the header with reply.header(), or lead elsewhere with reply.redirect().'
    }
  }
  const what = HANDED_OVER.get(`${tag}:${name}`)
  return what === undefined ? null : { what, fix: `${LITERAL}${tag} ${name}="…">{% endif %}.` }
}
