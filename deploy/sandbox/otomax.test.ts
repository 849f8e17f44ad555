import { deepEqual, equal, match } from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, beforeEach, test } from 'node:test'
import { Buyer } from './counterpart.fixture.ts'
import { signOf } from './otomax.ts'

const buyer = await Buyer.open()
const heard: URLSearchParams[] = []
let tell: () => void = () => {}
const ear = createServer((request, response) => {
  heard.push(new URL(request.url!, 'http://x').searchParams)
  response.end('OK')
  tell()
})
await new Promise<void>(resolve => ear.listen(0, '127.0.0.1', resolve))
const report_url = `http://127.0.0.1:${(ear.address() as AddressInfo).port}/lapor`
after(() => {
  ear.closeAllConnections()
  ear.close()
  return buyer.close()
})

const account = { party: 'otomax', member_id: 'MEMBER1', pin: '1234', password: 'pass' }
beforeEach(async () => {
  heard.length = 0
  await buyer.oracle('reset', { party: 'otomax', accounts: true })
  await buyer.oracle('accounts', { ...account, report_url })
  await faults({})
})

const faults = (wish: object) => buyer.oracle('faults', { party: 'otomax', latency: 0, ...wish })
const sales = () => buyer.oracle<Record<string, unknown>[]>('sales?supplier=otomax')
const get = async (path: string, query: Record<string, string>): Promise<string> => {
  const url = `${buyer.sandbox.url}/otomax/${path}?${new URLSearchParams(query)}`
  return await (await fetch(url)).text()
}
const trx = (refID: string, given: Record<string, string> = {}) => {
  const order = { product: 'TSEL5', dest: '081200000001', refID, memberID: 'MEMBER1', ...given }
  const sign = signOf(['OtomaX', 'MEMBER1', order.product, order.dest, refID, '1234', 'pass'])
  return get('trx', { ...order, qty: '1', ...('pin' in given ? {} : { sign, ...given }) })
}
const ending = (then: string) => ({ p: 1, seconds: 60, ...Object.fromEntries([['then', then]]) })
const nextReport = async (): Promise<URLSearchParams> => {
  while (heard.length === 0) {
    await new Promise<void>(resolve => {
      tell = resolve
    })
  }
  return heard.shift()!
}

test('otomax: proof: a right sign or PIN and password, nothing else (PAM1)', async () => {
  const words = ['OtomaX', 'MEMBER1', 'S10', '081200000001', 'REF1', '1234', 'pass']
  equal(signOf(words), '2xVw6D-J7rOVnz36G5-vjT5JJyY')
  const balance = { memberID: 'member1', sign: 'CUUKqIyKcLvdNVbGbCEBCNsiB28' }
  equal(await get('balance', balance), 'Yth. SANDBOX (MEMBER1). Saldo 100.000.000.000!')
  const ticket = { memberID: 'MEMBER1', amount: '100000', sign: 'UHYG69m0FG_XySdv71LZ5JZk3Ek' }
  match(await get('ticket', ticket), /^Silakan transfer Rp 100\.\d{3} /)
  match(await trx('a'), / SUKSES\. /)
  match(await trx('b', { pin: '1234', password: 'pass' }), / SUKSES\. /)
  equal(await trx('c', { sign: 'x' }), 'Sign salah')
  equal(await trx('d', { pin: '1235', password: 'pass' }), 'PIN atau password salah')
  equal(await trx('e', { memberID: 'LAIN' }), 'Member tidak terdaftar')
  equal((await sales()).length, 2)
})

