import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { protocolCases } from './helpers/protocol-cases.ts'
import { fixtureText, protocolFixture } from './helpers/protocol-fixture.ts'

const folder = new URL('./fixtures/protocol/', import.meta.url)

function fileName (name: string): string {
  return `${name.toLowerCase().replaceAll(' ', '-')}.json`
}

// `UPDATE_FIXTURES=1 tsx test/render-fixtures.test.ts` writes them anew: read the difference before committing it.
if (process.env['UPDATE_FIXTURES'] === '1') {
  for (const made of protocolCases.map(protocolFixture)) {
    writeFileSync(new URL(fileName(made.name), folder), fixtureText(made))
  }
}

t.test('the server sends what the golden messages say', async (t) => {
  for (const made of protocolCases.map(protocolFixture)) {
    const golden: unknown = JSON.parse(readFileSync(new URL(fileName(made.name), folder), 'utf8'))
    t.strictSame(JSON.parse(JSON.stringify(made)), golden, made.name)
  }
})

t.test('every golden file has its case', async (t) => {
  t.same(readdirSync(folder).sort(), protocolCases.map(({ name }) => fileName(name)).sort())
})
