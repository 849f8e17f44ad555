/**
 * Bills by other ways than REST through the whole program: typed in a chat, asked for and paid by
 * a shop's OtomaX, and paid at a supplier who is an OtomaX himself and falls silent after the sale.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { dayOf } from '../../services/day.ts'
import { makeSeal } from '../../services/seal.ts'
import { supplierPurpose } from '../../services/supplier/directory.ts'
import { type Json, Oracle, type Reseller } from './reseller.ts'
import { atRest, type Engine, Stage, until } from './stage.ts'

const doneMs = 60_000

/** The shop's own address for reports. */
const reports: URLSearchParams[] = []
const shop = createServer((request, response) => {
  reports.push(new URL(request.url!, 'http://x').searchParams)
  response.end('OK')
})

let stage: Stage
let engine: Engine
let oracle: Oracle
let reseller: Reseller
let demo: { chat: { whatsapp_number: string }; reseller: Readonly<Record<string, string>> }

before(async () => {
  shop.listen(0, '127.0.0.1')
  await once(shop, 'listening')
  stage = new Stage()
  await stage.startSandbox()
  engine = await stage.start()
  oracle = new Oracle(stage.sandboxUrl)
  reseller = stage.demo(engine)
  demo = JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))
  // The contract's pause of a minute between two words about a purchase is too long for a test.
  await stage.sql('update supplier set recheck_after_ms = 1500, timeout_ms = 3000')
})
after(async () => {
  shop.closeAllConnections()
  shop.close()
  await stage.close()
})

const sold = async (target: string, party?: string) =>
  (await oracle.sales(party)).filter(sale => sale.target === target && sale.status !== 'failed')
const numberIn = (text: string, shape: RegExp): number =>
  Number(shape.exec(text)![1]!.replaceAll('.', ''))

test('bills e2e: chat: looked at, paid for what was said, the serial number heard (CHE7)', async () => {
  const { pin } = demo.reseller
  const type = async (text: string): Promise<void> => {
    const body = JSON.stringify({ from: demo.chat.whatsapp_number, text, times: 3 })
    const answer = await fetch(`${stage.sandboxUrl}/whatsapp/say`, { method: 'POST', body })
    equal(answer.status, 200)
  }
  /** Heard, and we know that it was. */
  const heard = (shape: RegExp) =>
    until(`${shape}`, doneMs, async () => {
      const answer = await fetch(`${stage.sandboxUrl}/_sandbox/messages`)
      const texts = ((await answer.json()) as { text: string }[]).map(({ text }) => text)
      const waiting = await stage.sql("select 1 from chat_outbox where state = 'waiting'")
      return waiting.length === 0 && texts.find(text => shape.test(text))
    })
  const before = await reseller.balance()
  await type(`TAGIHAN.PLN.530000000002.${pin}`)
  const bill = await heard(/^🧾 PLN 530000000002 a\.n\. [A-Z ]+\. Periode MEI 2026,JUN 2026\./)
  const price = numberIn(bill, /Dipotong dari saldo Rp([\d.]+)\./)
  const command = /balas (\S+)\.PIN sebelum/.exec(bill)![1]!
  deepEqual(await sold('530000000002'), [])

  await type(`${command}.${pin}`)
  const paid = await heard(/^✅ Tagihan PLN 530000000002 .* LUNAS\. SN: \S+\. No\. \d+\./)
  const sales = await sold('530000000002')
  deepEqual([sales.length, sales[0]!.times], [1, 1])
  ok(paid.includes(`SN: ${sales[0]!.sn}.`))
  equal((await reseller.balance()).balance, before.balance - price)
  ok(!paid.includes(pin!))
})