test('otomax: repeats: the state of what was bought then, for a day (PAM2)', async () => {
  const first = await trx('a')
  match(first, /^T#1 R#a .+ TSEL5\.081200000001 SUKSES\. SN\/Ref: R\d{6}\.\d{4}\.000001\. Saldo /)
  equal(await trx('a'), first)
  equal(await trx('a', { product: 'TSEL10', dest: '0899' }), first)
  equal((await sales()).length, 1)
  await buyer.oracle('clock', { party: 'otomax', advance_ms: 25 * 3_600_000 })
  match(await trx('a'), /^T#2 R#a /)
  equal((await sales())[0]!['times'], 2)
})

test('otomax: money: charged, given back, refused when short (PAM3)', async () => {
  await buyer.oracle('accounts', { ...account, balance: 8_000 })
  const [, before, price, after] = /Saldo (\S+) - (\S+) = (\S+) @/.exec(await trx('a'))!
  equal(before, '8.000')
  const plain = (amount: string) => Number(amount.replaceAll('.', ''))
  equal(plain(before!) - plain(price!), plain(after!))
  match(await trx('b'), /^R#b TSEL5\.081200000001 GAGAL\. Saldo tidak cukup\. Saldo /)
  match(await trx('c', { product: 'XXX' }), /GAGAL\. Produk tidak ditemukan\./)
  await buyer.oracle('accounts', { ...account, balance: 1_000_000 })
  await faults({ refuse: { p: 1, rc: '54' } })
  match(await trx('d'), /GAGAL\. Nomor tujuan salah\. Saldo 1\.000\.000 @/)
})

test('otomax: reports: by GET when it is over, in both shapes (PAM4)', async () => {
  await faults({ pending: { p: 1, seconds: 60 } })
  match(await trx('a'), / akan diproses\. /)
  await buyer.oracle('clock', { party: 'otomax', advance_ms: 61_000 })
  const report = await nextReport()
  deepEqual([...report.keys()], ['t', 'refid', 'status', 'price', 'message'])
  equal(`${report.get('refid')} ${report.get('status')}`, 'a 20')
  match(report.get('message')!, /^TSEL5\.081200000001 SUKSES\. SN\/Ref: /)
  match(await trx('a'), / SUKSES\. /)

  await buyer.oracle('accounts', { ...account, report_shape: 'irs' })
  await faults({ pending: ending('failed') })
  await trx('b')
  await buyer.oracle('clock', { party: 'otomax', advance_ms: 61_000 })
  const irs = await nextReport()
  const keys = ['serverid', 'clientid', 'statuscode', 'kp', 'msisdn', 'sn', 'msg']
  deepEqual([...irs.keys()], keys)
  equal(`${irs.get('clientid')} ${irs.get('statuscode')} ${irs.get('kp')}`, 'b 2 TSEL5')
})

test('otomax: faults: sold and cut off, the repeat tells; a report may overtake (PAM2)', async () => {
  await faults({ html_after_sale: 1 })
  match(await trx('a'), /pemeliharaan/)
  await faults({})
  match(await trx('a'), / SUKSES\. /)
  equal((await sales())[0]!['times'], 1)
  await faults({ callback_before_reply: 1, pending: { p: 1, seconds: 600 } })
  match(await trx('b'), / akan diproses\. /)
  equal((await nextReport()).get('refid'), 'b')
})

test('otomax: bills: told for nothing, paid once for what they cost (PAM5)', async () => {
  const bill = { dest: '530000000002', product: 'CEKPLN' }
  const told = await trx('q1', bill)
  const shape = new RegExp(
    '^R#q1 .+ CEKPLN\\.530000000002 SUKSES\\. SN/Ref: ' +
      '[A-Z ]+/TAG:(\\S+)/ADM:5\\.000/TOTAL:(\\S+)/PERIODE:',
  )
  const [, amount, total] = shape.exec(told)!
  const plain = (printed: string) => Number(printed.replaceAll('.', ''))
  equal(plain(amount!) + 5_000, plain(total!))
  deepEqual(await sales(), [])
  await faults({ pending: { p: 1, seconds: 60 } })
  match(await trx('q0', bill), /^R#q0 CEKPLN\.530000000002 akan diproses\. Saldo /)
  equal((await trx('q0', bill)).replace('q0', 'q1'), told)
  await faults({})
  match(await trx('q2', { ...bill, dest: '530000000003' }), /GAGAL\. Tagihan belum tersedia/)
  match(await trx('p0', { ...bill, product: 'BAYARPLN', dest: '9' }), /GAGAL\. Tagihan belum dicek/)
  // A reference that asked does not pay.
  equal(await trx('q1', { ...bill, product: 'BAYARPLN' }), told)
  deepEqual(await sales(), [])

  await faults({ html_after_sale: 1 })
  match(await trx('p1', { ...bill, product: 'BAYARPLN' }), /pemeliharaan/)
  await faults({ bill_extra: 1_000 })
  const paid = await trx('p1', { ...bill, product: 'BAYARPLN' })
  match(
    paid,
    /^T#1 R#p1 .+ BAYARPLN\.530000000002 SUKSES\. SN\/Ref: R\d{6}\.\d{4}\.000001\. Saldo /,
  )
  const [sale, ...others] = await sales()
  deepEqual([sale!['price'], sale!['times'], others.length], [plain(total!), 1, 0])
  match(await trx('q3', bill), new RegExp(`TOTAL:${dots(plain(total!) + 1_000)}/`))
})

const dots = (amount: number): string => String(amount).replace(/\B(?=(\d{3})+$)/g, '[.]')
