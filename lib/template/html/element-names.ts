function names (list: string): ReadonlySet<string> {
  return new Set(list.split(' '))
}

/** Elements without content (HTML 13.1.2), with the obsolete ones that the parser treats alike. */
export const VOID: ReadonlySet<string> =
  names('area base basefont bgsound br col embed frame hr image img input keygen link meta param source track wbr')

/** What may stand in the head; anything else ends it. */
export const METADATA: ReadonlySet<string> =
  names('base basefont bgsound link meta noframes noscript script style template title')

/** Start tags that close an open `<p>` (HTML 13.2.6.4.7). */
export const CLOSES_P: ReadonlySet<string> = names('address article aside blockquote center details dialog dir div dl ' +
  'fieldset figcaption figure footer header hgroup main menu nav ol p search section summary ul pre listing ' +
  'h1 h2 h3 h4 h5 h6 form li dd dt plaintext hr xmp table')

/** End tags that close everything up to their element, where that is in scope. */
export const BLOCKS: ReadonlySet<string> = names('address article aside blockquote button center details dialog dir div ' +
  'dl fieldset figcaption figure footer header hgroup listing main menu nav ol pre search section summary ul ' +
  'applet marquee object')

export const HEADINGS: ReadonlySet<string> = names('h1 h2 h3 h4 h5 h6')
export const FORMATTING: ReadonlySet<string> = names('a b big code em font i nobr s small strike strong tt u')
export const IMPLIED_END: ReadonlySet<string> = names('dd dt li optgroup option p rb rp rt rtc')

/** Start tags before which the parser re-opens no formatting elements. */
export const NO_REOPEN: ReadonlySet<string> =
  names('base basefont bgsound link meta noframes noscript script style template title textarea iframe noembed ' +
  'param source track rb rtc rp rt hr')

/** Elements whose own text cannot be in their place: the parser moves it out of the table. */
export const TABLE_PARTS: ReadonlySet<string> = names('table tbody thead tfoot tr colgroup')
export const TABLE_TAGS: ReadonlySet<string> = names('caption col colgroup tbody thead tfoot tr td th')

/** Elements that put a marker into the list of active formatting elements. */
export const MARKERS: ReadonlySet<string> = names('applet marquee object td th caption template')

export const SCOPE: ReadonlySet<string> = names('applet caption html table td th marquee object template #fragment ' +
  'math:mi math:mo math:mn math:ms math:mtext math:annotation-xml svg:foreignobject svg:desc svg:title')

export const SPECIAL: ReadonlySet<string> = names('address applet area article aside base basefont bgsound blockquote ' +
  'body br button caption center col colgroup dd details dir div dl dt embed fieldset figcaption figure footer form ' +
  'frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe img input keygen li link listing main marquee ' +
  'menu meta nav noembed noframes noscript object ol p param plaintext pre script search section select source style ' +
  'summary table tbody td template textarea tfoot th thead title tr track ul wbr xmp #fragment ' +
  'math:mi math:mo math:mn math:ms math:mtext math:annotation-xml svg:foreignobject svg:desc svg:title')

/** HTML start tags that end foreign content (HTML 13.2.6.5). */
export const BREAKOUT: ReadonlySet<string> = names('b big blockquote body br center code dd div dl dt em embed h1 h2 h3 ' +
  'h4 h5 h6 head hr i img li listing menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var')

/** How the tokenizer reads the content of these HTML elements; noscript as a browser with scripting does. */
export const RAW_TEXT: ReadonlyMap<string, 'text' | 'raw' | 'script'> = new Map([
  ...['title', 'textarea'].map((name) => [name, 'text'] as const),
  ...['style', 'xmp', 'iframe', 'noembed', 'noframes', 'noscript'].map((name) => [name, 'raw'] as const),
  ['script', 'script']
])
