/** What acquirers told, as a real till keeps it: sound, and one wrong word in any row is named. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { okOf } from '../../services/soundbox/soundbox.fixture.ts'
import { by, make, standOn, tell } from '../../services/soundbox/stand.fixture.ts'
import { openBooks } from './books.fixture.ts'
import { verify } from './verify.ts'

const { url, client } = await openBooks()

const found = async () => (await verify({ url })).problems.map(({ name }) => name)

test('verify callbacks: all that a till was told: sound (Z77)', async t => {
  const stand = await standOn(t, url)
  const result = async (told: Readonly<Record<string, unknown>>) => (await tell(stand, told)).result
  const paid = await make(stand, 9_000, 'paid')
  const of = { transaction_id: paid.transactionId, amount: 9_000 }
  equal(await result({ ...of, event_id: 'e-paid' }), 'applied')
  equal(await result({ ...of, event_id: 'e-paid' }), 'duplicate')
  equal(await result({ ...of, event_id: 'e-again', paid_at: null }), 'duplicate')
  const { transactionId } = paid
  const ordered = { transactionId, refundId: 'desk-1', amount: 1_000, reason: 'salah', by }
  okOf(await stand.call('payment.refund', ordered))
  const back = { ...of, status: 'refunded' }
  for (const [event_id, amount] of [
    ['e-ours', 1_000],
    ['e-theirs', 2_000],
  ] as const) {
    equal(await result({ ...back, event_id, amount }), 'applied')
    equal(await result({ ...back, event_id, amount }), 'duplicate')
  }
  for (const status of ['failed', 'expired']) {
    const { transactionId: transaction_id } = await make(stand, 700, status)
    const ended = { transaction_id, amount: 700, status }
    equal(await result({ ...ended, event_id: `e-${status}` }), 'applied')
    equal(await result({ ...ended, event_id: `e-${status}-again` }), 'duplicate')
  }
  const { nmid } = stand.merchant
  const printed = { nmid, terminal_id: stand.printed.tid, reference: 'RRN1', amount: 5_000 }
  equal(await result({ ...printed, event_id: 'e-printed' }), 'applied')
  equal(await result({ reference: 'nobody', amount: 5_000 }), 'parked')
  await stand.stop()
  deepEqual(await found(), [])
  await client.query('create table kept as select * from qris_callback')
})

const set = (event: string, words: string) =>
  `update qris_callback set ${words} where event_id = '${event}' and result = 'applied'`
const tells = (event: string, from: string, to: string) =>
  set(event, `body = convert_to(replace(convert_from(body, 'utf8'), '${from}', '${to}'), 'utf8')`)
const other = (event: string) =>
  `(select transaction_id from qris_callback where event_id = '${event}' and result = 'applied')`
const nobody = '01a1fb58-c68f-7002-9302-1c7e05337000'
const cases: Readonly<Record<string, readonly [spoil: string, name: string]>> = {
  'paid: of another amount': [tells('e-paid', '9000', '9001'), 'changed'],
  'paid: of another payment': [set('e-paid', `transaction_id = ${other('e-printed')}`), 'changed'],
  'paid: of no payment': [set('e-paid', 'transaction_id = null'), 'extra'],
  'paid: of a payment that is not there': [set('e-paid', `transaction_id = '${nobody}'`), 'extra'],
  'paid: of another merchant': [set('e-printed', `merchant_id = '${nobody}'`), 'changed'],
  'paid: under another name': [set('e-paid', `event_id = 'e-other'`), 'changed'],
  'paid: told by nobody that the payment knows': [
    tells('e-paid', 'e-paid', 'e-none').replace('set ', `set event_id = 'e-none', `),
    'changed',
  ],
  'paid: what failed': [tells('e-failed', '"failed"', '"paid"'), 'changed'],
  'failed: what was paid': [tells('e-paid', '"paid"', '"failed"'), 'changed'],
  'failed: what expired': [tells('e-expired', '"expired"', '"failed"'), 'changed'],
  'given back: what was never ordered': [tells('e-paid', '"paid"', '"refunded"'), 'changed'],
  'given back: of another amount': [tells('e-theirs', '2000', '2001'), 'changed'],
  'given back as ordered: of another amount': [tells('e-ours', '1000', '100'), 'changed'],
  'parked: said to be a repeat': [
    `update qris_callback set result = 'duplicate' where result = 'parked'`,
    'extra',
  ],
  'a repeat: of what was not paid': [
    `update qris_callback set transaction_id = ${other('e-failed')},
       merchant_id = kept.merchant_id from kept
      where qris_callback.event_id = 'e-again' and kept.event_id = 'e-failed'`,
    'changed',
  ],
  'illegible: said to be applied': [set('e-paid', `body = '{'`), 'changed'],
}

for (const [what, [spoil, name]] of Object.entries(cases)) {
  test(`verify callbacks: ${what}: named (Z77)`, async () => {
    await client.query('truncate qris_callback')
    await client.query('insert into qris_callback overriding system value select * from kept')
    ok((await client.query(spoil)).rowCount! > 0, spoil)
    deepEqual(await found(), [`qris_callback.${name}`])
  })
}
