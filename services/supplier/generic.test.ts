import { deepEqual, equal, match, ok, throws } from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import type { Answered, Occasion } from './adapter.ts'
import { callAboutBill } from './bill-payment.ts'
import { generic, templateSchema } from './generic.ts'

const ref = 'L0192f0c4a1b27c3d8e4f5a6b7c8d9e0f-1'
const asked = { ref, sku: 'S5', dest: '082211112222', maxPrice: 6_000, testing: false }
const credentials = { user: 'toko', apiKey: 'kunci-panjang', callbackToken: 'jalan' }
const purchase = {
  method: 'POST',
  path: '/order',
  body: {
    type: 'json',
    fields: { sku: '{sku}', to: '{dest}', ref: '{ref}', sign: '{md5 cred.user cred.apiKey ref}' },
  },
}
const template = {
  card: {
    ...{ recheck: 'read_only', recheckAfterMs: 5_000, recheckWithinMs: 3_600_000 },
    clientReference: true,
  },
  purchase,
  check: { method: 'GET', path: '/order/{ref}', headers: { 'X-Key': '{cred.apiKey}' } },
  reply: {
    by: 'json',
    status: 'data.status',
    success: ['ok', 'Sukses'],
    failed: ['gagal'],
    pending: ['proses'],
    fields: { ref: 'data.ref', dest: 'data.to', sn: 'data.sn', cost: 'data.price', reason: 'msg' },
  },
  callbacks: true,
}
const made = (change: object = {}, settings: Record<string, string> = {}) =>
  generic.configure!({ ...settings, template: JSON.stringify({ ...template, ...change }) })
const answer = (data: unknown, status = 200) => {
  const body = typeof data === 'string' ? data : JSON.stringify(data)
  return { kind: 'answer', status, body, ms: 1 } as unknown as Answered
}
const adapter = made()
const read = (data: unknown, status = 200) =>
  adapter.read(answer(data, status), asked, 'purchase', credentials)
const why = (data: unknown) => {
  const reading = read(data)
  return reading.outcome === 'unknown' ? reading.why : reading.outcome
}

test('generic: without a template: unfit, and said so (PAK1)', () => {
  throws(() => generic.configure!({}), /no request template/)
  throws(() => generic.configure!({ template: '{}' }))
  deepEqual(adapter.card.credentials, ['user', 'apiKey', 'callbackToken'])
  equal(adapter.card.recheckAfterMs, 5_000)
})

test('generic: checks: a question of its own, or the purchase word for word (PAK2)', () => {
  deepEqual(adapter.check(asked, credentials), {
    method: 'GET',
    path: `/order/${ref}`,
    headers: { 'X-Key': 'kunci-panjang' },
  })
  const card = { ...template.card, recheck: 'repeat_purchase', recheckAfterMs: 60_000 }
  const repeating = made({ card, check: undefined })
  deepEqual(repeating.check(asked, credentials), repeating.purchase(asked, credentials))
  equal(repeating.card.forgetsByDay, undefined)
  const forgetful = made({ card: { ...card, forgetsByDay: true }, check: undefined })
  equal(forgetful.card.forgetsByDay, true)
  throws(() => made({ card }))
  throws(() => made({ card: { ...card, recheckAfterMs: 59_999 }, check: undefined }))
  throws(() => made({ check: undefined }))
})

test('generic: no reference of ours: refused when it is saved (PAK3)', () => {
  const card = { ...template.card, clientReference: false }
  equal(templateSchema.safeParse({ ...template, card }).success, false)
  const without = { ...template.reply, fields: {}, mustEcho: [] }
  equal(templateSchema.safeParse({ ...template, reply: without }).success, false)
  equal(templateSchema.safeParse({ ...template, reply: without, callbacks: false }).success, true)
})

