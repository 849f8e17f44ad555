import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { testDatabase } from '../../deploy/testing/database.ts'
import { changeStatus } from '../../sql/people/client-admin.ts'
import { catalogue, mappingRow, productRow } from '../catalogue/rows.fixture.ts'
import { until } from '../engine-room.fixture.ts'
import { chatAt, leftOf, phone } from './chat.fixture.ts'

const database = await testDatabase()
after(() => database.drop())
const { url } = database

async function ordersOf(userId: string): Promise<number> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query(
    'select count(*)::int as n from chat_order where user_id = $1 and trx_id is not null',
    [userId],
  )
  await client.end()
  return rows[0].n
}

test('chat: an order: taken, then its end with the serial number (CHF1)', async t => {
  const chat = await chatAt(t, { url })
  await chat.type(`xld10.0878 1234-1230.${chat.client.pin}`)
  const [first, second] = await leftOf(chat, 2)
  match(first!, /^⏳ XLD10 ke 087812341230 sedang diproses\. No\. \d+\. Harga Rp10\.500/)
  match(second!, /^✅ XLD10 ke 087812341230 SUKSES\. SN: SN-087812341230\..*saldo Rp89\.500/)
  equal(chat.sent[0]!.headers['x-whatsapp-token'], 'token-for-sending')
  deepEqual(chat.sent[0]!.body['number'], phone)
  equal(chat.scene.asked.length, 1)
})

test('chat: a failed order: told, and the money is back (CHF1)', async t => {
  const shop = { answer: () => ({ status: 'Gagal', rc: '54', sn: '' }) }
  const chat = await chatAt(t, { url, shop })
  await chat.type(`XLD10.087812341230.${chat.client.pin}`)
  const [, second] = await leftOf(chat, 2)
  match(second!, /^❌ XLD10 ke 087812341230 GAGAL\..*saldo Rp100\.000/)
})

test('chat: redelivery: five times the same message is one order (CHE1, CHH1)', async t => {
  const chat = await chatAt(t, { url })
  const text = `XLD10.087812341231.${chat.client.pin}`
  const all = await Promise.all(Array.from({ length: 5 }, () => chat.type(text, { id: 'same' })))
  for (const one of all) equal(one.verdict, 'accepted')
  await leftOf(chat, 2)
  equal(chat.scene.asked.length, 1)
  equal(await ordersOf(chat.client.userId), 1)
  equal((await chat.said()).length, 2)
})

test('chat: crash: what was kept is taken up, and buys once (CHH2, CHE1)', async t => {
  const chat = await chatAt(t, { url })
  await chat.type(`XLD10.087812341232.${chat.client.pin}`, { id: 'crash' })
  await leftOf(chat, 2)
  // As after a crash between the order and the answer: sealed, waiting, its claim run out.
  const sealed = chat.seal.close(
    `XLD10.087812341232.${chat.client.pin}`,
    `chat_inbox:${chat.gateway}:crash`,
  )
  const client = new pg.Client(url)
  await client.connect()
  await client.query('delete from chat_outbox')
  await client.query(
    `update chat_inbox set state = 'waiting', sealed = $1, claimed_until = now() - interval '1 s'
      where message_id = 'crash'`,
    [sealed],
  )
  await leftOf(chat, 3)
  const { rows } = await client.query(
    `select state, sealed, text from chat_inbox where message_id = 'crash'`,
  )
  await client.end()
  deepEqual(rows, [{ state: 'done', sealed: null, text: 'XLD10.087812341232.****' }])
  equal(chat.scene.asked.length, 1)
})

test('chat: wrong PINs: five lock, until an admin unlocks (CHD1, CHD2, CHE2)', async t => {
  const chat = await chatAt(t, { url })
  const wrong = chat.client.pin === '111111' ? '222222' : '111111'
  const replyTo = async (text: string) => {
    const answer = await chat.type(text, { sync: true })
    return answer.verdict === 'accepted' ? (answer.reply ?? '') : ''
  }
  match(await replyTo(`S.${wrong}`), /^PIN salah\. Sisa kesempatan: 4\./)
  match(await replyTo(`S.${chat.client.pin}`), /saldo Anda Rp100\.000/)
  const guesses = await Promise.all(
    Array.from({ length: 7 }, () => replyTo(`XLD10.087812341230.${wrong}`)),
  )
  equal(guesses.filter(text => text.startsWith('PIN salah')).length, 5)
  equal(guesses.filter(text => text.startsWith('🔒')).length, 2)
  for (const text of guesses) equal(text.includes('087812341230'), false)
  match(await replyTo(`XLD10.087812341230.${chat.client.pin}`), /^🔒 Nomor ini terkunci/)
  equal(chat.scene.asked.length, 0)

  const senders = await chat.scene.call('chat.senders', { after: 0, limit: 100 })
  const row = 'ok' in senders && senders.ok.rows.find(one => one.userId === chat.client.userId)
  ok(row && row.lockedUntil !== null && !('pinHash' in row))
  ok('ok' in (await chat.scene.call('chat.unlock', { id: row.id })))
  match(await replyTo(`S.${chat.client.pin}`), /saldo Anda Rp100\.000/)
})

