/** The bench itself, tiny, with real processes: so that it cannot rot. */
import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { type TestDatabase, testDatabase } from '../deploy/testing/database.ts'
import { seed } from './baseline/seed.ts'
import { once } from './ground/postgres.ts'
import { output, type Started, start, startLoad } from './ground/processes.ts'
import { Book, gauge, type Side } from './ground/sides.ts'
import { openOfBaseline, sideOf } from './ground/world.ts'
import { load } from './load/load.ts'
import { prepare, signature } from './load/requests.ts'
import { type Bench, measureAccepted, measureCompleted, measureLatency } from './phases.ts'

const customers = Array.from({ length: 5 }, (_, n) => ({
  userId: randomUUID(),
  key: `key${n}`,
  secret: `secret${n}`,
}))
const price = 10_500
const deposit = 1_000_000

test('load: closed loop: every request is sent once and answered once (BL1)', async t => {
  const refs: string[] = []
  const server = await serve(t, (body, answer) => {
    refs.push(JSON.parse(body).ref_id)
    answer(200)
  })
  const outcome = await load(server, batchOf(100), { connections: 7 })
  deepStrictEqual([outcome.sent, outcome.ok], [100, 100])
  deepStrictEqual(refs.sort(), Array.from({ length: 100 }, (_, n) => `t-${n}`).sort())
})

test('load: closed loop: a connection that is cut ends the run with an error (BL1)', async t => {
  let answered = 0
  const server = await serve(t, (_, answer) => answer(++answered < 10 ? 200 : null))
  await rejects(load(server, batchOf(50), { connections: 3 }), /connection/)
})

test('load: open loop: a stall is charged to all who were due in it (BL2)', async t => {
  let held: (() => void)[] | null = []
  const server = await serve(t, (_, answer) => {
    if (held === null) return answer(200)
    held.push(() => answer(200))
    // One connection: the others wait in the generator, and nothing more arrives here.
    setTimeout(() => {
      for (const release of held ?? []) release()
      held = null
    }, 300)
  })
  const outcome = await load(server, batchOf(100), { connections: 1, perSecond: 1000 })
  ok(outcome.p50Ms > 100, `half of them were due during the stall: ${outcome.p50Ms} ms`)
})

test('load: other answers: counted by status, the first bodies kept (BL3)', async t => {
  let answered = 0
  const server = await serve(t, (_, answer) => answer(++answered % 2 === 0 ? 200 : 503))
  const outcome = await load(server, batchOf(40), { connections: 1 })
  deepStrictEqual(outcome.statuses, { 200: 20, 503: 20 })
  strictEqual(outcome.ok, 20)
  strictEqual(outcome.oddities.length, 5)
  ok(outcome.oddities[0]!.startsWith('503 {'))
})

test('metrics: gauge: with and without labels, and never by a longer name', () => {
  const text = '# HELP a b\nopen 3\nopen_more 9\nlag{shard="1"} 2\nlag{shard="2"} 5\n'
  deepStrictEqual([gauge(text, 'open'), gauge(text, 'lag'), gauge(text, 'none')], [3, 7, null])
})

let database: TestDatabase
let url: string
let stub: Started
let started: Started
let side: Side
let bench: Bench

before(async () => {
  database = await testDatabase({ empty: true })
  url = database.url
  const product = { code: 'BENCH10', sku: 'bench10', price }
  await seed(url, { customers, deposit, product })
  const file = (name: string) => join(import.meta.dirname, name)
  const stubEnv = { PORT: '0', DELAY_MS: '5' }
  stub = await start({ name: 'stub', file: file('ground/stub.ts'), env: stubEnv })
  started = await start({
    name: 'baseline',
    file: file('baseline/baseline.ts'),
    env: { PORT: '0', DATABASE_URL: url, SUPPLIER_URL: stub.ready.http, RECHECK_MS: '20' },
  })
  side = {
    name: 'baseline',
    ...sideOf(started, customers),
    book: await Book.open(url, 'orders'),
    open: () => openOfBaseline(started.ready.http),
  }
  const supplierPid = stub.ready.pid
  const load = startLoad()
  bench = { load, seed: 1, connections: 8, supplierPid, postgresPid: null, blocks: new Map() }
})

after(async () => {
  bench?.load.stop()
  await side?.book.close()
  await started?.stop()
  await stub?.stop()
  await database?.drop()
})

test('baseline: 50 orders: signed, durable, settled, and the money adds up (BB1, BB3, BP1)', async () => {
  const figure = await measureCompleted(bench, side, { tag: 'many', count: 50 })
  deepStrictEqual([figure.result.orders, figure.result.success], [50, 50])
  const [sums] = await once(
    url,
    `select (select sum(balance)::int from wallet) as balance,
            (select sum(held)::int from wallet) as held,
            (select sum(credit - debit)::int from entry where account = 'sales') as sales,
            (select sum(debit - credit)::int from entry where account <> 'sales') as spent`,
  )
  // A hold and a capture each move the price: the hold is pending, the capture is final.
  const sold = 50 * price
  deepStrictEqual(sums, {
    balance: customers.length * deposit - sold,
    held: 0,
    sales: 2 * sold,
    spent: 2 * sold,
  })
})

test('baseline: same work twice: equal hashes (BP1)', async () => {
  const first = await side.book.result('many')
  deepStrictEqual(await side.book.result('many'), first)
  ok(first.hash.length > 0)
})

