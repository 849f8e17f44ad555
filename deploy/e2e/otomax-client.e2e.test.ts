/**
 * A shop's OtomaX, and an IRS beside it, as their public documentation describes them: requests by
 * GET, a sign over PIN and password, and rules that read the reply with regular expressions. They
 * know no word of ours; all that was changed in them is the address.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { atRest, type Engine, Stage, until } from './stage.ts'

// -- the programs ------------------------------------------------------------------------------

type Login = { readonly member_id: string; readonly pin: string; readonly password: string }

class OtomaxClient {
  readonly #baseUrl: string
  readonly #login: Login

  constructor(baseUrl: string, login: Login) {
    this.#baseUrl = baseUrl
    this.#login = login
  }

  /** The same again is how one asks for its status. */
  async trx(product: string, dest: string, refID: string): Promise<string> {
    const { member_id: memberID, pin, password } = this.#login
    const sign = this.sign(`${memberID}|${product}|${dest}|${refID}|${pin}|${password}`)
    return await this.get('trx', { product, qty: '1', dest, refID, memberID, sign })
  }

  async balance(): Promise<number> {
    const { member_id: memberID, pin, password } = this.#login
    const sign = this.sign(`CheckBalance|${memberID}|${pin}|${password}`)
    const text = await this.get('balance', { memberID, sign })
    return Number(/Saldo ([\d.]+)/.exec(text)![1]!.replaceAll('.', ''))
  }

  sign(text: string): string {
    return createHash('sha1').update(`OtomaX|${text}`).digest('base64url')
  }

  async get(path: string, query: Readonly<Record<string, string>>): Promise<string> {
    const response = await fetch(`${this.#baseUrl}/${path}?${new URLSearchParams(query)}`)
    equal(response.status, 200)
    return await response.text()
  }
}

/** How its owner taught it to read this server. */
const rules = {
  accepted:
    /TrxID=(?<trxid>\d+) (?<product>\w+)\.(?<tujuan>\d+) Harga=(?<harga>[.\d]+) akan diproses/,
  open: /TrxID=(?<trxid>\d+) (?<product>\w+)\.(?<tujuan>\d+) .*diproses/,
  success: /TrxID=(?<trxid>\d+) (?<product>\w+)\.(?<tujuan>\d+) SUKSES. SN\/Ref: (?<sn>.+). Saldo/,
  failed: /(?<product>\w+)\.(?<tujuan>\d+) GAGAL. (?<alasan>.*)\. Saldo (?<saldo>[.,\d]+). @/,
} as const

// -- what they meet ----------------------------------------------------------------------------

const opening = 1_000_000_000
let stage: Stage
let engine: Engine
let client: OtomaxClient
let login: Login & { readonly username: string }
let price = 0
let sold = 0

before(async () => {
  stage = new Stage()
  engine = await stage.start()
  login = stage.demo(engine).keys as unknown as typeof login
  client = new OtomaxClient(`${engine.http}/h2h`, login)
})
after(() => stage.close())

async function final(product: string, dest: string, refID: string): Promise<string> {
  return await until(`the end of ${refID}`, 25_000, async () => {
    const text = await client.trx(product, dest, refID)
    return !rules.open.test(text) && text
  })
}

test('otomax client: balance: in dots (ZE11)', async () => {
  equal(await client.balance(), opening)
})

test('otomax client: 200 copies at once: one order, one charge, one sale (ZE2, ZE11)', async () => {
  const texts = await Promise.all(
    Array.from({ length: 200 }, () => client.trx('XLD10', '087800001230', 'OX-1')),
  )
  const ids = new Set<string>()
  for (const text of texts) {
    const groups = (rules.accepted.exec(text) ?? rules.open.exec(text) ?? rules.success.exec(text))
      ?.groups
    deepEqual([groups?.['product'], groups?.['tujuan']], ['XLD10', '087800001230'], text)
    ids.add(groups!['trxid']!)
  }
  equal(ids.size, 1)
  const text = await final('XLD10', '087800001230', 'OX-1')
  const { trxid, sn } = rules.success.exec(text)!.groups!
  ok(ids.has(trxid!) && sn!.length > 0)
  sold++
  const rows = await stage.sql<{ price: number }>('select price from order_view')
  equal(rows.length, 1)
  price = Number(rows[0]!.price)
  equal(await client.balance(), opening - price)
  equal(
    await client.trx('XLD10', '087800001230', 'OX-1').then(again => rules.success.test(again)),
    true,
  )
})

test('otomax client: test number 1232: GAGAL with a reason, and the money is back (ZE5, ZE11)', async () => {
  const text = await final('XLD10', '087800001232', 'OX-2')
  const { tujuan, alasan, saldo } = rules.failed.exec(text)!.groups!
  deepEqual([tujuan, saldo!.replaceAll('.', '')], ['087800001232', String(opening - sold * price)])
  ok(alasan!.length > 0)
})

test('otomax client: the same number again: a twin, and with a counter a new order (ZE2, ZE5)', async () => {
  match(await client.trx('XLD10', '087800001230', 'OX-3'), rules.failed)
  match(await client.trx('XLD10', '2.087800001230', 'OX-4'), rules.accepted)
  match(await final('XLD10', '2.087800001230', 'OX-4'), rules.success)
  sold++
  match(await client.trx('XLD10', '2.087800001230', 'OX-5'), rules.failed)
  equal(await client.balance(), opening - sold * price)
})

