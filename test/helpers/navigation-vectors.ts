/** A path that a handler navigates to, and where the server sends the browser then; null where it must refuse. */
export type NavigationVector = readonly [path: string, target: string | null]

const at = (code: number): string => String.fromCharCode(code)

/** What both sides of a navigation are tried with. */
export const NAVIGATION_VECTORS: readonly NavigationVector[] = [
  ...['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\nscript:alert(1)', ' javascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'blob:x',
    'https://evil.example', 'HTTPS://evil.example', 'https:evil.example', 'https:/evil.example', 'http:\\\\evil.example', '//evil.example',
    '///evil.example', '/\\evil.example', '\\/evil.example', '\\\\evil.example', '/a\\b', '/\t/evil.example', '/\n/evil.example', '/\r//evil.example',
    '\t//evil.example', ' //evil.example', '/ /evil.example', '/.//evil.example', '/..//evil.example', '/a/..//evil.example', '/%2e//evil.example',
    '/%2E%2e//evil.example', '/\\@evil.example', '//user:password@evil.example', '//evil.example:443', '//[::1]/', '//[', '//evil.example\\@here',
    'evil.example', '@evil.example', ':443', '.', '..', '', '?q=1', '#x', ' ', '/a b', '/\u2028', '/\u2029', `/a${at(0)}`, `/${at(0x1f)}`, `/${at(0x7f)}`,
    `/${at(0x85)}`, `/${'a'.repeat(5000)}`].map((path): NavigationVector => [path, null]),
  ['/', '/'],
  ['/orders?page=2&q=a%20b#row-7', '/orders?page=2&q=a%20b#row-7'],
  ['/a/../b', '/b'],
  ['/käse', '/k%C3%A4se'],
  ['/a//b', '/a//b'],
  ['/login?next=//evil.example', '/login?next=//evil.example'],
  ['/user:password@evil.example', '/user:password@evil.example'],
  ['/%2f/evil.example', '/%2f/evil.example'],
  ['/%5cevil.example', '/%5cevil.example'],
  ['/%09/evil.example', '/%09/evil.example'],
  ['/javascript:alert(1)', '/javascript:alert(1)'],
  // Slashes of other alphabets are letters in a path.
  ['/\uff0fevil.example', '/%EF%BC%8Fevil.example'],
  ['/\u2215\u2044evil.example', '/%E2%88%95%E2%81%84evil.example'],
  ['/\u3002evil', '/%E3%80%82evil'],
  [`/a${at(0xd800)}b`, '/a%EF%BF%BDb'],
  [`/?q=${at(0xdfff)}#${at(0xd83d)}`, '/?q=%EF%BF%BD#%EF%BF%BD'],
  ['/\u{1f600}', '/%F0%9F%98%80'],
  ['/"<>`{}', '/%22%3C%3E%60%7B%7D'],
  ["/?'\"<>#`\"<>", '/?%27%22%3C%3E#%60%22%3C%3E']
]
