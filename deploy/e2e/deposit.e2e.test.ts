/**
 * A newcomer's first deposit, and the same with the engine killed right after the bank told of it:
 * the whole way over real sockets, with the sandbox's Moota.
 */

import { deepEqual, equal } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ask, type Reseller } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

let stage: Stage
let engine: Engine
let sandbox: string
let reseller: Reseller

before(async () => {
  stage = new Stage()
  sandbox = await stage.startSandbox()
  engine = await stage.start()
  reseller = stage.demo(engine)
})
after(() => stage.close())

type Ticket = { pay_exactly: number; id: string; bank: { account_number: string } }

async function wish(amount: number): Promise<Ticket> {
  const answer = await reseller.send('POST', '/api/v1/deposits', JSON.stringify({ amount }))
  equal(answer.status, 200, answer.text)
  return answer.body['data'] as Ticket
}

async function pay({ pay_exactly: amount, bank }: Ticket, change: object = {}): Promise<void> {
  const body = { party: 'moota', account_number: bank.account_number, amount, ...change }
  const { status, text } = await ask(`${sandbox}/_sandbox/pay`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  equal(status, 200, text)
}

const arrived = (balance: number): Promise<boolean> =>
  until('the deposit', 30_000, async () => (await reseller.balance()).balance === balance)

test('deposit: paid to the rupiah, told five times: in the wallet once (ZE2, ZE4)', async () => {
  const { balance } = await reseller.balance()
  const ticket = await wish(50_000)
  await pay(ticket, { times: 5, rescraped: true })
  await arrived(balance + ticket.pay_exactly)
  await until('the ticket', 30_000, async () => {
    const { body } = await reseller.get(`/api/v1/deposits/${ticket.id}`)
    return body['data'].status === 'paid'
  })
})

test('deposit: the engine dies as the bank tells it: in the wallet once (ZE1, ZE2)', async () => {
  const { balance } = await reseller.balance()
  const ticket = await wish(60_000)
  await pay(ticket)
  await engine.kill()
  engine = await stage.start()
  await arrived(balance + ticket.pay_exactly)
  await pay(ticket)
  const rows = await until('the second payment', 30_000, async () => {
    const found = await stage.sql<{ reason: string }>(
      `select reason from bank_mutation where status = 'suspense'`,
    )
    return found.length > 0 && found
  })
  deepEqual(rows, [{ reason: 'twice' }])
  equal((await reseller.balance()).balance, balance + ticket.pay_exactly)
})
