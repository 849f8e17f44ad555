import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { catalogue, mappingRow, productRow } from '../catalogue/rows.fixture.ts'
import { type Answerer, until } from '../engine-room.fixture.ts'
import { type Chat, chatAt } from './chat.fixture.ts'

const database = await testDatabase()
after(() => database.drop())

const rows = catalogue({
  suppliers: [{ code: 'digi', active: true }],
  products: [
    productRow('PLN', { type: 'postpaid', destinationKind: 'meter', brand: 'PLN PASCABAYAR' }),
    productRow('PLN20', { destinationKind: 'meter', brand: 'PLN' }),
    productRow('XLD10'),
  ],
  mappings: ['PLN', 'PLN20', 'XLD10'].map(code => mappingRow(code, 'digi', { cost: 600 })),
})
const number = '530000000001'
const told = {
  ...{ customer_name: 'BUDI', admin: 2_500, selling_price: 42_000, price: 40_000 },
  desc: { detail: [{ periode: 'OKT 2026' }] },
}

const chatWith = (t: TestContext, answer: Answerer = () => told) =>
  chatAt(t, { url: database.url, shop: { rows, answer, suppliers: new Set(['digi']) } })

/** What is answered on the line. */
async function typed(chat: Chat, text: string, id?: string): Promise<string> {
  const told = await chat.type(text, { sync: true, ...(id === undefined ? {} : { id }) })
  ok(told.verdict === 'accepted')
  return told.reply ?? ''
}
const commandsOf = ({ scene }: Chat) => scene.asked.map(one => one['commands'])
const paid = (chat: Chat) => commandsOf(chat).filter(one => one === 'pay-pasca').length
const heard = (chat: Chat, shape: RegExp): Promise<readonly string[]> =>
  until(
    () => chat.said(),
    texts => texts.some(text => shape.test(text)),
  )
const balanceOf = async ({ scene, client }: Chat) => {
  const answer = await scene.call('wallet.balance', { userId: client.userId })
  return 'ok' in answer ? answer.ok.available : null
}

test('chat: a bill: told with name, parts and how to pay, then paid for that (CHE7, CHA9)', async t => {
  const chat = await chatWith(t)
  const { pin } = chat.client
  const bill = await typed(chat, `CEK.PLN.5300 0000-0001.${pin}`)
  match(bill, /^🧾 PLN 530000000001 a\.n\. BUDI\. Periode OKT 2026\. Tagihan Rp39\.500, admin/)
  match(bill, /admin Rp2\.500, total Rp42\.000\. Dipotong dari saldo Rp40\.500\./)
  match(bill, /balas BAYAR\.PLN\.530000000001\.PIN sebelum/)
  deepEqual(commandsOf(chat), ['inq-pasca'])
  equal(await balanceOf(chat), 100_000)

  const taken = await typed(chat, `BAYAR.PLN.${number}.${pin}`)
  match(taken, /^⏳ Tagihan PLN 530000000001 a\.n\. BUDI sedang dibayar\. .*dipotong Rp40\.500/)
  const texts = await heard(chat, /^✅ Tagihan PLN 530000000001 a\.n\. BUDI LUNAS\. SN: SN-53/)
  equal(texts.length, 3)
  equal(paid(chat), 1)
  equal(await balanceOf(chat), 59_500)
  const again = await typed(chat, `BAYAR.PLN.${number}.${pin}`)
  match(again, /sudah dibayar dengan pesan lain/)
  equal(paid(chat), 1)
})

test('chat: a bill in the price list: what comes on top of it, not a price of its own (CHE9)', async t => {
  const list = await typed(await chatWith(t), 'H.PLN')
  match(list, /^PLN .*: tagihan \+ sekitar Rp1\.100$/m)
  match(list, /^PLN20 .*: Rp1\.100$/m)
})