test('bills e2e: OtomaX: asked for and paid by codes, its status by asking again (OTA8, OTA9)', async () => {
  const { member_id: memberID, pin, password } = demo.reseller
  const trx = async (product: string, dest: string, refID: string): Promise<string> => {
    const words = ['OtomaX', memberID, product, dest, refID, pin, password].join('|')
    const sign = createHash('sha1').update(words).digest('base64url')
    const order = { product, qty: '1', dest, refID, memberID: memberID!, sign }
    const { port } = shop.address() as AddressInfo
    const query = new URLSearchParams({ ...order, cb_url: `http://127.0.0.1:${port}/lapor` })
    const answer = await fetch(`${engine.http}/h2h/trx?${query}`)
    equal(answer.status, 200)
    return await answer.text()
  }
  const number = '8801234560001'
  const early = await trx('BAYARBPJS', number, 'B-1')
  match(early, /^R#B-1 TrxID=0 BAYARBPJS\.8801234560001 GAGAL\. tagihan ini belum dicek/)
  const told = await trx('CEKBPJS', number, 'Q-1')
  match(told, /CEKBPJS\.8801234560001 SUKSES\. SN\/Ref: [A-Z ]+\/TAG:\d+\/ADM:2500\/TOTAL:\d+\//)
  const price = numberIn(told, /Harga=([\d.]+)/)
  const before = await reseller.balance()
  const answers = await Promise.all(['', '', ''].map(() => trx('BAYARBPJS', number, 'B-2')))
  equal(new Set(answers.map(text => /TrxID=(\d+)/.exec(text)![1])).size, 1)
  const paid = await until('the payment', doneMs, async () => {
    const text = await trx('BAYARBPJS', number, 'B-2')
    return / SUKSES\. /.test(text) && text
  })
  const sales = await sold(number)
  deepEqual([sales.length, sales[0]!.times], [1, 1])
  const sn = sales[0]!.sn
  match(paid, new RegExp(`BAYARBPJS\\.8801234560001 SUKSES\\. SN/Ref: ${sn}/[A-Z ]+/TAG:`))
  equal((await reseller.balance()).balance, before.balance - price)
  const report = await until('the report', doneMs, () =>
    reports.find(one => one.get('refid') === 'B-2' && one.get('status') === '20'),
  )
  match(
    report.get('message')!,
    new RegExp(`BAYARBPJS\\.${number} SUKSES\\. SN/Ref: ${sn}/[A-Z ]+/TAG:`),
  )
  match(await trx('BAYARBPJS', number, 'B-3'), /GAGAL|DITOLAK/)
  equal((await sold(number)).length, 1)
})

// -- a supplier of prose ------------------------------------------------------------------------

const login = { memberId: 'LAJU1', pin: '4711', password: 'sandi-otomax' }
const callbackToken = 'jalan-yang-tidak-diketahui-orang'
const number = '1013226'

async function openSupplier(): Promise<void> {
  const body = JSON.stringify({
    ...{ party: 'otomax', member_id: login.memberId, pin: login.pin, password: login.password },
    report_url: `${engine.http}/api/v1/callbacks/supplier/oto/${callbackToken}`,
  })
  const opened = await fetch(`${stage.sandboxUrl}/_sandbox/accounts`, { method: 'POST', body })
  equal(opened.status, 200)
  const key = Buffer.from(readFileSync(join(stage.dataDir(), 'master.key'), 'utf8').trim(), 'hex')
  const words = makeSeal(key).close(
    JSON.stringify({ ...login, callbackToken }),
    supplierPurpose('oto'),
  )
  await stage.sql(
    `insert into supplier (code, name, adapter, base_url, credentials, recheck_after_ms, timeout_ms)
     values ('oto', 'OtomaX', 'otomax', $1, $2, 1500, 3000)`,
    [`${stage.sandboxUrl}/otomax`, words],
  )
  await stage.sql(
    `with others as (update mapping set active = false where product_code = 'PDAM')
     insert into mapping (product_code, supplier_code, sku, cost, priority)
     select product_code, 'oto', 'BAYARPDAM', cost, 1 from mapping
      where product_code = 'PDAM' limit 1`,
  )
}

async function billOf(): Promise<Json | null> {
  const wish = JSON.stringify({ product_code: 'PDAM', destination: number })
  const { body, status } = await reseller.send('POST', '/api/v1/transactions/inquiry', wish)
  return status === 200 ? (body['data'] as Json) : null
}

const pay = (bill: Json, ref_id: string) =>
  reseller.send(
    'POST',
    '/api/v1/transactions',
    JSON.stringify({
      ...{ ref_id, product_code: 'PDAM', destination: number },
      inquiry_token: bill['inquiry_token'],
    }),
  )

const ended = (ref: string) =>
  until(`the end of ${ref}`, doneMs, async () => {
    const { body } = await reseller.get(`/api/v1/transactions?ref_id=${ref}`)
    const data = body['data'] as Json
    return ['SUCCESS', 'FAILED'].includes(data['status']) && data
  })

const faults = (wish: Json) => oracle.faults({ party: 'otomax', latency: 0, ...wish })

test('bills e2e: a supplier of prose: silent after the payment, asked again, paid once (PPC3, ZE2)', async () => {
  // Over midnight in Jakarta such a server is not asked again.
  const isOneDay = () => dayOf(Date.now() - 61_000) === dayOf(Date.now() + 120_000)
  await until('a new day', 240_000, isOneDay)
  await openSupplier()
  // The change is heard within moments; those who told bills before say particulars, too.
  const bill = await until('the new supplier', doneMs, async () => {
    const told = await billOf()
    return told !== null && told['detail'] === null && told
  })
  equal(bill['total'], bill['amount'] + bill['admin_fee'])
  const before = await reseller.balance()

  await faults({ bill_extra: 1_000 })
  equal((await pay(bill, 'prose-changed')).status, 200)
  const changed = await ended('prose-changed')
  deepEqual([changed['status'], changed['failure'].code], ['FAILED', 'bill_changed'])
  match(changed['failure'].message, /berubah sejak dicek/)
  deepEqual(await reseller.balance(), before)
  deepEqual(await sold(number, 'otomax'), [])

  // They say that they are looking, and tell it when they are asked again.
  await faults({ pending: { p: 1, seconds: 60 } })
  const again = (await billOf())!
  await faults({ timeout_after_sale: 1, timeout_seconds: 30, no_callback: 1 })
  equal((await pay(again, 'prose-silent')).status, 200)
  await until('the sale', doneMs, async () => (await sold(number, 'otomax')).length === 1)
  const { body } = await reseller.get('/api/v1/transactions?ref_id=prose-silent')
  equal(body['data']['status'], 'PROCESSING')
  await faults({ no_callback: 1 })
  const paid = await ended('prose-silent')
  equal(paid['status'], 'SUCCESS')
  equal(paid['attempts'].length, 1)
  ok(paid['timeline'].some(({ what }: Json) => what === 'rechecked'))
  const sales = await sold(number, 'otomax')
  deepEqual([sales.length, sales[0]!.times, sales[0]!.sn], [1, 1, paid['sn']])
  equal((await reseller.balance()).balance, before.balance - again['price'])
  await faults({})
})

test('bills e2e: afterwards: an independent reading of the journal agrees (ZE3, ZE4)', async () => {
  await atRest(engine.http)
  const { code, stdout } = await stage.cli(['verify'])
  equal(code, 0, stdout)
})
