import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import type { AttemptView, BulkRowView, MutationRow, ProductRow } from '../services/contract.ts'
import { meanings } from './answer.ts'
import { docsPage } from './docs-page.ts'
import { documentOf, type Operation, refusal, successOf } from './openapi.ts'
import { operations } from './operations.ts'
import { orderView, plain, Stage, send, trxId } from './scripted.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

const product: ProductRow = {
  ...{ code: 'XLD10', name: 'XL 10.000', category: 'Pulsa', brand: 'XL', type: 'prepaid' },
  ...{ price: 10_500, open: true, multi: false, cutOffStart: '23:30', cutOffEnd: '00:30' },
}
const mutation: MutationRow = {
  ...{ id: '1.1', direction: 'out', amount: 10_500, balanceBefore: 20_000, balanceAfter: 9_500 },
  ...{ kind: 'order', detail: '', referenceId: 'r', createdAt: 0 },
}
const attempt: AttemptView = {
  ...{ n: 1, supplier: 'digiflazz', sku: 'xld10', ref: 'L1', cost: 10_000, outcome: 'pending' },
  ...{ code: '03', message: null, startedAt: 1, answeredAt: 2, latencyMs: 1, reply: null },
}
const told = orderView({
  attempts: [attempt],
  timeline: [{ at: 1, what: 'placed' }],
  next: { what: 'supplier_is_asked', at: 5 },
})

const tally = {
  ...{ ref: 'A', total: 1, waiting: 0, placed: 0, refused: 1, success: 0, failed: 0 },
}
const bulkRow: BulkRowView = {
  ...{ n: 1, ref: 'r', product: 'XLD10', destination: '1', result: 'refused' },
  ...{ code: 'TWIN_ORDER', trxId: null, status: null, sn: null },
}

async function stageOf(): Promise<Stage> {
  const stage = await Stage.open({
    'order.get': () => ({ ok: told }),
    'order.byRef': () => ({ ok: told }),
    'wallet.balance': () => ({ ok: { balance: 5, held: 2, available: 3 } }),
    'wallet.mutations': () => ({ ok: { rows: [mutation], next: 'abc' } }),
    'catalogue.products': () => [product],
    'bulk.start': () => ({ ok: { jobId: trxId } }),
    'bulk.read': () => ({ ok: { tally, rows: [bulkRow], next: 1 } }),
  })
  stages.push(stage)
  return stage
}

function requestOf({ method, path, example }: Operation) {
  let address = path
  const { params, query, body } = example
  for (const name in params) address = address.replace(`{${name}}`, params[name]!)
  const asked = new URLSearchParams(query).toString()
  return {
    method: method.toUpperCase(),
    path: asked === '' ? address : `${address}?${asked}`,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
}

test('operations: every example: answered in the shape that its row says (GQ1)', async () => {
  const stage = await stageOf()
  for (const operation of operations) {
    const { status, body } = await send(stage, requestOf(operation))
    equal(status, 200, operation.id)
    const read = successOf(operation.data).strict().safeParse(body)
    ok(read.success, `${operation.id}: ${read.error?.message}`)
  }
})

test('operations: a stranger: refused in the shape that all refusals have (GQ1)', async () => {
  const stage = await stageOf()
  for (const operation of operations) {
    const headers = { 'content-type': 'application/json' }
    const { status, body } = await plain(stage, { ...requestOf(operation), headers })
    equal(status, 401, operation.id)
    ok(refusal.strict().safeParse(body).success)
  }
})

test('operations: the core API: every path that the gateway mounts has its row (GQ2)', () => {
  const source = readFileSync(new URL('./gateway.ts', import.meta.url), 'utf8')
  const mounted = [...source.matchAll(/'(\/api\/v1\/[\w/:]+)'/g)].map(([, path]) => path!)
  const named = new Set(operations.map(one => one.path.replaceAll(/\{\w+\}/g, ':id')))
  const forOthers = /callbacks|admin/
  const missing = mounted.filter(path => !forOthers.test(path) && !named.has(path))
  deepEqual(missing, [])
})

type Document = {
  paths: Record<string, Record<string, { responses: object; requestBody?: unknown }>>
}

test('openapi: needed fields: leaving one out is refused, so the shape is the code’s (GN1)', async () => {
  const stage = await stageOf()
  const document = documentOf(operations, { url: stage.url, version: '1' }) as Document
  const described = document.paths['/api/v1/transactions']!['post']!.requestBody as {
    content: { 'application/json': { schema: { required: string[]; properties: object } } }
  }
  const { required, properties } = described.content['application/json'].schema
  deepEqual(required, ['ref_id', 'product_code', 'destination'])
  deepEqual(Object.keys(properties), [...required, 'max_price', 'callback_url'])
  const whole = operations.find(one => one.id === 'place')!
  for (const name of required) {
    const { [name]: _, ...rest } = whole.example.body!
    const { body } = await send(stage, { ...requestOf(whole), body: JSON.stringify(rest) })
    equal(body['error_code'], 'VALIDATION_FAILED')
  }
})

test('openapi: refusals: stand under the status that they are answered with (GN2)', () => {
  const document = documentOf(operations, { url: 'http://x', version: '1' }) as Document
  for (const { path, method, refusals } of operations) {
    const statuses = Object.keys(document.paths[path]![method]!.responses)
    const meant = new Set(['200', ...refusals.map(code => String(meanings[code].http))])
    deepEqual(new Set(statuses), meant)
  }
})

test('docs: served: the page and the document, with what every page has (GY1)', async () => {
  const stage = await stageOf()
  const page = await plain(stage, { path: '/docs' })
  match(page.text, /Membuat transaksi/)
  match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/)
  const document = await plain(stage, { path: '/api/v1/openapi.json' })
  equal(document.body['openapi'], '3.1.0')
  const etag = document.headers.get('etag')!
  const again = await plain(stage, { path: '/docs', headers: { 'if-none-match': etag } })
  equal(again.status, 200)
  const same = { path: '/api/v1/openapi.json', headers: { 'if-none-match': etag } }
  equal((await plain(stage, same)).status, 304)
})

test('docs: signs that mean something in HTML: shown as themselves (GY1)', () => {
  const odd = { ...operations[0]!, path: '/<b>&"', tag: '<i>', example: { body: { a: '<u>' } } }
  const page = docsPage([odd], documentOf([odd], { url: 'x', version: '1' }))
  for (const raw of ['<b>&"', '<i>', '<u>']) ok(!page.includes(raw), raw)
  ok(page.includes('/&lt;b&gt;&amp;&quot;'))
})