test('baseline: steady rate: every order is answered and ends (BP1)', async () => {
  const figure = await measureLatency(bench, side, { tag: 'steady', perSecond: 200, seconds: 0.25 })
  deepStrictEqual([figure.outcome.ok, figure.result.success], [50, 50])
})

test('baseline: accepted: answers are durable before the supplier has spoken (BP2)', async () => {
  const figure = await measureAccepted(bench, side, { tag: 'accepted', count: 20 })
  strictEqual(figure.outcome.ok, 20)
  strictEqual((await side.book.result('accepted')).orders, 20)
})

test('baseline: a phase with a refusal in it: an error, not a figure (BP3)', async () => {
  const unknown = { ...side, product: 'NONE' }
  await rejects(
    measureCompleted(bench, unknown, { tag: 'bad', count: 3 }),
    /"422":3.*\n422 .*PRODUCT_UNKNOWN/,
  )
})

test('baseline: wrong signature, old timestamp: 401 (BB1)', async () => {
  const body = orderOf('signature', '081200000001')
  strictEqual((await post(body, { 'X-Signature': '00'.repeat(32) })).status, 401)
  strictEqual((await post(body, {}, Math.floor(Date.now() / 1000) - 301)).status, 401)
  strictEqual((await post(body)).status, 200)
})

test('baseline: repeat: the same order again; for something else: 409 (BB2)', async () => {
  const first = await post(orderOf('repeat', '081200000002'))
  const again = await post(orderOf('repeat', '081200000002'))
  strictEqual(again.data.trx_id, first.data.trx_id)
  strictEqual((await post(orderOf('repeat', '081200000003'))).status, 409)
  const rows = await once(url, `select 1 from orders where ref = 'repeat'`)
  strictEqual(rows.length, 1)
})

test('baseline: twenty at once for the money of one: one is accepted, the rest are 402 (BB3)', async () => {
  const user = customers[0]!.userId
  await once(url, 'update wallet set balance = held + $1 where user_id = $2', [price, user])
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => post(orderOf(`poor-${n}`, '081200000004'))),
  )
  strictEqual(answers.filter(({ status }) => status === 200).length, 1)
  strictEqual(answers.filter(({ status }) => status === 402).length, 19)
})

test('baseline: unreadable answer: asked again with the same reference; a refusal gives the money back (BB4)', async () => {
  const user = customers[0]!.userId
  await once(url, 'update wallet set balance = held + $1 where user_id = $2', [price * 3, user])
  strictEqual((await post(orderOf('doubt', '081100000001'))).status, 200)
  strictEqual((await post(orderOf('refuse', '081300000001'))).status, 200)
  for (let open = 1; open > 0; open = await openOfBaseline(started.ready.http));
  const rows = await once(
    url,
    `select ref, status from orders where ref in ('doubt', 'refuse') order by ref`,
  )
  deepStrictEqual(rows, [
    { ref: 'doubt', status: 'SUCCESS' },
    { ref: 'refuse', status: 'FAILED' },
  ])
  const [wallet] = await once(url, 'select held from wallet where user_id = $1', [user])
  strictEqual(Number(wallet!['held']), 0)
})

test('bench: tiny run: both sides do equal work, all of it, through a kill -9, and nothing is left behind (BR1, BR2, BR3, BK1, BK2)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'laju-tiny-'))
  await chmod(folder, 0o711)
  try {
    const out = join(folder, 'result.json')
    const file = join(import.meta.dirname, 'run.ts')
    await output(file, ['--tiny', '--out', out], { TMPDIR: folder })
    const found = JSON.parse(await readFile(out, 'utf8'))
    strictEqual(found.checks.equal_hashes, true)
    strictEqual(found.checks.drain.success, found.checks.drain.accepted)
    strictEqual(found.checks.sold.moreThanOnce, 0)
    ok(found.recovery.openAfter >= found.recovery.openBefore)
    ok(found.recovery_ms > 0 && found.recovery_all_ms > 0)
    ok(found.completed_per_s > 0 && found.baseline_completed_per_s > 0 && found.ratio > 0)
    deepStrictEqual(await readdir(folder), ['result.json'])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

function batchOf(count: number) {
  return prepare({ seed: 1, tag: 't', count, first: 0, product: 'X' }, customers, 0)
}

function orderOf(ref_id: string, destination: string) {
  return JSON.stringify({ ref_id, product_code: 'BENCH10', destination })
}

async function post(
  body: string,
  headers: Record<string, string> = {},
  atSeconds = Math.floor(Date.now() / 1000),
) {
  const path = '/api/v1/transactions'
  const signed = signature({ method: 'POST', path, body, signer: customers[0]!, atSeconds })
  const response = await fetch(started.ready.http + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...signed, ...headers },
    body,
  })
  const answer = (await response.json()) as { data: { trx_id: string } }
  return { status: response.status, data: answer.data }
}

/** A trivial server; `null` as status cuts the connection. */
async function serve(
  t: TestContext,
  handle: (body: string, answer: (status: number | null) => void) => void,
) {
  const http = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () =>
      handle(body, (status): void => {
        if (status === null) return void request.socket.destroy()
        const text = '{"ok":true}'
        response.writeHead(status, { 'content-length': text.length })
        response.end(text)
      }),
    )
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  t.after(() => {
    http.closeAllConnections()
    http.close()
  })
  return { host: '127.0.0.1', port }
}
