import { imageText, urlText } from './encode-place.ts'

/** A list of addresses between semicolons, or between spaces of any kind. */
export function eachText (text: string, separator: ';' | ' '): string {
  const addresses = text.split(separator === ';' ? ';' : /[\t\n\f\r ]+/)
  const safe = addresses.map(urlText)
  return safe.some((address, k) => address !== addresses[k]) ? safe.join(separator) : text
}

// HTML 4.8.4.3.10: an address has no white space and ends before its last commas; then a comma that stands in no parentheses
// ends the descriptors.
const CANDIDATE = /([^\t\n\f\r ,](?:[^\t\n\f\r ]*[^\t\n\f\r ,])?)(,+|(?:[^,(]|\([^)]*\)?)*)/g

/** The text of srcset: each candidate's address is that of an image. */
export function srcsetText (text: string): string {
  if (!text.includes(':')) return text
  return text.replace(CANDIDATE, (_, address: string, descriptors: string) => imageText(address) + descriptors)
}
