import { deepEqual, equal, match } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { Buyer, Ear } from './counterpart.fixture.ts'

const number = '1234567890'

async function watched(webhook_url: string | null = null) {
  const buyer = await Buyer.open()
  const account = { party: 'moota', username: number, api_key: 'token', webhook_secret: 'secret' }
  await buyer.oracle('accounts', { ...account, webhook_url })
  const pay = (wish: object) =>
    buyer.oracle('pay', { party: 'moota', account_number: number, ...wish })
  const list = async (query = '', token = 'token') => {
    const headers = { authorization: `Bearer ${token}` }
    const url = `${buyer.sandbox.url}/moota/api/v2/mutation?${query}`
    const answer = await fetch(url, { headers })
    return { status: answer.status, page: (await answer.json()) as Record<string, unknown> }
  }
  return { buyer, pay, list }
}

test('moota: a payment: told as a signed array with numbers (X60)', async t => {
  const ear = await Ear.open(count => (count === 1 ? 500 : 200))
  const { buyer, pay } = await watched(ear.url)
  t.after(async () => {
    ear.close()
    await buyer.close()
  })
  await buyer.oracle('faults', { party: 'moota', callback_retry: { times: 2, first_seconds: 0 } })
  const { ok: row = undefined, ...rest } = await pay({ amount: 50_123 })
  equal(row, undefined)
  equal(rest['amount'], 50_123)
  const first = await ear.next()
  const again = await ear.next()
  equal(again.body, first.body)
  const [told] = JSON.parse(first.body) as Record<string, unknown>[]
  deepEqual(
    [told!['account_number'], told!['amount'], told!['type'], told!['balance']],
    [number, 50_123, 'CR', 10_050_123],
  )
  const signature = createHmac('sha256', 'secret').update(first.body).digest('hex')
  equal(first.headers['signature'], signature)
})

test('moota: the list: by token, type and day, in pages, as text (X61)', async t => {
  const { buyer, pay, list } = await watched()
  t.after(() => buyer.close())
  for (const amount of [1_000, 2_000.5, 3_000]) await pay({ amount })
  await pay({ amount: 500, type: 'DB' })
  equal((await list('', 'other')).status, 401)
  const { page } = await list('type=CR&per_page=2')
  const amounts = (page['data'] as { amount: string }[]).map(row => row.amount)
  deepEqual([page['last_page'], page['total'], amounts], [2, 3, ['3000.00', '2000.50']])
  equal((await list('start_date=2999-01-01')).page['total'], 0)
  const { wrong } = await buyer.oracle('pay', { party: 'moota', account_number: '1', amount: 1 })
  match(String(wrong), /No bank account 1/)
})

test('moota: told again: as it was, or under a new id (X62)', async t => {
  const ear = await Ear.open()
  const { buyer, pay, list } = await watched(ear.url)
  t.after(async () => {
    ear.close()
    await buyer.close()
  })
  await pay({ amount: 1_000, times: 2 })
  const ids = [await ear.next(), await ear.next()].map(idOf)
  equal(ids[0], ids[1])
  await pay({ amount: 1_000, times: 2, rescraped: true })
  const others = [await ear.next(), await ear.next()].map(idOf)
  equal(others[0] === others[1], false)
  await pay({ amount: 1_000, silent: true })
  equal((await list()).page['total'], 3)
  equal(ear.unheard, 0)
})

const idOf = ({ body }: { body: string }): unknown =>
  (JSON.parse(body) as { mutation_id: string }[])[0]!.mutation_id