test('generic: JSON: listed words and all echoes make a verdict (PAK4)', () => {
  const data = { status: 'SUKSES', ref, to: '6282211112222', sn: 'A/1.2', price: 5_500 }
  const sold = read({ data })
  ok(sold.outcome === 'success')
  deepEqual([sold.sn, sold.cost], ['A/1.2', 5_500])
  const failed = read({ data: { status: 'gagal', ref }, msg: 'Produk tutup' })
  ok(failed.outcome === 'failed')
  deepEqual([failed.code, failed.message, failed.retryable], ['gagal', 'Produk tutup', true])
  // Two digits mean something where Digiflazz says them, and to our clients; here they are a word.
  const numbered = made({ reply: { ...template.reply, failed: ['54', 'gagal'] } })
  const refused = answer({ data: { status: 54, ref } })
  const blamed = numbered.read(refused, asked, 'purchase', credentials)
  deepEqual(blamed.outcome === 'failed' && blamed.code, 'supplier_54')
  equal(why({ data: { status: 'proses', ref } }), 'pending')
  equal(why({ data: { ...data, ref: undefined } }), 'ref_missing')
  equal(why({ data: { ...data, ref: `${ref}1` } }), 'foreign_ref')
  equal(why({ data: { ...data, to: '0899' } }), 'foreign_destination')
  equal(why({ data: { ...data, status: 'Gagal Sukses' } }), 'no_rule')
  equal(why({ data: { ref } }), 'status_missing')
  equal(why({ data: null }), 'status_missing')
  equal(why('<html>'), 'not_json')
  equal(why(''), 'body_empty')
  equal(why(`{"data":{"status":"gagal","status":"ok","ref":"${ref}"}}`), 'name_twice')
  equal(why('{"__proto__":{"data":{"status":"ok"}}}'), 'status_missing')
  equal(read('<html>', 502).supplierTrouble, true)
  match(read({ data, k: 'kunci-panjang' }).reply, /\*\*\*/)
})

test('generic: JSON: no balance: a repeat that is refused says nothing of the first (PAK7)', () => {
  const card = { ...template.card, recheck: 'repeat_purchase', recheckAfterMs: 60_000 }
  const outcomeOf = (change: object, occasion: Occasion, msg: string, status = 'gagal') => {
    const reading = made(change).read(
      answer({ data: { status, ref, saldo: '500' }, msg, ket: 'tidak ada' }),
      ...([asked, occasion, credentials] as const),
    )
    return [reading.outcome, reading.supplierTrouble]
  }
  const repeats = { card, check: undefined }
  const { reason: _, ...unreasoned } = template.reply.fields
  for (const change of [
    repeats,
    { ...repeats, reply: { ...template.reply, fields: unreasoned } },
  ]) {
    for (const said of ['Saldo tidak cukup', 'saldo kurang', 'Insufficient balance']) {
      deepEqual(outcomeOf(change, 'purchase', said), ['failed', true])
      deepEqual(outcomeOf(change, 'check', said), ['unknown', true])
    }
    const kept = 'Produk gangguan, saldo tidak terpotong'
    deepEqual(outcomeOf(change, 'check', kept), ['failed', false])
  }
  const byWord = { ...repeats, reply: { ...template.reply, failed: ['saldo_kurang'] } }
  deepEqual(outcomeOf(byWord, 'check', '', 'saldo_kurang'), ['unknown', true])
  // A question of its own is about the order: what it hears is how that one ended.
  deepEqual(outcomeOf({}, 'check', 'Saldo tidak cukup'), ['failed', true])
})

test('generic: rules: no balance: the same for those who are read by rules (PAK7)', () => {
  const card = { ...template.card, recheck: 'repeat_purchase', recheckAfterMs: 60_000 }
  const rule = { name: 'r', channels: ['reply', 'status'], priority: 1, outcome: 'failed' }
  const rules = JSON.stringify([{ ...rule, regex: 'R#(?<trxid>\\S+) GAGAL (?<alasan>[^.]*)' }])
  const outcomeOf = (change: object, text: string) => {
    const one = made({ ...change, reply: { by: 'rules' } }, { rules })
    return one.read(answer(text), asked, 'check', credentials).outcome
  }
  const repeats = { card, check: undefined }
  equal(outcomeOf(repeats, `R#${ref} GAGAL saldo tidak cukup`), 'unknown')
  equal(outcomeOf(repeats, `R#${ref} GAGAL nomor salah. Saldo tidak cukup`), 'failed')
  equal(outcomeOf({}, `R#${ref} GAGAL saldo tidak cukup`), 'failed')
})

