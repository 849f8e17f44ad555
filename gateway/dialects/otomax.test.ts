import { deepEqual, doesNotMatch, equal, match } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { MemberCard, SignForm } from '../../services/contract/identity.ts'
import type { AttemptView, OrderView } from '../../services/contract/order-view.ts'
import type { RefusalCode } from '../../services/contract/words.ts'
import { bornAt, memberCard, orderView, plain, Stage, userId } from '../scripted.fixture.ts'
import { signOf } from './otomax-sign.ts'

const stages: Stage[] = []
const open = async (
  scripts: Parameters<typeof Stage.open>[0] = {},
  options: Parameters<typeof Stage.open>[1] = {},
) => {
  const wallet = { ok: { balance: 500_000, held: 100, available: 499_900 } }
  const stage = await Stage.open({ 'wallet.balance': () => wallet, ...scripts }, options)
  stages.push(stage)
  return stage
}
after(() => Promise.all(stages.map(stage => stage.close())))

/** Any word that a parser takes for the end of an order. */
const final = /sukses|berhasil|gagal|batal/i

const wish = { memberID: 'MEMBER1', product: 'S10', dest: '081200000001', qty: '1', refID: 'REF1' }
const login = { pin: '1234', password: 'pass' }

function get(stage: Stage, path: string, query: Record<string, string> = {}, headers = {}) {
  const text = new URLSearchParams(query).toString()
  return plain(stage, { path: `/h2h/${path}?${text}`, headers })
}

const buy = (stage: Stage, change: Record<string, string> = {}) =>
  get(stage, 'trx', { ...wish, ...login, ...change })

const signed = (change: Record<string, string> = {}) => {
  const { product, dest, refID } = { ...wish, ...change }
  const sign = signOf(`OtomaX|MEMBER1|${product.toUpperCase()}|${dest}|${refID}|1234|pass`)
  return { ...wish, ...change, sign }
}

test('otomax: an order: one line with TrxID, product, number, status (OTA1, OTA3, OTW1)', async () => {
  const stage = await open({}, { now: () => bornAt })
  const { status, headers, text } = await get(stage, 'trx', signed())
  equal(status, 200)
  match(headers.get('content-type')!, /^text\/plain/)
  match(
    text,
    /^R#REF1 TrxID=\d+ S10\.081200000001 Harga=10\.500 akan diproses\. Saldo 989\.500\. @10:04:05$/,
  )
  const named = { product: 'S10', destination: '081200000001' }
  deepEqual(stage.askedOf('order.place'), [
    { userId, level: 2, ref: 'REF1', ...named, said: named },
  ])
})

test('otomax: a member not looked up yet: what is asked carries the visit’s id (GEA1)', async () => {
  const stage = await open()
  const { headers } = await get(stage, 'trx', signed())
  const placing = stage.visits.find(({ action }) => action === 'order.place')
  equal(placing?.requestId, headers.get('x-request-id'))
})

test('otomax: member and product in small letters, a plus unescaped: signed all the same (OTA1)', async () => {
  const stage = await open()
  const sign = signOf('OtomaX|MEMBER1|S10|+6281200000001|REF1|1234|pass')
  const path = `/h2h/trx?memberid=member1&PRODUCT=s10&dest=+6281200000001&refid=REF1&sign=${sign}`
  match((await plain(stage, { path })).text, /TrxID=\d+ S10\.\+6281200000001 .* akan diproses/)
  const { destination, said } = stage.askedOf('order.place')[0]!
  equal(destination, '+6281200000001')
  // Reports name them as this answer does (WHA7).
  deepEqual(said, { product: 'S10', destination })
})

