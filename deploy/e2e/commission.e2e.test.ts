/**
 * Commission at the running program: a downline of the demo reseller buys, and the reseller earns;
 * the engine is killed amid it, and nothing is paid twice or lost. Then an order is refunded.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Answer, type Json, type Keys, Reseller } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

const orders = 40
const earnsMs = 60_000

let stage: Stage
let engine: Engine
let people: { upline: Reseller; downline: Reseller; admin: Reseller }

function meet(): void {
  for (const one of Object.values(people ?? {})) one.close()
  const file = JSON.parse(readFileSync(join(stage.dataDir('data'), 'demo.json'), 'utf8'))
  const who = (name: string) => new Reseller(engine.http, file[name] as Keys)
  people = { upline: who('reseller'), downline: who('downline'), admin: who('admin') }
}

before(async () => {
  stage = new Stage()
  engine = await stage.start()
  // Soon: what is under way at a kill is asked about again after that.
  await stage.sql('update supplier set recheck_after_ms = 1500, timeout_ms = 3000')
  meet()
})
after(async () => {
  for (const one of Object.values(people ?? {})) one.close()
  await stage.close()
})

async function told(answer: Promise<Answer>): Promise<Json> {
  const { status, text, body } = await answer
  equal(status, 200, text)
  return body['data']
}

const earned = async (): Promise<Json[]> =>
  (await told(people.upline.get('/api/v1/commission?limit=100')))['rows']
const balance = async (): Promise<number> =>
  (await told(people.upline.get('/api/v1/balance')))['available']
const buy = (n: number): Promise<Json> =>
  told(
    people.downline.order({
      ...{ ref_id: `earns-${n}`, product_code: 'XLD10' },
      destination: `0878${10_000_000 + n}`,
    }),
  )

test('commission: a newcomer’s first order: his upline sees it arrive (CMF1, CMC2)', async () => {
  const before = await balance()
  const order = await buy(0)
  const [row] = await until('a commission', earnsMs, async () => {
    const rows = await earned()
    return rows[0]?.['status'] === 'paid' && rows
  })
  const { trx_id, level, from, amount } = row!
  deepEqual([trx_id, level, from], [order['trx_id'], 1, people.downline.keys.username])
  ok(amount > 0)
  equal(await balance(), before + amount)
  const { rows } = await told(people.upline.get('/api/v1/mutations?limit=1'))
  const [{ direction, description, reference_id }] = rows
  deepEqual([direction, reference_id], ['in', trx_id])
  ok(description.startsWith('Komisi dari '))
  const preview = await told(
    people.admin.send('POST', '/api/v1/admin/commission/preview', JSON.stringify({ trx_id })),
  )
  equal(preview['total'], amount)
  const refused = await people.downline.get('/api/v1/admin/commission/rules')
  equal(refused.status, 403)
})

test('commission: killed amid it: every order earns once (CMC1, CMD1)', async () => {
  const before = await balance()
  const sold: Json[] = []
  for (let n = 1; n <= orders; n++) {
    sold.push(await buy(n))
    if (n !== orders / 2 && n !== orders) continue
    await engine.kill()
    engine = await stage.start()
    meet()
  }
  const rows = await until(`${orders} commissions`, 2 * earnsMs, async () => {
    const all = await earned()
    return all.length === orders + 1 && all.every(row => row['status'] === 'paid') && all
  })
  const mine = rows.filter(row => sold.some(order => order['trx_id'] === row['trx_id']))
  equal(mine.length, orders)
  const sum = mine.reduce((all, row) => all + row['amount'], 0)
  equal(await balance(), before + sum)
})

test('commission: a refund: it is taken back, and the books agree (CMC6)', async () => {
  const before = await balance()
  const [row] = await earned()
  const { trx_id: trxId, amount } = row!
  const words = ['--verdict', 'refund', '--reason', 'never came', '--by', 'e2e']
  const { code, stderr } = await stage.cli(['order', 'resolve', trxId, ...words])
  equal(code, 0, stderr)
  await until('it to be taken back', earnsMs, async () => {
    const rows = await earned()
    return rows.find(one => one['trx_id'] === trxId)?.['status'] === 'reversed'
  })
  equal(await balance(), before - amount)
  const verified = await stage.cli(['verify'])
  equal(verified.code, 0, verified.stdout + verified.stderr)
})
