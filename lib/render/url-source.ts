import { decodeEntities } from './decode-entities.ts'
import { urlText } from './encode-place.ts'

/** The HTML source of a URL attribute's value: as it is, unless what the browser decodes from it must not be followed. */
export function sourceOfUrl (source: string): string {
  const text = source.includes('&') ? decodeEntities(source) : source
  return urlText(text) === text ? source : '#unsafe'
}
