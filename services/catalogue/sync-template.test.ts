import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { RuleSet } from '../parser/rules.ts'
import { generic } from '../supplier/generic.ts'
import { otomaxSettings } from '../supplier/otomax-settings.ts'
import { priceListSchema } from '../supplier/price-list-template.ts'
import { readLines, readRows, templatePriceList } from './sync-template.ts'

const request = {
  method: 'POST',
  path: '/harga',
  body: { type: 'form', fields: { key: '{cred.apiKey}', sign: '{md5 cred.user cred.apiKey}' } },
}
const json = {
  ...{ by: 'json', rows: 'data.rows', sku: 'kode', cost: 'harga', stock: 'stok' },
  ...{ status: 'status', supplied: ['Normal'], off: ['Gangguan', 'Kosong'] },
}
const rule = (name: string, regex: string, outcome: string, priority = 1) => ({
  ...{ name, regex, outcome, priority, channels: ['inbox'] },
})
const lines = {
  by: 'lines',
  rules: [
    rule('head', '^KODE\\b', 'ignore', 0),
    rule('open', '^(?<kode>\\w+) \\|.*\\| Rp (?<harga>[\\d.,]+) \\| OPEN$', 'success'),
    rule('closed', '^(?<kode>\\w+) \\|.*\\| Rp (?<harga>[\\d.,]+) \\|', 'failed', 2),
  ],
}
const problems = (reply: unknown, some = {}) => {
  const read = priceListSchema.safeParse({ request: { ...request, ...some }, reply })
  return read.success ? null : JSON.stringify(read.error.issues)
}

test('price list template: what can’t be used: refused when it is saved (RSN1)', () => {
  for (const reply of [json, lines]) equal(problems(reply), null)
  match(problems(json, { query: { p: '{sku}' } })!, /without an order/)
  match(problems(json, { query: { p: '{md5 cred.user ref}' } })!, /without an order/)
  match(problems({ ...json, sku: 'a..b' })!, /sku/)
  match(problems({ ...json, supplied: [] })!, /supplied|status/)
  match(problems({ by: 'lines', rules: [] })!, /rules/)
  ok(problems({ by: 'lines', rules: [rule('back', '(a)\\1', 'success')] }))
  equal(otomaxSettings.safeParse({ priceList: { request, reply: json }, more: 1 }).success, false)
})

const credentials = (priceList: unknown) => ({
  ...{ apiKey: 'kunci', user: 'toko' },
  template: JSON.stringify({ priceList }),
})

test('template price list: asked for with the sealed words; without a template not at all (RSO1)', () => {
  const [asking, ...more] = templatePriceList.askings(credentials({ request, reply: json }), [])
  deepEqual([more.length, asking!.request.path, asking!.request.method], [0, '/harga', 'POST'])
  const form = new URLSearchParams(asking!.request.body)
  deepEqual([form.get('key'), form.get('sign')], ['kunci', hash('md5', 'tokokunci')])
  deepEqual(templatePriceList.askings({}, []), [])
  deepEqual(templatePriceList.askings(credentials(undefined), []), [])
})

test('template price list: JSON: the owner’s words, and what they do not say (RSN2)', () => {
  const reply = priceListSchema.parse({ request, reply: json }).reply
  ok(reply.by === 'json')
  const row = { kode: 'A', harga: '10.350', stok: 5, status: 'normal' }
  const read = (...rows: unknown[]) => readRows(JSON.stringify({ data: { rows } }), reply)
  deepEqual(
    read(
      row,
      { ...row, kode: 7, harga: 9_000, status: 'GANGGUAN' },
      { ...row, status: 'entah' },
      { ...row, stok: 'banyak', harga: '1.5' },
      { harga: 1 },
      null,
    ),
    {
      list: [
        { sku: 'A', cost: 10_350, stock: 5, supplied: true },
        { sku: '7', cost: 9_000, stock: 5, supplied: false },
        { sku: 'A', cost: 10_350, stock: undefined, supplied: false },
        { sku: 'A', cost: null, stock: undefined, supplied: true },
      ],
    },
  )
  deepEqual(readRows('{"data":{}}', reply), { refused: 'not_a_list' })
  deepEqual(readRows('<html>', reply), { refused: 'not_json' })
  const plain = priceListSchema.parse({ request, reply: { by: 'json', sku: 'k', cost: 'h' } }).reply
  ok(plain.by === 'json')
  deepEqual(readRows('[{"k":"A","h":5}]', plain), {
    list: [{ sku: 'A', cost: 5, stock: null, supplied: true }],
  })
})

const rulesOf = (): RuleSet => {
  const { reply } = priceListSchema.parse({ request, reply: lines })
  ok(reply.by === 'lines')
  return new RuleSet(reply.rules)
}

test('template price list: lines: sold, not sold, no product (RSN3)', async () => {
  const text =
    'KODE | HARGA\r\n\r\nS5 | Tsel 5 | Rp 5.350 | OPEN<br>S10 | x | Rp 10,350 | CLOSE\nhm'
  deepEqual(await readLines(text, rulesOf()), {
    list: [
      { sku: 'S5', cost: 5_350, stock: null, supplied: true },
      { sku: 'S10', cost: 10_350, stock: null, supplied: false },
    ],
  })
  deepEqual(await readLines('Sign salah', rulesOf()), { refused: 'not_a_list' })
})

test('template price list: a long text: others have their turn in between (RSO2)', async () => {
  const text = 'S5 | Tsel 5 | Rp 5.350 | OPEN\n'.repeat(1_000)
  let waited = 0
  let handle = setImmediate(next)
  function next(): void {
    waited++
    handle = setImmediate(next)
  }
  const answer = await readLines(text, rulesOf())
  clearImmediate(handle)
  ok('list' in answer && answer.list.length === 1_000)
  ok(waited >= 4, String(waited))
})

test('generic: a price list in its template: its sealed words are asked for as well (RSN1)', () => {
  const template = {
    card: {
      ...{ recheck: 'read_only', recheckAfterMs: 5_000, recheckWithinMs: 86_400_000 },
      clientReference: true,
    },
    purchase: { method: 'GET', path: '/buy/{ref}' },
    check: { method: 'GET', path: '/order/{ref}' },
    reply: { by: 'json', status: 's', success: ['ok'], failed: [], mustEcho: [] },
    priceList: { request, reply: json },
  }
  const adapter = generic.configure!({ template: JSON.stringify(template) })
  deepEqual(adapter.card.credentials, ['apiKey', 'user'])
})