test('otomax: the same again: the state of the same order, other content rejected (OTA1, OTA2)', async () => {
  let order: OrderView | null = null
  const stage = await open({
    'order.place': ({ ref, product, destination }) => {
      if (order !== null && order.destination !== destination)
        return { refused: 'DUPLICATE_REF', order, moneyEffect: 'held' }
      const repeated = order !== null
      order ??= orderView({ ref, product, destination })
      return { ok: { order, balance: 1_000_000, repeated } }
    },
  })
  match((await buy(stage)).text, /akan diproses/)
  match((await buy(stage)).text, /sedang diproses\. Saldo 1\.000\.000\./)
  order = orderView({ ...order!, status: 'SUCCESS', sn: '1234/NAMA X/R1', moneyEffect: 'charged' })
  const { text } = await buy(stage)
  equal(/SUKSES\. SN\/Ref: (?<sn>.+)\. Saldo/.exec(text)?.groups?.['sn'], '1234/NAMA X/R1')
  const other = await buy(stage, { dest: '081200000002' })
  equal(other.status, 200)
  match(other.text, /^R#REF1 DITOLAK: .*isi yang berbeda\.$/)
  doesNotMatch(other.text, final)
  order = orderView({ ...order, status: 'REFUND', moneyEffect: 'refunded' })
  match((await buy(stage)).text, /GAGAL\. Transaksi ditarik kembali/)
})

test('otomax: who is not let in: one text for all of it, HTTP 200, nothing asked (OTA3, OTA4)', async () => {
  const stage = await open()
  const texts = await Promise.all(
    [
      { ...wish, ...login, pin: '1235' },
      { ...wish, ...login, password: 'Pass' },
      { ...wish, ...login, memberID: 'MEMBER2' },
      { ...wish, pin: '1234' },
      { ...wish, password: 'pass' },
      wish,
      { ...wish, sign: signOf('OtomaX|MEMBER1|S10|081200000001|REF2|1234|pass') },
      { ...wish, ...login, sign: 'short' },
      { ...wish, ...login, user: 'somebody' },
    ].map(async query => {
      const { status, text } = await get(stage, 'trx', query)
      equal(status, 200)
      return text
    }),
  )
  equal(new Set(texts).size, 1)
  match(texts[0]!, /^R#REF1 DITOLAK: memberID, PIN, password atau sign tidak cocok\.$/)
  doesNotMatch(texts[0]!, final)
  deepEqual(stage.askedOf('order.place'), [])
})

test('otomax: failed proofs: spend the address’s allowance, then nobody is looked up (OTA4)', async () => {
  const stage = await open({}, { limits: { authFailuresPerMin: 2 }, now: () => bornAt })
  for (let n = 0; n < 2; n++) equal((await buy(stage, { memberID: `N${n}` })).status, 200)
  const told = await buy(stage, { memberID: 'N3' })
  equal(told.status, 429)
  equal(told.headers.get('retry-after'), '30')
  match(told.text, /BELUM PASTI/)
  doesNotMatch(told.text, final)
  equal(stage.askedOf('identity.member').length, 2)
  match((await buy(stage)).text, /BELUM PASTI/)
})

test('otomax: known, but not let in: address and suspension, after the proof only (OTA2, OTA5)', async () => {
  const elsewhere = await open({ 'identity.member': () => memberCard({ ipAllow: ['10.0.0.1'] }) })
  const suspended = await open({ 'identity.member': () => memberCard({ status: 'suspended' }) })
  for (const [stage, words] of [
    [elsewhere, /DITOLAK: alamat IP Anda tidak terdaftar\.$/],
    [suspended, /DITOLAK: akun Anda sedang dinonaktifkan\.$/],
  ] as const) {
    const { status, text } = await buy(stage)
    equal(status, 200)
    match(text, words)
    doesNotMatch(text, final)
    match((await buy(stage, { pin: '0' })).text, /tidak cocok/)
    deepEqual(stage.askedOf('order.place'), [])
  }
  const here = await open({ 'identity.member': () => memberCard({ ipAllow: ['127.0.0.0/8'] }) })
  match((await buy(here)).text, /akan diproses/)
})

test('otomax: the rate: 429, and no word about the order (OTA2, OTA3, OTA5)', async () => {
  const card = () => memberCard({ ratePerMin: 1 })
  const stage = await open({ 'identity.member': card }, { now: () => bornAt })
  match((await buy(stage)).text, /akan diproses/)
  const { status, headers, text } = await buy(stage)
  deepEqual([status, headers.get('retry-after')], [429, '60'])
  match(text, /^R#REF1 BELUM PASTI: .*refID yang sama/)
  doesNotMatch(text, final)
  match((await get(stage, 'balance', { memberID: 'MEMBER1', ...login })).text, /Saldo 499\.900!/)
})

test('otomax: a PIN alone: only where it was allowed and addresses are listed (OTA6)', async () => {
  const query = { ...wish, pin: '1234' }
  const tell = async (signForms: SignForm[], ipAllow: string[]) => {
    const stage = await open({ 'identity.member': () => memberCard({ signForms, ipAllow }) })
    return (await get(stage, 'trx', query)).text
  }
  match(await tell(['pin-only'], ['127.0.0.1']), /akan diproses/)
  match(await tell(['pin-only'], []), /tidak cocok/)
  match(await tell(['pin-only'], ['10.0.0.1']), /tidak cocok/)
  match(await tell([], ['127.0.0.1']), /tidak cocok/)
})

test('otomax: refusals: GAGAL with its reason and no TrxID, HTTP 200 (OTA2, OTA3)', async () => {
  let refused: RefusalCode = 'NOT_FOUND'
  const stage = await open({ 'order.place': () => ({ refused, moneyEffect: 'none' }) })
  const expected: Partial<Record<RefusalCode, RegExp>> = {
    PRODUCT_UNKNOWN: /Kode produk tidak ditemukan/,
    INSUFFICIENT_BALANCE: /Saldo Anda tidak cukup/,
    PREFIX_MISMATCH: /tidak sesuai dengan operator/,
    DESTINATION_INVALID: /Nomor tujuan tidak benar/,
    PRODUCT_CLOSED: /sedang tutup/,
    PRODUCT_UNSUPPLIED: /kosong atau gangguan/,
    TWIN_ORDER: /baru saja dibuat/,
    PRICE_ABOVE_MAX: /lebih tinggi/,
  }
  for (const [code, words] of Object.entries(expected)) {
    refused = code as RefusalCode
    const { status, text } = await buy(stage)
    equal(status, 200)
    match(text, /^R#REF1 TrxID=0 S10\.081200000001 GAGAL\. .*\. Saldo 499\.900\. @/)
    match(text, words)
  }
  for (const code of ['DUPLICATE_REF', 'CLIENT_SUSPENDED', 'ORDER_BUSY'] as const) {
    refused = code
    const { text } = await buy(stage)
    match(text, /DITOLAK/, code)
    doesNotMatch(text, final)
  }
})

test('otomax: a failed order: the reason where it is about the number (OTA2)', async () => {
  const attempt: AttemptView = {
    ...{ n: 1, supplier: 'a', sku: 's', ref: 'r', cost: 1, outcome: 'failed', code: '54' },
    ...{ message: 'saldo kami habis', startedAt: 1, answeredAt: 2, latencyMs: 1, reply: null },
  }
  const order = orderView({ status: 'FAILED', moneyEffect: 'refunded', attempts: [attempt] })
  const stage = await open({
    'order.place': () => ({ ok: { order, balance: 5, repeated: true } }),
  })
  match((await buy(stage)).text, /GAGAL\. Nomor tujuan salah\. Saldo 5\./)
})

test('otomax: faults: never a word of an end, 503, ask again (OTA2, OTA3)', async () => {
  const faults = [
    { fault: 'OVERLOADED', retryAfterMs: 2_000, moneyEffect: 'none' },
    { fault: 'JOURNAL_UNAVAILABLE', retryAfterMs: 2_000 },
  ] as const
  for (const fault of faults) {
    const stage = await open({ 'order.place': () => fault })
    const { status, headers, text } = await buy(stage)
    deepEqual([status, headers.get('retry-after')], [503, '2'])
    doesNotMatch(text, final)
  }
  const broken = await open({
    'order.place': () => {
      throw new Error('no')
    },
  })
  const full = await open({}, { limits: { inFlightMax: 0 } })
  const blind = await open({
    'identity.member': () => {
      throw new Error('no')
    },
  })
  for (const stage of [broken, full, blind]) {
    const { status, text } = await buy(stage)
    equal(status, 503)
    doesNotMatch(text, final)
  }
})

test('otomax: repeats of one number: told to the catalogue as its counter (OTA1)', async () => {
  const stage = await open()
  const ways = [{ dest: '2.081200000001' }, { counter: '2' }, { dest: '081200000001-2' }]
  for (const [n, way] of [...ways, { dest: '081200000001#2' }].entries()) {
    const { text } = await buy(stage, { ...way, refID: `N${n}` })
    match(text, / S10\.081200000001 /)
  }
  deepEqual(
    stage.askedOf('order.place').map(({ destination }) => destination),
    Array.from({ length: 4 }, () => '081200000001#2'),
  )
  match((await buy(stage, { dest: '2.081200000001', counter: '3' })).text, /DITOLAK/)
  const { text } = await get(stage, 'trx', signed({ dest: '2.081200000001' }))
  match(text, /akan diproses/)
})

test('otomax: check, testing, quantity: nothing is bought that was not meant (OTA7)', async () => {
  const stage = await open(
    {
      'order.byRef': ({ ref, product, destination }) => {
        if (ref !== 'REF1') return { refused: 'NOT_FOUND', moneyEffect: 'none' }
        const isOther = product !== 'S10' || destination === '081299999999'
        return isOther
          ? { refused: 'DUPLICATE_REF', moneyEffect: 'charged' }
          : { ok: orderView({ status: 'SUCCESS', sn: 'SN1', product: 'S10' }) }
      },
    },
    { mode: 'production' },
  )
  match((await buy(stage, { check: '1' })).text, /SUKSES\. SN\/Ref: SN1\. Saldo 499\.900/)
  match((await buy(stage, { check: '1', product: 'S20' })).text, /DITOLAK: .*berbeda/)
  match((await buy(stage, { check: '1', dest: '081299999999' })).text, /DITOLAK: .*berbeda/)
  match((await buy(stage, { check: '1', refID: 'NONE' })).text, /DITOLAK: .*belum pernah/)
  match((await buy(stage, { testing: '1' })).text, /DITOLAK: mode testing/)
  match((await buy(stage, { qty: '2' })).text, /DITOLAK: qty/)
  match((await buy(stage, { denom: '50000' })).text, /DITOLAK: qty/)
  deepEqual(stage.askedOf('order.place'), [])
  await buy(stage, { hargamax: '10500', qty: '', cb_url: 'https://client.example/report' })
  const [placed] = stage.askedOf('order.place')
  deepEqual(
    [placed?.maxPrice, placed?.callbackUrl],
    [10_500, 'otomax+https://client.example/report'],
  )
  match((await buy(stage, { cb_url: 'file:///etc' })).text, /DITOLAK/)
})

test('otomax: hargamax: empty and 0 are what was not given (OTA7)', async () => {
  for (const limit of [{ hargamax: '' }, { hargamax: '0' }, { max_price: '00' }]) {
    const stage = await open()
    match((await buy(stage, limit)).text, /akan diproses/)
    equal(stage.askedOf('order.place')[0]?.maxPrice, undefined)
  }
  const stage = await open()
  match((await buy(stage, { hargamax: '-1' })).text, /DITOLAK/)
})

const bill = {
  customer: 'BUDI SUKSES',
  periods: 'SEP,OKT',
  amount: 95_000,
  admin: 2_500,
  detail: '',
}

/** A house with one bill, PLN; a payment is open until it is said to be over. */
const billing = (change: Partial<OrderView> = {}, card: Partial<MemberCard> = {}) =>
  open({
    'identity.member': () => memberCard(card),
    'postpaid.meant': ({ product, words }) => {
      const [, word = ''] = /^(\w+?)\.?PLN$/i.exec(product) ?? []
      const isAmong = (list: readonly string[]) => list.includes(word.toUpperCase())
      if (isAmong(words.inquiry)) return { what: 'inquiry', product: 'PLN' }
      return isAmong(words.pay) ? { what: 'pay', product: 'PLN' } : { what: 'order', product }
    },
    'postpaid.inquire': ({ product, destination }) =>
      destination === '530000000009'
        ? { refused: 'BILL_UNAVAILABLE', moneyEffect: 'none' }
        : {
            ok: {
              kind: 'bill',
              bill: {
                ...{ ...bill, product, destination, price: 96_000 },
                ...{ token: 't', expiresAt: bornAt },
              },
            },
          },
    'postpaid.pay': ({ ref, product, destination }) => {
      if (ref === 'NEW') return { refused: 'INQUIRY_REQUIRED', moneyEffect: 'none' }
      const order = orderView({ ref, product, destination, price: 96_000, bill, ...change })
      return { ok: { order, balance: 5_000, repeated: false } }
    },
    'order.byRef': ({ ref, product }) =>
      product === 'PLN'
        ? { ok: orderView({ ref, product, bill, ...change }) }
        : { refused: 'DUPLICATE_REF', moneyEffect: 'held' },
  })
const pln = { product: 'CEKPLN', dest: '530000000001' }

test('otomax: a bill: told in the words of a code, and nothing is bought (OTA8)', async () => {
  const stage = await billing()
  const { text } = await buy(stage, pln)
  const words = /^R#REF1 TrxID=0 CEKPLN\.530000000001 SUKSES\. SN\/Ref: BUDI S\*+\/TAG:95000/
  match(text, words)
  match(text, /\/ADM:2500\/TOTAL:97500\/PERIODE:SEP,OKT\. Saldo 499\.900\. .*Harga=96\.000$/)
  deepEqual(stage.askedOf('postpaid.inquire'), [
    {
      ...{ userId, level: 2, ref: 'REF1', product: 'PLN', destination: '530000000001' },
      byNumber: true,
    },
  ])
  for (const way of [{ product: 'inq.PLN' }, { product: 'PLN', jenis: '5' }])
    match((await buy(stage, { ...pln, ...way })).text, /SUKSES\. SN\/Ref: BUDI/)
  match((await buy(stage, { ...pln, dest: '530000000009' })).text, /GAGAL\. Tagihan tidak ditem/)
  const irs = { id: 'MEMBER1', pin: '1234', pass: 'pass', idtrx: '77', tujuan: '530000000001' }
  const told = await get(stage, 'irs/transaction', { ...irs, kodeproduk: 'PLN', jenis: '5' })
  match(told.text, /^Code=PLN cek Tagihan SUKSES ke 530000000001 Nama=BUDI .*JmlBulan=2\./)
  deepEqual(stage.askedOf('order.place'), [])
  deepEqual(stage.askedOf('postpaid.pay'), [])
})

test('otomax: a bill’s payment: what was inquired, and its state when repeated (OTA8, OTA9)', async () => {
  const stage = await billing()
  const pay = { ...pln, product: 'BAYARPLN', refID: 'P1' }
  match((await buy(stage, pay)).text, /TrxID=\d+ BAYARPLN\.530000000001 Harga=96\.000 akan dipro/)
  const [asked] = stage.askedOf('postpaid.pay')
  deepEqual([asked?.product, asked?.byNumber, asked?.ref], ['PLN', true, 'P1'])
  match((await buy(stage, { ...pay, refID: 'NEW' })).text, /TrxID=0 .* GAGAL\. tagihan ini belum/)
  match((await buy(stage, { ...pay, check: '1' })).text, /BAYARPLN\.530000000001 sedang dipro/)
  match((await buy(stage, { ...pay, check: '1', product: 'S10' })).text, /DITOLAK: .*berbeda/)
  const over = await billing({ status: 'SUCCESS', sn: 'SN1', moneyEffect: 'charged' })
  match((await buy(over, pay)).text, /SUKSES\. SN\/Ref: SN1\/BUDI S\*+\/TAG:95000\/.*Saldo 5\.000/)
  const irs = { id: 'MEMBER1', pin: '1234', pass: 'pass', idtrx: '77', tujuan: '530000000001' }
  const paid = await get(over, 'irs/transaction', { ...irs, kodeproduk: 'PLN', jenis: '6' })
  // As it is published for servers of this trade.
  const shape = new RegExp(
    'Code=(?<kode>.+) bayar Tagihan SUKSES ke (?<tujuan>.+) SN:(?<keterangan1>.+)[ ]*' +
      '[/]Tagihan=(?<tagihanasli>\\d+)[/]Admin=(?<admin>\\d+)[/]Total Tagihan=(?<tagiha' +
      'n>\\d+)[/]JmlBulan=(?<qty>\\d+).Saldo=(?<saldo>\\d+).Harga=(?<hargabeli>\\d+).Cl' +
      'ientid=(?<clientidpay>.+).Clientidinq=(?<clientidinq>.+).',
  )
  deepEqual(
    { ...shape.exec(paid.text)?.groups },
    {
      ...{ kode: 'PLN', tujuan: '530000000001', keterangan1: 'SN1', tagihanasli: '95000' },
      ...{ admin: '2500', tagihan: '97500', qty: '2', saldo: '5000', hargabeli: '96000' },
      ...{ clientidpay: '77', clientidinq: '77' },
    },
  )
  const failed = { status: 'FAILED', failure: 'bill_changed', moneyEffect: 'refunded' } as const
  match((await buy(await billing(failed), pay)).text, /GAGAL\. Jumlah tagihan berubah/)
})

test('otomax: codes for bills: those agreed with the partner, and no others (OTA8, OTA9)', async () => {
  const bills = { inquiry: ['TAG'], pay: ['BYR'], pair: 'ref' } as const
  const stage = await billing({}, { bills })
  match((await buy(stage, { ...pln, product: 'TAGPLN' })).text, /SUKSES/)
  match((await buy(stage, { ...pln, product: 'BYRPLN' })).text, /akan diproses/)
  equal(stage.askedOf('postpaid.inquire')[0]?.byNumber, false)
  equal(stage.askedOf('postpaid.pay')[0]?.byNumber, false)
  await buy(stage, pln)
  equal(stage.askedOf('order.place')[0]?.product, 'CEKPLN')
})

test('otomax: balance and ticket: their own signs, their own texts (OTA1)', async () => {
  const bank = { code: 'BCA', name: 'BCA', number: '123', holder: 'PT Laju' }
  const ticket = {
    ...{ id: '1', base: 100_000, code: 123, amount: 100_123, status: 'open', bank },
    ...{ createdAt: bornAt, expiresAt: bornAt, paidAt: null, transferId: null },
  } as const
  const stage = await open({ 'deposit.ticket': () => ({ ok: ticket }) as never })
  const balance = { memberID: 'MEMBER1', sign: 'CUUKqIyKcLvdNVbGbCEBCNsiB28' }
  match(
    (await get(stage, 'balance', balance)).text,
    /^Yth\. Toko Contoh \(MEMBER1\)\. Saldo 499\.900!/,
  )
  match((await get(stage, 'trx', { ...wish, ...balance })).text, /tidak cocok/)
  const asked = { memberID: 'MEMBER1', amount: '100000', sign: 'UHYG69m0FG_XySdv71LZ5JZk3Ek' }
  match(
    (await get(stage, 'ticket', asked)).text,
    /^Tiket deposit .* tepat Rp 100\.123 ke BCA 123 a\/n PT Laju sebelum 02\/01\/2026 10:04 WIB\.$/,
  )
  deepEqual(stage.askedOf('deposit.ticket'), [{ userId, amount: 100_000 }])
  match((await get(stage, 'ticket', { ...asked, amount: '200000' })).text, /tidak cocok/)
  match((await get(stage, 'ticket', { ...asked, amount: '0' })).text, /DITOLAK/)
})

test('otomax: odd queries: rejected in one line, the next one is served (OTW1, OTA2)', async () => {
  const stage = await open()
  const head = '/h2h/trx?memberID=MEMBER1&pin=1234&password=pass&refID=R1'
  const odd = [
    ...['', '&product=S10', '&product=S10&dest=08%00', '&product=S10&dest=%zz'],
    ...['&product=S10&dest=0812&dest=0813', '&product=S%2010&dest=0812', '&dest=0812&product='],
    ...['&product=S10&dest=0812%0d%0aSUKSES', `&product=S10&dest=${'0'.repeat(65)}`],
    ...['&product=S10&dest=0812&counter=x', '&product=S10&dest=%F0%9F%98%80'],
  ]
  for (const tail of odd) {
    const { status, text } = await plain(stage, { path: head + tail })
    equal(status, 200, tail)
    match(text, /^DITOLAK: [^\n]*$/, tail)
    doesNotMatch(text, final)
  }
  deepEqual(stage.askedOf('order.place'), [])
  match((await buy(stage)).text, /akan diproses/)
})

test('otomax: every dialect: its names, its texts (OTR1)', async () => {
  const stage = await open()
  const irs = { id: 'MEMBER1', pin: '1234', user: 'user', pass: 'pass' }
  const asked = { kodeproduk: 'S10', tujuan: '081200000001', idtrx: '77' }
  const sold = /^Request S10 ke 081200000001 segera diproses Saldo=989500 CLIENTID=77\./
  for (const dialect of ['irs', 'st24', 'sipas'])
    match((await get(stage, `${dialect}/transaction`, { ...irs, ...asked })).text, sold)
  const tiger = { idmember: 'MEMBER1', pin: '1234', user: 'MEMBER1', password: 'pass' }
  const tigerAsked = { produk: 'S10', tujuan: '081200000001', reqid: '77' }
  match((await get(stage, 'tiger/transaction', { ...tiger, ...tigerAsked })).text, sold)
  const payuni = { ...wish, ...login, refID: '77' }
  match((await get(stage, 'payuni/transaction', payuni)).text, sold)
  const serpul = { ...wish, ...login, counter: '1' }
  for (const path of ['serpul/transaction', 'without-sign/trx', 'otomax/transaction'])
    match((await get(stage, path, serpul)).text, /TrxID=\d+ S10\.081200000001 .* akan diproses/)
  match((await get(stage, 'irs/balance', irs)).text, /^MEMBER1 SALDO=499900$/)
  match((await get(stage, 'irs/transaction', { ...irs, ...asked, pass: 'x' })).text, /tidak cocok/)
})

test('otomax: a callback address: called as those who asked call each other (OTR3)', async () => {
  const stage = await open()
  const address = 'https://client.example/report'
  const irs = { id: 'MEMBER1', pin: '1234', pass: 'pass', kodeproduk: 'XLD10', cb_url: address }
  await get(stage, 'irs/transaction', { ...irs, tujuan: '087812345678', idtrx: '78' })
  await buy(stage, { cb_url: address })
  deepEqual(
    stage.askedOf('order.place').map(({ callbackUrl }) => callbackUrl),
    [`irs+${address}`, `otomax+${address}`],
  )
})

test('otomax: a posted form: read like a query (OTR2)', async () => {
  const stage = await open()
  const body = new URLSearchParams({ ...wish, ...login }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const { text } = await plain(stage, { method: 'POST', path: '/h2h/trx', body, headers })
  match(text, /akan diproses/)
  const twice = { method: 'POST', path: '/h2h/trx?dest=0899', body, headers }
  match((await plain(stage, twice)).text, /DITOLAK/)
})

test('otomax: templates: the partner’s own, and a balance where it names one (OTW1, OTW2)', async () => {
  let balances = 0
  const templates = {
    'otomax.accepted': 'OK TrxID=[trxid] [kodeproduk] [tujuan] diproses',
    'otomax.refused': 'NO TrxID=[trxid] [kodeproduk] [tujuan] GAGAL sisa [saldoangka]',
  }
  let isRefusing = false
  const stage = await open({
    'identity.member': () => memberCard({ templates }),
    'order.place': ({ ref }) =>
      isRefusing
        ? { refused: 'PRODUCT_UNKNOWN', moneyEffect: 'none' }
        : { ok: { order: orderView({ ref }), balance: 1, repeated: false } },
    'wallet.balance': () => {
      if (++balances > 1) throw new Error('no')
      return { ok: { balance: 7, held: 0, available: 7 } }
    },
  })
  match((await buy(stage)).text, /^OK TrxID=\d+ S10 081200000001 diproses$/)
  equal(balances, 0)
  isRefusing = true
  match((await buy(stage)).text, /^NO TrxID=0 S10 081200000001 GAGAL sisa 7$/)
  match((await buy(stage)).text, /GAGAL sisa -$/)
})