test('generic: bills: a status of their own is no repeat, whatever orders are (PAK7)', async () => {
  const card = { ...template.card, recheck: 'repeat_purchase', recheckAfterMs: 60_000 }
  const bill = { ...{ by: 'json', status: 's', success: ['ada'], failed: [] } }
  const fields = { dest: 'to', ref: 'ref', total: 'total' }
  const bills = { inquiry: purchase, reply: { ...bill, fields } }
  const own = { ...bills, status: template.check }
  const said = answer({ data: { status: 'gagal', ref }, msg: 'Saldo tidak cukup' })
  const heard = async (given: object) => {
    const adapter = made({ card, check: undefined, bills: given })
    const call = { ...{ adapter, postpaid: adapter.postpaid! }, agreed: 1, send: async () => said }
    const told = await callAboutBill({ ...call, asked, credentials, occasion: 'check' })
    return told.reading.outcome
  }
  equal(await heard(bills), 'unknown')
  equal(await heard(own), 'failed')
})

test('generic: rules: the owner reads the text (PAK4)', () => {
  const rule = {
    ...{ name: 'r', channels: ['reply', 'callback'], priority: 1, outcome: 'success' },
    regex: 'OK (?<trxid>\\S+) (?<tujuan>\\d+)',
  }
  const byRules = made({ reply: { by: 'rules' } }, { rules: JSON.stringify([rule]) })
  const say = (text: string) => byRules.read(answer(text), asked, 'purchase', credentials).outcome
  equal(say(`OK ${ref} 082211112222`), 'success')
  equal(say(`OK ${ref} 082211112223`), 'unknown')
  equal(say('GAGAL'), 'unknown')
  equal(
    made({ reply: { by: 'rules' } }).read(answer('OK'), asked, 'check', credentials).outcome,
    'unknown',
  )
})

test('generic: reports: at the unguessable address, where one is set up (PAK5)', () => {
  const body = Buffer.from(JSON.stringify({ data: { status: 'ok', ref, to: asked.dest } }))
  const headers = { 'x-callback-digest': hash('sha256', 'jalan') }
  const claim = adapter.callback(headers, body, credentials)
  ok(claim.verdict === 'report')
  deepEqual([claim.ref, claim.reading.outcome], [ref, 'success'])
  equal(adapter.callback({}, body, credentials).verdict, 'forged')
  equal(made({ callbacks: false }).callback(headers, body, credentials).verdict, 'forged')
  equal(adapter.callback(headers, Buffer.from('{}'), credentials).verdict, 'garbled')
})

test('generic: balance: asked and read as the template says, without an order (PAK6)', () => {
  equal(adapter.balance, undefined)
  const request = { method: 'GET', path: '/me', query: { sign: "{md5 cred.user 'saldo'}" } }
  const { balance } = made({ balance: { request, path: 'data.saldo', numberFormat: 'dot' } })
  const sign = hash('md5', 'tokosaldo')
  deepEqual(balance!.ask(credentials), { method: 'GET', path: `/me?sign=${sign}` })
  equal(balance!.read('{"data":{"saldo":"1.250.000"}}'), 1_250_000)
  for (const text of ['{"data":{"saldo":"1,250,000"}}', '{"saldo":"5"}', '<html>', '']) {
    equal(balance!.read(text), null)
  }
  throws(() => made({ balance: { request: { ...request, path: '/{ref}' }, path: 'saldo' } }))
})