test('otomax client: what is wrong: told, and no money moved (ZE5, ZE11)', async () => {
  const stranger = new OtomaxClient(`${engine.http}/h2h`, { ...login, pin: '000000x' })
  match(await stranger.trx('XLD10', '087800001239', 'OX-6'), /DITOLAK/)
  match(await client.trx('XLD10', '087800001231', 'OX-1'), /DITOLAK: refID ini sudah dipakai/)
  match(await client.trx('XLD11', '087800001239', 'OX-6'), rules.failed)
  match(await client.trx('XLD10', '081234567890', 'OX-6'), rules.failed)
  match(await client.trx('XLD10', '12', 'OX-6'), rules.failed)
  equal(await client.balance(), opening - sold * price)
})

test('otomax client: an IRS, an FM and a buyer from Digiflazz: the same orders (ZE2, ZE11)', async () => {
  const { member_id: id, pin, password: pass, username: user } = login
  const irs = await client.get('irs/transaction', {
    ...{ id, pin, user, pass, kodeproduk: 'XLD10', tujuan: '087800001230', idtrx: 'OX-1' },
  })
  match(irs, /^TRX XLD10\.087800001230 BERHASIL, HRG:\d+ SN:\S.*\. SISA SALDO:\d+ CLIENTID=OX-1\./)
  const elements =
    `<command>TOPUP</command><pin>${pin}</pin><product>XLD10</product>` +
    '<msisdn>087800001230</msisdn><refTrxid>OX-1</refTrxid>'
  const fm = await fetch(`${engine.http}/h2h/xml?memberID=${id}&password=${pass}`, {
    method: 'POST',
    body: `<?xml version="1.0"?><fm>${elements}</fm>`,
  })
  match(await fm.text(), /<fm><command>TOPUP<\/command><status>0<\/status>.*<sn>.+<\/sn>/)
  const { api_key } = stage.demo(engine).keys
  const sign = createHash('md5').update(`${user}${api_key}OX-1`).digest('hex')
  const asked = { username: user, ref_id: 'OX-1', customer_id: '087800001230', sign }
  const seller = await fetch(`${engine.http}/h2h/seller/digiflazz`, {
    method: 'POST',
    body: JSON.stringify({ ...asked, product_code: 'XLD10' }),
  })
  const { data } = (await seller.json()) as { data: Record<string, string> }
  deepEqual([data['status'], data['rc'], data['ref_id']], ['1', '00', 'OX-1'])
  equal(await client.balance(), opening - sold * price)
})

test('otomax client: a deposit ticket: what to pay, to the rupiah (ZE11)', async () => {
  const { member_id: memberID, pin, password } = login
  const sign = client.sign(`ticket|${memberID}|${pin}|${password}|100000`)
  const text = await client.get('ticket', { memberID, amount: '100000', sign })
  const amount = /tepat Rp ([\d.]+) ke /.exec(text)?.[1]?.replaceAll('.', '')
  ok(Number(amount) > 100_000 && Number(amount) < 101_000, text)
})

test('otomax client: an owner’s text and signs: in force for the next request (ZE11)', async () => {
  const admin = stage.demo(engine, 'admin')
  const path = '/api/v1/admin/otomax'
  const body = 'R#[refid] TrxID=[trxid] [kodeproduk] ke [tujuan] BERHASIL sn=[sn]'
  const text = { style: 'otomax', outcome: 'success', member_id: login.member_id, body }
  equal((await admin.send('PUT', `${path}/templates`, JSON.stringify(text))).status, 200)
  await until('the new text', 60_000, async () =>
    /^R#OX-1 TrxID=\d+ XLD10 ke 087800001230 BERHASIL sn=\S+$/.test(
      await client.trx('XLD10', '087800001230', 'OX-1'),
    ),
  )
  const { member_id: memberID, pin, password } = login
  const asked = { product: 'XLD10', dest: '087800001230', refID: 'OX-1', memberID }
  const digest = createHash('sha1')
    .update(`Otomax|${memberID}|XLD10|087800001230|OX-1|${pin}|${password}`)
    .digest('hex')
  const sign = Buffer.from(digest).toString('base64')
  match(await client.get('trx', { ...asked, sign }), /DITOLAK/)
  const forms = JSON.stringify({ sign_forms: ['hex', 'prefix'] })
  equal((await admin.send('PUT', `${path}/partners/${memberID}`, forms)).status, 200)
  await until('the imprecise sign', 60_000, async () =>
    (await client.get('trx', { ...asked, sign })).includes('BERHASIL'),
  )
  const mine = stage.demo(engine)
  equal((await mine.send('PUT', `${path}/templates`, JSON.stringify(text))).status, 403)
})

test('otomax client: afterwards: an independent reading of the journal agrees (ZE3, ZE4)', async () => {
  await atRest(engine.http)
  const { code, stdout } = await stage.cli(['verify'])
  equal(code, 0, stdout)
})
