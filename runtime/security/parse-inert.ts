import { ALLOWED, ATTRIBUTES, COMMON, RENAMED } from './allowed-html.ts'

interface Policy { createHTML (html: string): string }
interface Factory { createPolicy (name: string, rules: Policy): Policy }

/** The name that a page's `trusted-types` directive has to have for browsers without `Element.setHTML`. */
const policyName = 'fastify-live-view-client'

// The browser's own sanitizer takes the same lists. What it leaves is copied by these lists once more: it lets more schemes pass.
const sanitizer = {
  elements: [...ALLOWED, ...RENAMED.keys()].map((name) => ({ name, attributes: ATTRIBUTES[name] ?? [] })),
  attributes: COMMON,
  comments: false,
  dataAttributes: false
}

let policy: Policy | null | undefined

/** An empty document without a window: nothing in it runs, loads, or is upgraded to a custom element. */
export function createInert (): Document {
  // `<img name="implementation">` hides the document's own.
  const { get } = Object.getOwnPropertyDescriptor(Document.prototype, 'implementation') as PropertyDescriptor
  return ((get as () => DOMImplementation).call(document)).createHTMLDocument('')
}

/** Parses HTML inside of such a document; table rows may stand alone in it. */
export function parseInert (html: string, inert: Document): DocumentFragment {
  const template = inert.createElement('template')
  if (!parsedByBrowser(template, html)) parseByPolicy(template, html)
  return template.content
}

function parsedByBrowser (template: HTMLTemplateElement, html: string): boolean {
  const { setHTML } = template as { setHTML?: (html: string, options: object) => void }
  if (typeof setHTML !== 'function') return false
  try {
    setHTML.call(template, html, { sanitizer })
    return true
  } catch {
    // An early version of that function, with options of its own.
    return false
  }
}

function parseByPolicy (template: HTMLTemplateElement, html: string): void {
  if (policy === undefined) policy = createPolicy()
  try {
    // eslint-disable-next-line no-unsanitized/property -- nothing runs in an inert document
    template.innerHTML = policy === null ? html : policy.createHTML(html)
  } catch (error) {
    throw new Error(`safeSetInnerHTML: this page's policy lets no HTML be parsed. Add ${policyName} to the trusted-types of its ` +
      `Content-Security-Policy; browsers with Element.setHTML do without. ${String(error)}`)
  }
}

function createPolicy (): Policy | null {
  const factory = (window as { trustedTypes?: Factory }).trustedTypes
  try {
    return factory === undefined ? null : factory.createPolicy(policyName, { createHTML: (html) => html })
  } catch {
    // Not allowed by the page, which may still not ask for trusted types at all.
    return null
  }
}
