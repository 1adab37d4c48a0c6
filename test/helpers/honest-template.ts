// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */

/** One item of the page: the same value in each way in which templates get to one. */
export interface Item {
  readonly id: number
  readonly on: boolean
  readonly value: unknown
  readonly text: string
  readonly list: ReadonlyArray<{ readonly key: string, readonly text: string }>
}

export function itemOf (id: number, value: unknown, text: string = typeof value === 'string' ? value : JSON.stringify(value)): Item {
  return { id, on: true, value, text, list: [{ key: `1${text}`, text }, { key: `2${text}`, text }] }
}

/** Each place by name: what an honest developer writes, `~` where its name goes. */
const PLACES: Readonly<Record<string, string>> = {
  text: '<p ~>{{ item.value }}</p>',
  'text between words': '<p ~>a {{ item.value }} b</p>',
  'text beside an element': '<p ~>{{ item.value }}<b></b></p>',
  'preformatted text': '<pre ~>:{{ item.value }}</pre>',
  'a heading in a branch': '{% if item.on %}<h2 ~>{{ item.value }}</h2>{% endif %}',
  'a textarea': '<textarea ~>{{ item.value }}</textarea>',
  'a textarea with a condition': '<textarea ~>{% if item.on %}{{ item.value }}{% endif %}</textarea>',
  'an option': '<select><option ~ value="{{ item.value }}" label="{{ item.value }}">{{ item.value }}</option></select>',
  'attributes in double quotes': '<p ~ id="{{ item.value }}" title="{{ item.value }}" class="{{ item.value }}" data-x="{{ item.value }}" aria-label="{{ item.value }}" lang="{{ item.value }}" role="{{ item.value }}"></p>',
  'attributes in single quotes': "<p ~ title='{{ item.value }}' class='a {{ item.value }} b' data-x='{{ item.value }}'></p>",
  'attributes of a field': '<input ~ name="{{ item.value }}" value="{{ item.value }}" placeholder="{{ item.value }}" pattern="{{ item.value }}">',
  'attributes of a picture': '<img ~ alt="{{ item.value }}" loading="lazy">',
  'attributes that come and go': "<p ~ {% if item.on %}title=\"{{ item.value }}\" data-x='{{ item.value }}'{% endif %} class=\"{{ item.value }}\"></p>",
  'a loop in an attribute': '<p ~ class="{% for word in item.list %}({{ word.text }}){% endfor %}"></p>',
  'a link': '<a ~ href="{{ item.value }}">x</a>',
  'a link in single quotes': "<a ~ href='{{ item.value }}'>x</a>",
  'a link that comes and goes': '<a ~ {% if item.on %}href="{{ item.value }}"{% endif %}>x</a>',
  'a link with a path': '<a ~ href="/find?q={{ item.value }}#{{ item.value }}">x</a>',
  'a link to somebody': '<a ~ href="mailto:{{ item.value }}">x</a>',
  'a link that is a variable': '{% set address = item.value %}<a ~ href="{{ address }}">x</a>',
  'a link with pings': '<a ~ href="/" ping="/a {{ item.value }}">x</a>',
  'an area': '<map name="m"><area ~ href="{{ item.value }}" alt="x"></map>',
  'a form': '<form ~ action="{{ item.value }}"><button formaction="{{ item.value }}">x</button></form>',
  'a button of a form': '<form><button ~ formaction="{{ item.value }}">x</button><input type="submit" formaction="{{ item.value }}"></form>',
  'a quotation': '<q ~ cite="{{ item.value }}">x</q>',
  'a picture': '<img ~ src="{{ item.value }}" alt="" loading="lazy">',
  pictures: '<img ~ srcset="/a.png 1x, {{ item.value }}" alt="" loading="lazy">',
  'a poster': '<video ~ poster="{{ item.value }}" preload="none"></video>',
  'a colour': '<p ~ style="color: {{ item.value }}; top: 0"></p>',
  'a custom property': "<p ~ style='--x: {{ item.value }}'></p>",
  'a calculation': '<p ~ style="width: calc({{ item.value }}px + 1em); top: 0"></p>',
  'a style that comes and goes': '<p ~ {% if item.on %}style="color: {{ item.value }}"{% endif %}></p>',
  'a text of a style': '<p ~ style="--x: \'{{ item.value }}\'; top: 0"></p>',
  'an address of a style': '<p ~ style="background: url({{ item.value }}); top: 0"></p>',
  'a quoted address of a style': "<p ~ style='background: url(\"{{ item.value }}\"); top: 0'></p>",
  JSON: '<script ~ type="application/json">{"value": {{ item.value }}, "in": "({{ item.value }})", "dump": {{ item.value | dump }}, "list": [{% for word in item.list %}{{ word.text }}{% if not loop.last %},{% endif %}{% endfor %}]}</script>',
  'JSON in an attribute': "<p ~ data-json='{{ item.value | dump }}'></p>",
  'a macro': '{{ parts.link(item.value) }}',
  'a macro with a body': '{% call parts.card(item.value) %}<b>{{ item.value }}</b>{% endcall %}',
  'an included template': "{% include 'part.njk' %}",
  'a table': '<table><caption>{{ item.value }}</caption><tbody><tr><th title="{{ item.value }}">{{ item.value }}</th><td ~>{{ item.value }}</td></tr></tbody></table>',
  'a list': '<ul>{% for word in item.list %}<li live-key="{{ word.key }}">{{ word.text }}{{ loop.index }}</li>{% endfor %}</ul>',
  'a control': '<button ~ live-click="pick" live-value-text="{{ item.text }}" type="button">{{ item.value }}</button>',
  'a control nobody has': '{% if item.id < 0 %}<button live-click="wipe">wipe</button>{% endif %}',
  'a drawing': '<svg viewBox="0 0 9 9"><title ~>{{ item.value }}</title><text class="{{ item.value }}">{{ item.value }}</text><a href="{{ item.value }}"><text>x</text></a><g style="fill: {{ item.value }}"></g></svg>',
  'an address in a drawing': '<svg><a ~ xlink:href="{{ item.value }}"><text>x</text></a><use href="#icon-{{ item.value }}"></use></svg>',
  'a formula': '<math><mtext ~>{{ item.value }}</mtext><mi href="{{ item.value }}">x</mi></math>',
  'a text escaped already': '<p ~ title="{{ item.value | escape }}">{{ item.value | escape }}</p>',
  'a text with another': '<p ~>{{ item.value ~ item.value }}</p>',
  'a default': '<p ~>{{ item.nothing | default(item.value) }}</p>',
  'a text changed': "<p ~ title=\"{{ item.text | replace('<', '[') }}\">{{ item.text | replace('<', '[') }}</p>",
  'a text cut': '<p ~>{{ item.text | truncate(20, true) }}</p>',
  'a text in capitals': '<p ~>{{ item.text | upper }}</p>',
  'a text without tags': '<p ~>{{ item.text | striptags }}</p>',
  'a text in an address': '<a ~ href="/find?q={{ item.text | urlencode }}">x</a>',
  lines: '<div ~>{{ item.text | escape | nl2br }}</div>',
  'HTML that was cleaned': '<div ~>{{ item.text | sanitize }}</div>',
}