test('chat: a bill nobody was told: looked at first, and nothing is paid (CHE7)', async t => {
  const chat = await chatWith(t)
  const { pin } = chat.client
  const first = await typed(chat, `BAYAR.PLN.${number}.${pin}`)
  match(first, /^❓ Belum ada yang dibayar.*\n🧾 PLN 530000000001 a\.n\. BUDI\./s)
  match(await typed(chat, `TAGIHAN.PLN.530000000002.${pin},BAYAR.PLN.530000000002.${pin}`), /❓/)
  equal(paid(chat), 0)
  equal(await balanceOf(chat), 100_000)
  // What waits in the outbox was not seen by anybody.
  chat.answer = () => ({ status: 503, body: {} })
  await chat.type(`TAGIHAN.PLN.530000000003.${pin}`)
  await until(
    () => chat.sent.length,
    length => length > 0,
  )
  match(await typed(chat, `BAYAR.PLN.530000000003.${pin}`), /^❓ Belum ada yang dibayar/)
  equal(paid(chat), 0)
  chat.answer = null
  // Half an hour later the inquiry is over.
  match(await typed(chat, `BAYAR.PLN.530000000002.${pin}`), /^⏳/)
  chat.scene.clock.ms += 31 * 60_000
  match(await typed(chat, `BAYAR.PLN.${number}.${pin}`), /^❓ Belum ada yang dibayar/)
  equal(paid(chat), 1)
})

test('chat: a bill: the same message five times pays once (CHE1, CHE7)', async t => {
  const chat = await chatWith(t)
  const { pin } = chat.client
  await typed(chat, `INQ.PLN.${number}.${pin}`)
  const text = `PAY.PLN.${number}.${pin}`
  const all = await Promise.all(Array.from({ length: 5 }, () => chat.type(text, { id: 'pay' })))
  for (const one of all) equal(one.verdict, 'accepted')
  await heard(chat, /LUNAS/)
  equal(paid(chat), 1)
  equal((await chat.said()).length, 3)
})

test('chat: a bill that changed: not paid, said so, and the money is back (CHE8)', async t => {
  const chat = await chatWith(t)
  const { pin } = chat.client
  await typed(chat, `TAGIHAN.PLN.${number}.${pin}`)
  chat.scene.shop.answer = () => ({ ...told, price: 41_000 })
  match(await typed(chat, `BAYAR.PLN.${number}.${pin}`), /^⏳/)
  const texts = await heard(chat, /^❌ Tagihan PLN .* TIDAK DIBAYAR\. Jumlah tagihannya berubah/)
  match(texts.at(-1)!, /Dana Rp40\.500 sudah kembali, saldo Rp100\.000/)
  equal(paid(chat), 0)
})

test('chat: a bill: what is none, unknown, or not to be had says which (CHE6)', async t => {
  const chat = await chatWith(t)
  const { pin } = chat.client
  const wrong = pin === '111111' ? '222222' : '111111'
  match(await typed(chat, `TAGIHAN.PLN.${number}.${wrong}`), /^PIN salah/)
  match(await typed(chat, `BAYAR.PLN.${number}.${wrong}`), /^PIN salah/)
  equal(chat.scene.asked.length, 0)
  match(await typed(chat, `BAYAR.XLD10.087812341230.${pin}`), /bukan tagihan/)
  match(await typed(chat, `PLN.${number}.${pin}`), /ketik TAGIHAN\.KODE/)
  chat.scene.shop.answer = () => ({ name: 'BUDI', segment_power: 'R1 /000001300' })
  match(await typed(chat, `CEK.PLN20.12345678901.${pin}`), /^🔎 PLN20 12345678901 a\.n\. BUDI\. R1/)
  chat.scene.shop.answer = () => ({ status: 'Gagal', rc: '60' })
  match(await typed(chat, `TAGIHAN.PLN.${number}.${pin}`), /Tagihannya tidak ada/)
  chat.scene.shop.answer = () => null
  match(await typed(chat, `TAGIHAN.PLN.${number}.${pin}`), /belum dapat dicek/)
  equal(await balanceOf(chat), 100_000)
})

test('chat: a bill: another person of the same client has not seen it (CHE7)', async t => {
  const chat = await chatWith(t)
  const { pin, username } = chat.client
  const from = '6281234567899'
  await chat.scene.call('chat.link', { gateway: chat.gateway, address: from, client: username })
  await typed(chat, `TAGIHAN.PLN.${number}.${pin}`)
  const other = await chat.type(`BAYAR.PLN.${number}.${pin}`, { from, sync: true })
  ok(other.verdict === 'accepted')
  match(other.reply ?? '', /^❓ Belum ada yang dibayar/)
  const own = await typed(chat, `BAYAR.PLN.${number}.${pin}`)
  match(own, /^⏳/)
  notEqual(await balanceOf(chat), 100_000)
})