test('chat: several orders: three verdicts in one reply, the good ones run (CHE6)', async t => {
  const chat = await chatAt(t, { url })
  const { pin } = chat.client
  const text = `XLD10.087812341233,halo.ini,XLD10.081234567890,XLD10.087812341234.${pin}`
  const answer = await chat.type(text, { sync: true })
  ok(answer.verdict === 'accepted')
  const lines = answer.reply!.split('\n')
  deepEqual(
    lines.map(line => [...line][0]),
    ['⏳', '❓', '⚠', '⏳'],
  )
  await leftOf(chat, 2)
  equal(chat.scene.asked.length, 2)
})

test('chat: a repeat: the twin is asked about, with .2 it is bought, and once (CHE1)', async t => {
  const chat = await chatAt(t, { url })
  const order = `XLD10.087812341235.${chat.client.pin}`
  await chat.type(order)
  const again = await chat.type(order, { sync: true })
  ok(again.verdict === 'accepted')
  match(again.reply!, /Transaksi yang sama baru saja dibuat/)
  await chat.type(`${order}.2`)
  const third = await chat.type(`${order}#2`, { sync: true })
  ok(third.verdict === 'accepted')
  match(third.reply!, /Transaksi yang sama/)
  await leftOf(chat, 4)
  equal(chat.scene.asked.length, 2)
})

test('chat: the same by chat and over the API at once: one is bought, the other names it', async t => {
  const chat = await chatAt(t, { url })
  const { userId, pin } = chat.client
  const reply = async () => {
    const answer = await chat.type(`XLD10.0878 1234 1236.${pin}`, { sync: true })
    return answer.verdict === 'accepted' ? (answer.reply ?? '') : answer.verdict
  }
  const wish = (ref: string, destination: string) =>
    chat.scene.call('order.place', { userId, level: 0, ref, product: 'xld10', destination })
  const [said, ...placed] = await Promise.all([
    reply(),
    wish('API-1', '+62 878-1234-1236'),
    wish('WEB-1', '６２８７８１２３４１２３６'),
  ])
  const bought = placed.flatMap(answer => ('ok' in answer ? [answer.ok.order.trxId] : []))
  const refused = placed.flatMap(answer => ('refused' in answer ? [answer] : []))
  equal(bought.length + (said!.startsWith('⏳') ? 1 : 0), 1, said)
  if (bought.length === 1) match(said!, /Transaksi yang sama baru saja dibuat/)
  for (const answer of refused) equal(answer.refused, 'TWIN_ORDER')
  equal(new Set([...bought, ...refused.map(answer => answer.order?.trxId)]).size, 1)
  await until(
    () => chat.scene.call('wallet.balance', { userId }),
    answer => 'ok' in answer && answer.ok.held === 0,
  )
  const left = await chat.scene.call('wallet.balance', { userId })
  equal('ok' in left && left.ok.balance, 89_500)
  equal(chat.scene.asked.length, 1)
})

test('chat: suspended while an order is out: it ends and is told, nothing new begins', async t => {
  const first = Promise.withResolvers<object>()
  const asked: string[] = []
  const shop = {
    answer: ({ buyer_sku_code: sku }: Readonly<Record<string, unknown>>) => {
      asked.push(String(sku))
      return asked.length === 1 ? first.promise : {}
    },
  }
  const chat = await chatAt(t, { url, shop })
  const { userId, username, pin } = chat.client
  await chat.type(`XLD10.087812341237.${pin}`)
  await until(
    () => asked.length,
    count => count === 1,
  )
  const change = { username, status: 'suspended', reason: 'of a test', by: 'a test' } as const
  await changeStatus(chat.scene.db.pool, change)
  const refused = await chat.type(`XLD10.087812341238.${pin}`, { sync: true })
  ok(refused.verdict === 'accepted')
  match(refused.reply!, /sedang dinonaktifkan/)
  first.resolve({ status: 'Gagal', rc: '55', sn: '' })
  const said = await leftOf(chat, 2)
  match(said.at(-1)!, /^✅ XLD10 ke 087812341237 SUKSES/)
  deepEqual(asked, ['digi-xld10', 'diva-xld10'])
  const left = await chat.scene.call('wallet.balance', { userId })
  ok('ok' in left)
  deepEqual([left.ok.balance, left.ok.held], [89_500, 0])
})