/** These hold what the value says: their insides are looked at on their own. */
export const OPEN_PLACES: readonly string[] = ['lines', 'HTML that was cleaned']

const places = Object.entries(PLACES).map(([name, html]) => html.replace('~', `data-place="${name}"`)).join('\n')

/** A page that prints each item's value in every place where a value may stand. Reads `data.version`, `data.one` and `data.items`. */
export const HONEST_TEMPLATE: Readonly<Record<string, string>> = {
  'layout.njk': `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{% for item in data.items %}{{ item.value }} {% endfor %}</title>
    <meta name="description" content="{{ data.one.value }}"><link rel="canonical" href="{{ data.one.value }}">
    {% block head %}{% endblock %}</head><body class="{{ data.one.value }}"><i id="version">{{ data.version }}</i>{% block main %}{% endblock %}</body></html>`,
  'page.njk': `{% extends 'layout.njk' %}{% import 'parts.njk' as parts %}
    {% block head %}<meta name="author" content='{{ data.one.value }}'>{% endblock %}
    {% block main %}<h1>{{ data.one.value }}</h1><main>{% for item in data.items %}<section live-key="{{ item.id }}">${places}</section>{% endfor %}</main>{% endblock %}`,
  'part.njk': '<p title="{{ item.value }}">{{ item.value }}</p><a href="{{ item.value }}" style="color: {{ item.value }}">x</a>',
  'parts.njk': `{% macro link(address) %}<a href="{{ address }}" title="{{ address }}">{{ address }}</a>{% endmacro %}
    {% macro card(title) %}<div class='{{ title }}'><h3>{{ title }}</h3>{{ caller() }}</div>{% endmacro %}`,
}
