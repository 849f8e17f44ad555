import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { hash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { Buyer, Ear } from './counterpart.fixture.ts'
import { openSandbox } from './server.ts'

type Row = Record<string, unknown>
type Envelope = { readonly data: Row & Row[] } & Row

/** A party that takes forms, with one account that is called back. */
async function client(t: TestContext, party: 'atlantic' | 'vip') {
  const sandbox = (await openSandbox({ port: 0 }))!
  const ear = await Ear.open()
  t.after(() => {
    ear.close()
    return sandbox.close()
  })
  const buyer = new Buyer(sandbox, party)
  await buyer.faults({})
  const account = { username: 'user', api_key: 'key', webhook_url: ear.url }
  await buyer.oracle('accounts', { party, ...account })
  const auth = { api_key: 'key', key: 'key', sign: hash('md5', 'userkey') }
  return {
    ...{ buyer, ear },
    async send(path: string, fields: Record<string, string>) {
      const body = new URLSearchParams({ ...auth, ...fields })
      const answer = await fetch(`${sandbox.url}/${party}${path}`, { method: 'POST', body })
      const text = await answer.text()
      return { status: answer.status, text, json: () => JSON.parse(text) as Envelope }
    },
    balance: async () => {
      const accounts = await buyer.oracle<Row[]>('accounts')
      return accounts.find(one => one['party'] === party)?.['balance']
    },
  }
}

const order = { code: 'tsel10', reff_id: 'r-1', target: '081200000001' }
const wish = { type: 'order', service: 'tsel10', data_no: '081200000001' }
const opening = 100_000_000_000

test('atlantic: a purchase: pending, called back, and shown by its id (ADK1, ADL2, ADL4)', async t => {
  const { buyer, ear, send, balance } = await client(t, 'atlantic')
  const { data } = (await send('/transaksi/create', order)).json()
  deepEqual([data['status'], data['reff_id'], data['sn']], ['pending', 'r-1', null])
  equal(typeof data['price'], 'number')
  const heard = await ear.next()
  equal(heard.headers['x-atl-signature'], hash('md5', 'user'))
  equal(heard.data['status'], 'success')
  const id = String(data['id'])
  const shown = (await send('/transaksi/status', { id, type: 'prabayar' })).json()
  equal(shown['status'], 'true')
  deepEqual([shown.data['status'], shown.data['price']], ['success', String(data['price'])])
  match(String(shown.data['sn']), /^\d{16}$/)
  equal(await balance(), opening - Number(data['price']))
  deepEqual(
    (await buyer.sales()).map(({ ref, times, status }) => [ref, times, status]),
    [['r-1', 1, 'success']],
  )
})

test('atlantic: no key, no fields, no such order: refused, nothing sold (ADL1, ADL2)', async t => {
  const { buyer, send } = await client(t, 'atlantic')
  equal((await send('/transaksi/create', { ...order, api_key: 'x' })).status, 401)
  equal((await send('/transaksi/create', { ...order, target: '' })).status, 400)
  equal((await send('/transaksi/create', { ...order, limit_price: '1' })).status, 400)
  equal((await send('/transaksi/status', { id: 'r-1', type: 'prabayar' })).status, 404)
  deepEqual(await buyer.sales(), [])
})

test('atlantic: the same reference again: refused, or sold twice in the race (ADL3)', async t => {
  const { buyer, send } = await client(t, 'atlantic')
  await send('/transaksi/create', order)
  match((await send('/transaksi/create', order)).text, /reff_id sudah digunakan/)
  equal((await buyer.sales('r-1'))[0]!['times'], 1)
  await buyer.faults({ race_window: 1 })
  await send('/transaksi/create', order)
  equal((await buyer.sales('r-1'))[0]!['times'], 2)
})

test('vip: orders: each sells, and the list shows the newest first (ADM2, ADM3, ADM4)', async t => {
  const { buyer, ear, send } = await client(t, 'vip')
  const first = (await send('/prepaid', wish)).json()
  equal(first.data['status'], 'waiting')
  const heard = await ear.next()
  equal(heard.headers['x-client-signature'], hash('md5', 'userkey'))
  deepEqual([heard.data['trxid'], heard.data['status']], [first.data['trxid'], 'success'])
  await send('/prepaid', wish)
  await send('/game-feature', { ...wish, service: 'ml86', data_no: '123', data_zone: '45' })
  const list = (await send('/prepaid', { type: 'status', limit: '2' })).json().data
  deepEqual(
    list.map(({ service, zone }) => [service, zone]),
    [
      ['ml86', '45'],
      ['tsel10', ''],
    ],
  )
  const trxid = String(first.data['trxid'])
  const one = (await send('/prepaid', { type: 'status', trxid })).json().data
  deepEqual([one.length, one[0]!['trxid']], [1, trxid])
  equal((await buyer.sales()).length, 3)
})

test('vip: a wrong sign, nonsense, an unknown id: result false (ADM1, ADM3)', async t => {
  const { buyer, send } = await client(t, 'vip')
  const no = async (fields: Record<string, string>) =>
    (await send('/prepaid', fields)).json()['result']
  equal(await no({ ...wish, sign: 'x' }), false)
  equal(await no({ ...wish, key: 'x' }), false)
  equal(await no({ type: 'joki' }), false)
  equal(await no({ ...wish, data_no: '' }), false)
  equal(await no({ type: 'status', trxid: 'VP9' }), false)
  deepEqual(await buyer.sales(), [])
})

test('shop: mishaps: after the sale it is in the book, before it is not (ADK2)', async t => {
  const { buyer, send } = await client(t, 'vip')
  await buyer.faults({ html: 1 })
  match((await send('/prepaid', wish)).text, /pemeliharaan/)
  deepEqual(await buyer.sales(), [])
  await buyer.faults({ html_after_sale: 1 })
  match((await send('/prepaid', wish)).text, /pemeliharaan/)
  equal((await buyer.sales()).length, 1)
  ok((await send('/prepaid', { type: 'status', limit: '5' })).json()['result'])
})

test('shop: failing orders: given back, and called back (ADK1, ADK3)', async t => {
  const { buyer, ear, send, balance } = await client(t, 'atlantic')
  await buyer.faults({ drained: true })
  match((await send('/transaksi/create', order)).text, /Saldo tidak cukup/)
  // biome-ignore lint/suspicious/noThenProperty: a word of the wire, never awaited.
  await buyer.faults({ pending: { p: 1, seconds: 60, then: 'failed' }, duplicate_callback: 1 })
  equal((await send('/transaksi/create', order)).json().data['status'], 'pending')
  await buyer.oracle('clock', { party: 'atlantic', advance_ms: 61_000 })
  for (const { data } of [await ear.next(), await ear.next()]) equal(data['status'], 'failed')
  equal(await balance(), opening)
})

test('shop: the callback before the reply: the order has ended by then (ADK3)', async t => {
  const { buyer, ear, send } = await client(t, 'vip')
  await buyer.faults({ callback_before_reply: 1 })
  const reply = send('/prepaid', wish)
  equal((await ear.next()).data['status'], 'success')
  equal((await reply).json().data['status'], 'waiting')
})