test('chat: prices: more than one message holds: how many more, and how to narrow (CHH4)', async t => {
  const codes = Array.from({ length: 33 }, (_, n) => `XLD${n + 10}`)
  const rows = catalogue({
    suppliers: [{ code: 'digi', active: true }],
    products: codes.map(code => productRow(code)),
    mappings: codes.map(code => mappingRow(code, 'digi')),
  })
  const chat = await chatAt(t, { url, shop: { rows } })
  const linesOf = async (text: string) => {
    const answer = await chat.type(text, { sync: true })
    return (answer.verdict === 'accepted' ? (answer.reply ?? '') : '').split('\n')
  }
  const [title, ...lines] = await linesOf('H.XLD')
  equal(title, 'Harga XLD')
  equal(lines.length, 31)
  match(lines[29]!, /^XLD39 /)
  equal(
    lines[30],
    '… dan 3 produk lagi. Untuk mempersempit, ketik awal kode produknya, misalnya H.XLD40.',
  )
  const narrowed = await linesOf('H.XLD4')
  deepEqual([narrowed.length, narrowed.some(line => line.includes('produk lagi'))], [4, false])
})

test('chat: status, prices, complaint and help answer what was asked (CHH4)', async t => {
  const chat = await chatAt(t, { url })
  const { pin } = chat.client
  const replyTo = async (text: string, id?: string) => {
    const answer = await chat.type(text, { sync: true, ...(id === undefined ? {} : { id }) })
    return answer.verdict === 'accepted' ? (answer.reply ?? '') : ''
  }
  const taken = await replyTo(`XLD10.087812341236.${pin}`)
  const number = /No\. (\d+)/.exec(taken)![1]!
  await leftOf(chat, 1)
  match(await replyTo(`CEK.+62 878-1234-1236.${pin}`), /SUKSES\. SN: SN-087812341236\. No\. \d+/)
  match(await replyTo(`CEK.087899999999.${pin}`), /Belum ada transaksi/)
  match(await replyTo('H.0878'), /^Harga 0878\nXLD10 Product XLD10: Rp10\.500$/)
  match(await replyTo('CH.XLD'), /XLD10 Product XLD10/)
  match(await replyTo('H.ZZZ'), /Tidak ada produk/)
  match(await replyTo('menu'), /Format perintah/)
  match(await replyTo('???'), /belum kami mengerti/)
  match(await replyTo(`KOMPLAIN.999999999.${pin}`), /tidak kami temukan/)
  match(await replyTo(`KOMPLAIN.${number}.${pin}`, 'once'), /sudah kami catat/)
  match(await replyTo(`KOMPLAIN.${number}.${pin}`, 'once'), /sudah kami catat/)

  const { call } = chat.scene
  const { userId } = chat.client
  const read = await call('complaint.list', { userId, limit: 10 })
  ok('ok' in read)
  equal(read.ok.rows.length, 1)
  const { id } = read.ok.rows[0]!
  const by = userId
  ok('ok' in (await call('complaint.answer', { id, text: 'Kami cek dulu, ya.', by })))
  match((await leftOf(chat, 2))[1]!, /Tentang komplain Anda .*: Kami cek dulu, ya\./)
  const verdict = { id, verdict: 'rejected', text: 'SN sudah benar.', by } as const
  ok('ok' in (await call('complaint.decide', verdict)))
  ok('refused' in (await call('complaint.decide', verdict)))
  match((await leftOf(chat, 3))[2]!, /sudah kami tangani: SN sudah benar\./)
})

test('chat: a stranger: one polite answer, then silence (CHE5)', async t => {
  const chat = await chatAt(t, { url })
  const from = '6289900000001'
  for (let n = 0; n < 4; n++) await chat.type(`XLD10.087812341230.${chat.client.pin}`, { from })
  await leftOf(chat, 1)
  const last = await chat.type('halo?', { from, sync: true })
  deepEqual(last, { verdict: 'accepted', reply: null })
  match((await chat.said()).at(-1)!, /belum terdaftar/)
  equal(chat.sent.filter(({ body }) => body['number'] === from).length, 1)
  equal(chat.scene.asked.length, 0)
})

