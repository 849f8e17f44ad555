/**
 * A supplier that speaks OtomaX beside the whole program: it sells, reports by GET, and one day
 * answers with words that nobody has a rule for.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { dayOf } from '../../services/day.ts'
import { makeSeal } from '../../services/seal.ts'
import { supplierPurpose } from '../../services/supplier/directory.ts'
import { type Json, Oracle, type Reseller } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

const login = { memberId: 'LAJU1', pin: '4711', password: 'sandi-otomax' }
const callbackToken = 'jalan-yang-tidak-diketahui-orang'
const doneMs = 60_000

let stage: Stage
let engine: Engine
let reseller: Reseller
let admin: Reseller
let oracle: Oracle

before(async () => {
  stage = new Stage()
  await stage.startSandbox()
  engine = await stage.start()
  reseller = stage.demo(engine)
  admin = stage.demo(engine, 'admin')
  oracle = new Oracle(stage.sandboxUrl)
  const account = {
    ...{ party: 'otomax', member_id: login.memberId, pin: login.pin, password: login.password },
    report_url: `${engine.http}/api/v1/callbacks/supplier/oto/${callbackToken}`,
  }
  const body = JSON.stringify(account)
  const opened = await fetch(`${stage.sandboxUrl}/_sandbox/accounts`, { method: 'POST', body })
  equal(opened.status, 200)

  const key = Buffer.from(readFileSync(join(stage.dataDir(), 'master.key'), 'utf8').trim(), 'hex')
  const words = JSON.stringify({ ...login, callbackToken })
  const client = new pg.Client({ connectionString: stage.databaseUrl() })
  await client.connect()
  await client.query(
    `insert into supplier (code, name, adapter, base_url, credentials, recheck_after_ms)
     values ('oto', 'OtomaX', 'otomax', $1, $2, 1000)`,
    [`${stage.sandboxUrl}/otomax`, makeSeal(key).close(words, supplierPurpose('oto'))],
  )
  await client.query(`update mapping set active = false where product_code = 'XLD10'`)
  await client.query(
    `insert into mapping (product_code, supplier_code, sku, cost, priority)
     values ('XLD10', 'oto', 'XLD10', 10500, 1)`,
  )
  await client.end()
})
after(async () => {
  admin.close()
  await stage.close()
})

const faults = (wish: Json) => oracle.faults({ party: 'otomax', latency: 0, ...wish })
const place = (ref_id: string, destination: string) =>
  reseller.order({ ref_id, product_code: 'XLD10', destination })
const ended = (ref_id: string) =>
  until(`the end of ${ref_id}`, doneMs, async () => {
    const { body } = await reseller.get(`/api/v1/transactions?ref_id=${ref_id}`)
    const data = body['data'] as Json
    return data['status'] === 'SUCCESS' && data
  })
const saleOf = async (destination: string) =>
  (await oracle.sales('otomax')).filter(sale => sale.target === destination)
const tell = async (path: string, body: Json): Promise<Json> => {
  const answer = await admin.send('POST', `/api/v1/admin/parser/${path}`, JSON.stringify(body))
  equal(answer.status, 200, answer.text)
  return answer.body['data'] as Json
}

/** Over midnight in Jakarta such a server is not asked again. */
const untilFarFromMidnight = () =>
  until('a new day', 240_000, () => dayOf(Date.now() - 61_000) === dayOf(Date.now() + 120_000))

let tries = 0

test('otomax supplier: a sale at once: one line, one purchase, its serial (ZE3)', async () => {
  await faults({})
  // The change is heard within moments; until then the others supply the product.
  const { sn, dest } = await until('the new supplier', doneMs, async () => {
    const dest = `0878111${String(++tries).padStart(5, '0')}`
    await place(`O-1-${tries}`, dest)
    const { sn } = await ended(`O-1-${tries}`)
    return (await saleOf(dest)).length > 0 && { sn, dest }
  })
  const [sale, ...others] = await saleOf(dest)
  deepEqual([sale!.sn, sale!.times, others.length], [sn, 1, 0])
  match(String(sn), /^R\d{6}\.\d{4}\.\d{6}$/)
})

test('otomax supplier: pending: its report by GET ends the order (ZE3)', async () => {
  await faults({ pending: { p: 1, seconds: 3_600 } })
  const { body } = await place('O-2', '087811110002')
  equal(body['data']['status'], 'PROCESSING')
  await until('the sale', doneMs, async () => (await saleOf('087811110002')).length === 1)
  const wish = JSON.stringify({ party: 'otomax', advance_ms: 3_601_000 })
  await fetch(`${stage.sandboxUrl}/_sandbox/clock`, { method: 'POST', body: wish })
  const { sn } = await ended('O-2')
  equal((await saleOf('087811110002'))[0]!.sn, sn)
})

test('otomax supplier: sold behind an unreadable page: asked again, sold once (ZE2)', async () => {
  await untilFarFromMidnight()
  await faults({ html_after_sale: 1 })
  await place('O-3', '087811110003')
  const inbox = await until('the page in the inbox', doneMs, async () => {
    const { body } = await admin.get('/api/v1/admin/parser/inbox?supplier=oto')
    const { rows } = body['data'] as { rows: Json[] }
    return rows.length > 0 && rows
  })
  match(String(inbox[0]!['sample']), /pemeliharaan/)
  ok(inbox[0]!['draft'])
  await faults({})
  await ended('O-3')
  deepEqual(
    (await saleOf('087811110003')).map(sale => sale.times),
    [1],
  )
})

test('otomax supplier: a rule of the owner: benched over all replies, then in use (ZE3)', async () => {
  const { body } = await admin.get('/api/v1/admin/parser/rules?supplier=oto')
  const own = {
    ...{ name: 'pemeliharaan', channels: ['reply', 'status'], priority: 90 },
    ...{ regex: 'sedang dalam pemeliharaan', outcome: 'pending' },
  }
  const rules = [...(body['data']['rules'] as Json[]), own]
  const { version } = await tell('rules', { supplier: 'oto', rules })
  const bench = await tell('bench', { supplier: 'oto', version })
  // Three sales, one of them told by a report and one asked about again.
  equal(bench['replies'], 5)
  const after = (bench['changes'] as Json[]).map(change => change['after'])
  ok(after.length > 0 && after.every(word => word === 'pending'), JSON.stringify(bench))
  await tell('activate', { supplier: 'oto', version, bench: bench['id'] })
  const { body: left } = await admin.get('/api/v1/admin/parser/inbox?supplier=oto')
  deepEqual(left['data']['rows'], [])
})
