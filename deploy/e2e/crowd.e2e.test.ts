/**
 * A crowd before a wallet that can pay a few: a thousand orders at once, each over a connection of
 * its own, and the money of 37. Then the same while the engine dies and comes back.
 */

import { deepEqual, equal, match } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, Oracle, Reseller } from './reseller.ts'
import { atRest, type Engine, gauge, Stage } from './stage.ts'

const crowd = 1_000
const payable = 37
const product_code = 'BENCH10'
const patienceMs = 120_000

let stage: Stage
let engine: Engine
let oracle: Oracle
let price: number
let poor: readonly [Reseller, Reseller]

before(async () => {
  stage = new Stage()
  oracle = new Oracle(await stage.startSandbox())
  engine = await stage.start()
  const { body } = await stage.demo(engine).get('/api/v1/products')
  price = body['data'].rows.find((row: { code: string }) => row.code === product_code).price
  // Not enough for one more, by a rupiah.
  await stage.sql('update supplier set recheck_after_ms = 2000')
  const made = await stage.resellers(engine, { count: 2, deposit: (payable + 1) * price - 1 })
  const [first, second] = made.map(({ keys }) => new Reseller(engine.http, keys, crowd))
  poor = [first!, second!]
})
after(async () => {
  for (const one of poor) one.close()
  await stage.close()
})

const wish = (n: number) => ({ ref_id: `crowd-${n}`, product_code, destination: '081234567890' })

function isSplit(answers: readonly Answer[]): void {
  equal(answers.filter(({ status }) => status === 200).length, payable)
  const refused = answers.filter(({ status }) => status === 402)
  equal(refused.length, crowd - payable)
  for (const { body } of refused) {
    deepEqual([body['error_code'], body['money_effect']], ['INSUFFICIENT_BALANCE', 'none'])
  }
}

/** Each of the 37 was sold once, what is left is less than a price, and nothing is held. */
async function isSettled(one: Reseller, answers: readonly Answer[]): Promise<void> {
  await atRest(engine.http)
  const { balance, held } = await one.balance()
  deepEqual([balance, held], [price - 1, 0])
  const bought = answers
    .filter(({ status }) => status === 200)
    .map(({ body }) => body['data'].trx_id)
  const sales = await oracle.sales()
  for (const id of bought) {
    const own = sales.filter(({ ref }) => ref.includes(id.replaceAll('-', '')))
    deepEqual(
      own.map(({ status, times }) => `${status} ${times}`),
      ['success 1'],
    )
  }
  const moved = (await one.mutations()).filter(row => bought.includes(row['reference_id']))
  equal(moved.length, payable)
}

test('crowd: a thousand at once, the money of 37: exactly 37 are bought (ZE4, ZE5)', async () => {
  const [one] = poor
  const all = Array.from({ length: crowd }, (_, n) => one.insist(wish(n), patienceMs))
  const answers = await Promise.all(all)
  isSplit(answers)
  await isSettled(one, answers)
})

test('crowd: the engine dies amid the thousand: exactly 37 all the same (ZE1, ZE2, ZE4)', async () => {
  const [, one] = poor
  let heard = 0
  let back: Promise<Engine> | undefined
  const noteAnswer = (answer: Answer | null) => {
    if (answer === null || ++heard < 10) return
    back ??= engine.kill().then(() => stage.start())
  }
  const all = Array.from({ length: crowd }, (_, n) => one.insist(wish(n), patienceMs, noteAnswer))
  const answers = await Promise.all(all)
  engine = await back!
  isSplit(answers)
  await isSettled(one, answers)
  equal(await gauge(engine.http, 'laju_ownerless'), 0)
})

test('crowd: afterwards: an independent reading of the journal agrees (ZE3, ZE4)', async () => {
  equal((await oracle.sales()).length, 2 * payable)
  const { code, stdout } = await stage.cli(['verify'])
  equal(code, 0, stdout)
  match(stdout, /^verify: ok/)
})