test('chat: too fast: kept, said once, and not done (CHD3)', async t => {
  const chat = await chatAt(t, { url })
  // The same one again is not another one.
  for (let n = 0; n < 40; n++) await chat.type('menu', { id: 'first' })
  await Promise.all(Array.from({ length: 32 }, () => chat.type('menu')))
  const said = await until(
    () => chat.said(),
    texts => texts.filter(text => text.startsWith('Format')).length >= 30,
  )
  const mine = said.filter(text => text.includes('terlalu cepat'))
  equal(mine.length, 1)
  const waiting = await Promise.all([1, 2].map(() => chat.type('menu', { sync: true })))
  for (const answer of waiting) match(JSON.stringify(answer), /terlalu cepat/)
})

test('chat: an old message: asked about, not bought (CHE3)', async t => {
  const chat = await chatAt(t, { url })
  const text = `XLD10.087812341230.${chat.client.pin}`
  await chat.scene.call('chat.putGateway', {
    ...{ name: 'tg-late', kind: 'telegram', baseUrl: chat.channel, active: true },
    credentials: { secret_token: 'a-secret-of-telegram', bot_token: '12345:token-of-bot' },
  })
  const { username } = chat.client
  await chat.scene.call('chat.link', { gateway: 'tg-late', address: '4711', client: username })
  const date = Math.floor(chat.scene.clock.ms / 1_000) - 20 * 60
  const message = { message_id: 1, chat: { id: 4711, type: 'private' }, date, text }
  await chat.receive({
    ...{ gateway: 'tg-late', door: 'telegram' },
    headers: { 'x-telegram-bot-api-secret-token': 'a-secret-of-telegram' },
    body: JSON.stringify({ update_id: 99, message }),
  })
  match((await leftOf(chat, 1))[0]!, /terlalu lama/)
  equal(chat.scene.asked.length, 0)
})

test('chat: a changed PIN: the new one counts, however often it came (CHE1)', async t => {
  const chat = await chatAt(t, { url })
  const next = chat.client.pin === '246810' ? '135790' : '246810'
  const change = `GP.${chat.client.pin}.${next}`
  const first = await chat.type(change, { id: 'gp', sync: true })
  const again = await chat.type(change, { id: 'gp', sync: true })
  deepEqual(first, again)
  const old = await chat.type(`S.${chat.client.pin}`, { sync: true })
  ok(old.verdict === 'accepted' && old.reply!.startsWith('PIN salah'))
  const fresh = await chat.type(`S.${next}`, { sync: true })
  ok(fresh.verdict === 'accepted' && fresh.reply!.includes('Rp100.000'))
})

test('chat: a PIN is in no column of any table, however it was typed (CHH1)', async t => {
  const chat = await chatAt(t, { url })
  const { pin } = chat.client
  const next = pin === '583921' ? '583922' : '583921'
  const messages = [
    `XLD10.087812341237.${pin}`,
    `XLD10.${pin}.087812341237`,
    `${pin}.XLD10.087812341237`,
    `pin saya ${pin}, PIN${pin}`,
    `${pin}`,
    `S.${pin.slice(0, 3)} ${pin.slice(3)}`,
    `XLD10.087812341238,${pin}`,
    `GP.${pin}.${next}`,
    `S.${next}`,
  ]
  for (const [n, text] of messages.entries()) {
    await chat.type(text, { sync: n % 2 === 0 })
    await chat.type(text, { from: '6289900000002' })
  }
  const waiting = () => chat.scene.db.connect()
  const client = await waiting()
  await until(
    async () => (await client.query(`select from chat_inbox where state = 'waiting'`)).rowCount,
    count => count === 0,
  )
  const { rows: columns } = await client.query(
    `select table_name as t, column_name as c from information_schema.columns
      where table_schema = 'public'`,
  )
  ok(columns.length > 100)
  const found: string[] = []
  for (const { t: table, c: column } of columns) {
    const { rowCount } = await client.query(
      `select from "${table}" where "${column}"::text ~ $1 limit 1`,
      [`(^|[^0-9a-f-])(${pin}|${next})([^0-9a-f-]|$)`],
    )
    if (rowCount !== 0) found.push(`${table}.${column}`)
  }
  await client.end()
  deepEqual(found, [])
})
