import t from 'tap'
import { Type } from '@sinclair/typebox'
import { defineView } from '../plugin/index.ts'
import { startLiveApp } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'

const templates = {
  'counter.njk': '<html><head><title>Counter</title></head><body><p>{{ count }}</p><button live-click="add" live-value-by="{{ step }}">+</button></body></html>'
}
const counter = defineView({
  name: 'counter',
  template: 'counter.njk',
  access: 'public',
  state: ({ query }) => ({ count: Number(query.from ?? 0), step: 2 }),
  events: {
    add: { payload: Type.Object({ by: Type.Integer() }), run: ({ state, payload }) => { state.count += payload.by } }
  }
})

t.test('a page is joined without being sent again, and counts', async (t) => {
  const { url } = await startLiveApp(t, { live: { templates }, routes: (app) => app.live('/counter', counter) })
  const live = await new Visitor(url).open('/counter?from=3')
  t.match(live.html, '<p><!--0-->3</p>')
  t.same(live.joined, ['j', 0])
  t.same(await live.event('add', 'click', [], 0, ['2']), ['p', 1, [0, 5]])
  t.same(await live.event('add', 'click', [], 0, ['2']), ['p', 2, [0, 7]])
  live.close()
})
