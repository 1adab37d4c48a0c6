// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'

/** What a template may not say, as a newcomer may come to write it: the template, and all of what the boot says. */
const REFUSED: ReadonlyArray<readonly [attack: string, template: string, message: string]> = [
  ['my name runs as a script', '<script>let name = "{{ name }}"</script>',
    'page.njk:1:21: a value stands in <script>, whose content runs as code. Pass data as <script type="application/json">{{ value | dump }}</script> or in data-* attributes, and read it from a static script.'],
  ['my name runs as a module', '<script type="module">{{ name }}</script>',
    'page.njk:1:23: a value stands in <script>, whose content runs as code. Pass data as <script type="application/json">{{ value | dump }}</script> or in data-* attributes, and read it from a static script.'],
  ['I choose which modules are loaded', '<script type="importmap">{{ map | dump }}</script>',
    'page.njk:1:26: a value stands in <script type="importmap">, which decides what the browser loads and runs. Write it out, with a condition around the whole <script> where it has to change.'],
  ['I choose what is prefetched and run', '<script type="speculationrules">{{ rules | dump }}</script>',
    'page.njk:1:33: a value stands in <script type="speculationrules">, which decides what the browser loads and runs. Write it out, with a condition around the whole <script> where it has to change.'],
  ['my data become code where the type comes and goes', '<script {% if old %}type="module"{% endif %} type="application/json">{{ data | dump }}</script>',
    'page.njk:1:70: a value stands in a <script> whose type comes and goes with a condition, or stands behind one. Write the type first: <script type="application/json" {% if … %}…{% endif %}>.'],
  ['I turn data into code', '<script type="{{ type }}">{}</script>',
    'page.njk:1:15: a value stands in the type of a <script> and could turn data into code. Write it literally; where it has to change, write the whole element once for each case: {% if … %}<script type="…">{% endif %}.'],
  ['I style the whole page', '<style>p { color: {{ color }} }</style>',
    'page.njk:1:19: a value stands in <style>, whose content runs as CSS. Set a custom property instead, style="--size: {{ … }}px", and use var(--size) in the stylesheet.'],
  ['my name runs on a click', '<button onclick="greet(\'{{ name }}\')">Hi</button>',
    'page.njk:1:25: a value stands in the event handler attribute onclick, which runs as a script. Write live-click="event_name" and pass the value as live-value-NAME="{{ … }}".'],
  ['my name runs on a click, with a condition', '<button {% if name %}onclick="greet(\'{{ name }}\')"{% endif %}>Hi</button>',
    'page.njk:1:12: onclick stands in <button>, in which whole attributes come and go: they are written anew at every rendering, and nothing that runs is ever written so. Write live-* events instead, or move conditions into the quotes of single attributes.'],
  ['I write a document', '<iframe srcdoc="{{ html }}"></iframe>',
    'page.njk:1:17: a value stands in srcdoc, which is a whole document. Serve that document from a route of its own and write its address into src.'],
  ['I write an attribute of my own', '<p title={{ title }}>x</p>',
    'page.njk:1:10: the value of title in <p> is not in quotes, so that a space in it starts a new attribute. Write title="…" with the quotes outside of {{ }} and {% %}.'],
  ['I choose the element', '<{{ tag }}>x',
    'page.njk:1:2: a value stands where a tag name is. Tag names are literal: write {% if … %}<h1>…</h1>{% else %}<h2>…</h2>{% endif %}. For a mere "<" write &lt;.'],
  ['I choose the rest of the element', '<h{{ level }}>x',
    'page.njk:1:3: a value is part of the tag name "h…". Tag names are literal: write {% if … %}<h1>…</h1>{% else %}<h2>…</h2>{% endif %}, or put a space before attributes.'],
  ['I choose the attribute', '<p data-{{ name }}="1">x</p>',
    'page.njk:1:9: a value is part of the attribute name "data-…" in <p>. Attribute names are literal: write {% if … %}name="value"{% endif %} for each name, with a space before it.'],
  ['I choose the attribute from its beginning', '<p {{ name }}="1">x</p>',
    'page.njk:1:1: a value is the name of an attribute in <p>. Attribute names are literal: write {% if … %}name="value"{% endif %} for each name, with a space behind {% endif %}.'],
  ['I end the comment', '<!-- {{ note }} -->',
    'page.njk:1:6: a value stands in an HTML comment. Use a template comment, {# … #}, or take the value out of the comment.'],
  ['I change how the page is parsed', '<!doctype {{ type }}>',
    'page.njk:1:11: a value stands in the doctype. Write <!doctype html>.'],
  ['I end the CDATA section', '<svg><![CDATA[{{ text }}]]></svg>',
    'page.njk:1:15: a value stands in a CDATA section. Write the text without <![CDATA[ ]]>.'],
  ['I end another element', '<p>x</{{ tag }}>',
    'page.njk:1:7: a value stands in an end tag. Write the end tag literally.'],
  ['my name is part of a script in an address', '<a href="javascript:greet(\'{{ name }}\')">Hi</a>',
    'page.njk:1:28: a value stands in a javascript: URL in href, which the browser runs or shows as a document. Write live-click="event_name" with live-value-NAME="{{ … }}" instead, or link to a route.'],
  ['my name is part of a script, in other letters', '<a href="JAVA&#x73;cript&colon;{{ name }}">Hi</a>',
    'page.njk:1:32: a value stands in a javascript: URL in href, which the browser runs or shows as a document. Write live-click="event_name" with live-value-NAME="{{ … }}" instead, or link to a route.'],
  ['I write a document into an address', '<a href="data:text/html,{{ html }}">Hi</a>',
    'page.njk:1:25: a value stands in a data: URL in href, which the browser runs or shows as a document. Write live-click="event_name" with live-value-NAME="{{ … }}" instead, or link to a route.'],
  ['I open another program', '<a href="intent://{{ name }}">Hi</a>',
    'page.njk:1:19: a value stands behind "intent:" in href, which may open another program. Begin the address with http:, https:, mailto: or tel:, or with a path.'],
  ['I choose the script', '<script src="{{ address }}"></script>',
    'page.njk:1:14: a value chooses what <script> loads and runs. Write out where it begins, up to a folder in which nothing else is: src="/assets/{{ … }}"; or let a function of yours answer with the whole tag: addGlobal(\'script\', tag, { html: true }).'],
  ['I choose the server of the script', '<script src="https://{{ host }}/app.js"></script>',
    'page.njk:1:22: a value chooses what <script> loads and runs. Write out where it begins, up to a folder in which nothing else is: src="/assets/{{ … }}"; or let a function of yours answer with the whole tag: addGlobal(\'script\', tag, { html: true }).'],
  ['I choose the script on your server', '<script src="/{{ file }}"></script>',
    'page.njk:1:15: a value chooses what <script> loads and runs. Write out where it begins, up to a folder in which nothing else is: src="/assets/{{ … }}"; or let a function of yours answer with the whole tag: addGlobal(\'script\', tag, { html: true }).'],
  ['I choose the stylesheet', '<link rel="stylesheet" href="{{ theme }}">',
    'page.njk:1:30: a value chooses what a <link> loads whose rel does not say literally that it is harmless (icon, canonical, alternate, next …). Write out where it begins, up to a folder in which nothing else is: href="/assets/{{ … }}.css"; or write rel="icon" and the like literally, in front of conditions.'],
  ['I turn an icon into a stylesheet', '<link rel="{{ rel }}" href="/icon.png">',
    'page.njk:1:12: a value stands in the rel of a <link> and could turn an address into a stylesheet. Write it literally; where it has to change, write the whole element once for each case: {% if … %}<link rel="…">{% endif %}.'],
  ['I move all addresses', '<base href="{{ base }}">',
    'page.njk:1:13: a value stands in the href of <base>, which moves every address of the page. Write out where it begins, up to a folder in which nothing else is: href="/app/{{ … }}/".'],
  ['I choose the plug-in', '<object data="{{ file }}"></object>',
    'page.njk:1:15: a value chooses what <object> loads and runs. Write out where it begins, up to a folder in which nothing else is: data="/assets/{{ … }}".'],
  ['I choose the program of the plug-in', '<object classid="{{ id }}"></object>',
    'page.njk:1:18: a value stands in classid, which names the program that runs an <object>. Write it literally; where it has to change, write the whole element once for each case: {% if … %}<object classid="…">{% endif %}.'],
  ['I choose what is embedded', '<embed src="{{ file }}">',
    'page.njk:1:13: a value chooses what <embed> loads and runs. Write out where it begins, up to a folder in which nothing else is: src="/assets/{{ … }}".'],
  ['I put my drawing into the page', '<svg><use href="{{ icon }}"></use></svg>',
    'page.njk:1:17: a value chooses what an SVG <use> fetches and puts into the page. Write out where it begins, up to a folder in which nothing else is: href="#icon-{{ … }}" or href="/icons/{{ … }}.svg#icon".'],
  ['I choose what is animated', '<svg><set attributeName="{{ name }}" to="x"></set></svg>',
    'page.njk:1:26: a value chooses the attribute that <set> changes. Write attributeName literally.'],
  ['I send a header', '<meta http-equiv="{{ name }}" content="x">',
    'page.njk:1:19: a value stands in http-equiv, which acts like an HTTP header. Send the header with reply.header().'],
  ['I lead away from the page', '<meta http-equiv="refresh" content="0; url={{ address }}">',
    'page.njk:1:44: a value stands in the content of a <meta http-equiv>, which acts like an HTTP header and can lead away from the page. Send the header with reply.header(), or lead elsewhere with reply.redirect().'],
  ['I unlock the sandbox', '<iframe sandbox="{{ flags }}" src="/a"></iframe>',
    'page.njk:1:18: a value stands in sandbox and could take the protection of the <iframe> away. Write it literally; where it has to change, write the whole element once for each case: {% if … %}<iframe sandbox="…">{% endif %}.'],
  ['I hand out the camera', '<iframe allow="{{ features }}" src="/a"></iframe>',
    'page.njk:1:16: a value stands in allow and could hand camera, microphone or payment to the <iframe>. Write it literally; where it has to change, write the whole element once for each case: {% if … %}<iframe allow="…">{% endif %}.'],
  ['I loosen the policy', '<iframe csp="{{ policy }}" src="/a"></iframe>',
    'page.njk:1:14: a value stands in csp and could loosen the policy of the <iframe>. Write it literally; where it has to change, write the whole element once for each case: {% if … %}<iframe csp="…">{% endif %}.'],
  ['I style the element as I like', '<p style="{{ css }}">x</p>',
    'page.njk:1:11: a value stands where a style attribute names a property, so that it could say anything. Write the property out and only its value as a value: style="width: {{ … }}px", or a condition: style="{% if … %}display: none{% endif %}", or choose a class: class="{% if … %}wide{% endif %}".'],
  ['I choose the property', '<p style="{{ property }}: 1px">x</p>',
    'page.njk:1:11: a value stands where a style attribute names a property, so that it could say anything. Write the property out and only its value as a value: style="width: {{ … }}px", or a condition: style="{% if … %}display: none{% endif %}", or choose a class: class="{% if … %}wide{% endif %}".'],
  ['I choose the property where a condition comes and goes', '<p style="{% if red %}color: red;{% endif %}{{ more }}">x</p>',
    'page.njk:1:45: a value stands where a style attribute names a property, so that it could say anything. Write the property out and only its value as a value: style="width: {{ … }}px", or a condition: style="{% if … %}display: none{% endif %}", or choose a class: class="{% if … %}wide{% endif %}".'],
  ['I call a function', '<p style="width: {{ name }}(1px)">x</p>',
    'page.njk:1:18: a value, or an escape, is part of a function\'s name or of an address\'s scheme in a style attribute. Write the function and the beginning of the address out: width: calc({{ … }}px + 1em), url("/images/{{ … }}").'],
  ['I bring the first half of a scheme', '<p style="background: url({{ a }}script:x)">x</p>',
    'page.njk:1:27: a value, or an escape, is part of a function\'s name or of an address\'s scheme in a style attribute. Write the function and the beginning of the address out: width: calc({{ … }}px + 1em), url("/images/{{ … }}").'],
  ['I choose the type of the data', '<p style="background: url(data:{{ type }},x)">x</p>',
    'page.njk:1:32: a value stands in the type of a data: URL in a style attribute. Write the type of an image out: url(data:image/png;base64,{{ … }}).'],
  ['I end the comment in a style', '<p style="/* {{ note }} */ color: red">x</p>',
    'page.njk:1:14: a value stands in a CSS comment. Use a template comment, {# … #}.'],
  ['the backslash takes my first letter', '<p style="font-family: \\{{ font }}">x</p>',
    'page.njk:1:25: a value follows a backslash in a style attribute, which would change its first character. Remove the backslash.'],
  ['I hide behind a name that only browsers know', '<p style="color&nosuch; {{ color }}">x</p>',
    'page.njk:1:25: the style attribute has a character reference that only a browser knows: color&nosuch;. Write the character itself.'],
  ['the backslash takes my quote', '<script type="application/json">"\\{{ text }}"</script>',
    'page.njk:1:35: a value follows a backslash in a string of JSON, which would change its first character. Remove the backslash, or write it twice for one that is shown.'],
  ['a condition ends the string', '<script type="application/json">"a{% if b %}", "{{ b }}{% endif %}"</script>',
    'page.njk:1:45: a branch inside a string of JSON contains ", which ends the string. Put the condition around the whole string: {% if … %}"a"{% else %}"b"{% endif %}.'],
  ['a condition opens a string', '<script type="application/json">[{% if b %}"{{ b }}{% endif %}]</script>',
    'page.njk:1:45: this branch begins outside of a string of JSON and ends in one. Write whole strings inside the body, or only text inside the string.'],
  ['I end the script from behind a comment', '<script type="application/json">"<!-- {{ text }}"</script>',
    'page.njk:1:39: a value stands behind "<!--" in a <script>, where the end of the script is uncertain. Remove the "<!--".'],
  ['I finish the end tag', '<title></ti{{ text }}</title>',
    'page.njk:1:12: a value follows "</ti" in <title> and could complete a tag. Write &lt; instead of <, or something between.'],
  ['I am shown to those without scripts only', '<noscript>{{ text }}</noscript>',
    'page.njk:1:11: a value stands in <noscript>, whose content browsers with scripts read as mere text. Write static content only in <noscript>; what needs values stands in the page itself, which reads well without scripts.'],
  ['I am markup in an iframe', '<iframe>{{ html }}</iframe>',
    'page.njk:1:9: a value stands in <iframe>, whose content browsers read as mere text. Write its address into src.'],
  ['I am markup in xmp', '<xmp>{{ html }}</xmp>',
    'page.njk:1:6: a value stands in <xmp>, whose content browsers read as mere text. Use an ordinary element.'],
  ['I am not part of the page', '<template><p>{{ text }}</p></template>',
    'page.njk:1:14: a value stands inside <template>, whose content is not part of the page. Take it out of the <template>; the server renders what is shown.'],
  ['I style the element in a condition', '<p {% if css %}style="{{ css }}"{% endif %}>x</p>',
    'page.njk:1:23: a value stands where a style attribute names a property, so that it could say anything. Write the property out and only its value as a value: style="width: {{ … }}px", or a condition: style="{% if … %}display: none{% endif %}", or choose a class: class="{% if … %}wide{% endif %}".'],
  ['I choose the script in a condition', '<script {% if file %}src="{{ file }}"{% endif %}></script>',
    'page.njk:1:27: a value chooses what <script> loads and runs. Write out where it begins, up to a folder in which nothing else is: src="/assets/{{ … }}"; or let a function of yours answer with the whole tag: addGlobal(\'script\', tag, { html: true }).'],
  ['I write a script through a macro', '{% macro track(id) %}<script>track({{ id }})</script>{% endmacro %}',
    'page.njk:1:36: a value stands in <script>, whose content runs as code. Pass data as <script type="application/json">{{ value | dump }}</script> or in data-* attributes, and read it from a static script.'],
  ['I end the tag', '<p {% if a %}title="{{ a }}">{% endif %}x</p>',
    'page.njk:1:21: ">" ends <p> inside a body that stands among its attributes. Write ">" behind {% endif %}, so that the body holds whole attributes only.'],
  ['I end the quotes', '<p title="{% if a %}"{% endif %}{{ a }}">x</p>',
    'page.njk:1:14: a branch inside the value of title contains ", which ends the value. Use the other kind of quotes there.'],
  ['I forge the marks of the page', '<p live-at="{{ marks }}">x</p>',
    'page.njk:1:13: live-at is reserved for the markers of the live page. Use an attribute of another name.'],
  ['I choose the event', '<button live-click="{{ event }}">x</button>',
    'page.njk:1:1: live-click takes its event\'s name from a value. Write the name itself: live-click="save", or live-click="{% if open %}close{% else %}open{% endif %}"; pass data as live-value-NAME="{{ … }}".']
]

function refusal (template: string): string {
  try {
    new TemplateEnvironment({ 'page.njk': template }).compile('page.njk')
  } catch (error) {
    return (error as Error).message
  }
  return 'accepted'
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
/** As Markdown shows it: no entity, no tag, no emphasis in it means anything. */
const code = (text: string): string => `\`${cell(text)}\``

function section (): string {
  const rows = REFUSED.map(([, template]) => `| ${code(template)} | ${code(refusal(template))} |`)
  return `<!-- refused -->\n| written | refused with |\n|---|---|\n${rows.join('\n')}\n<!-- /refused -->`
}

const DOCUMENT = 'docs/security.md'
const text = readFileSync(DOCUMENT, 'utf8')
const SECTION = /<!-- refused -->[^]*<!-- \/refused -->/
if (process.argv.includes('--write')) writeFileSync(DOCUMENT, text.replace(SECTION, section))

t.test('H01 a template that could hurt whoever looks at it does not boot, and its author is told what to write instead', async (t) => {
  for (const [attack, template, message] of REFUSED) t.equal(refusal(template), message, attack)
})

t.test('H01 docs/security.md shows each of them: npx tsx test/refused-constructs.test.ts --write', async (t) => {
  const written = SECTION.exec(readFileSync(DOCUMENT, 'utf8'))?.[0] ?? ''
  for (const [attack, template, message] of REFUSED) {
    t.ok(written.includes(`| ${code(template)} | ${code(message)} |`), `${attack}: ${template}`)
  }
  t.equal(written.split('\n').length, REFUSED.length + 4, 'and nothing else')
})
