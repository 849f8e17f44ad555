/**
 * Digiflazz' postpaid side: inquire a bill, pay it, ask how the payment ended. A bill is computed
 * from its sku and customer number, so it is the same whenever it is asked for and costs no memory.
 *
 *   inq-pasca ─▶ (same ref, same day in Jakarta) ─▶ pay-pasca ─▶ status-pasca
 *
 * X22. The documented test numbers end as documented, for every family of bills.
 * X23. A payment needs an inquiry with the same reference on the same day in Jakarta.
 * X24. A status check never buys: unknown is rc 50, older than 90 days is "Data belum ada".
 */

import { wibDate } from './clock.ts'
import { type PascaProduct, pascaProducts } from './digiflazz-catalogue.ts'
import { codeOf } from './digiflazz-codes.ts'
import { type Account, dayMs, type Fate, type Till } from './digiflazz-till.ts'
import { between, hashOf, mix } from './prng.ts'
import type { Reply } from './reply.ts'
import type { Sale } from './sales.ts'

export type PascaCommand = 'inq-pasca' | 'pay-pasca' | 'status-pasca'

type PascaRequest = {
  readonly account: Account
  readonly ref: string
  readonly sku: string
  readonly target: string
  readonly callbackUrl: string | undefined
}

type Ends = {
  readonly ok: readonly string[]
  readonly inquiryFails: string
  readonly payFails: string
  readonly pendingOk: readonly string[]
  readonly pendingFails: string
}

const ends = (
  ok: readonly string[],
  inquiryFails: string,
  payFails: string,
  pendingOk: readonly string[],
  pendingFails: string,
): Ends => ({ ok, inquiryFails, payFails, pendingOk, pendingFails })

/** Of two numbers, the second has two bills. For samsat, what stands before the comma. */
export const testNumbers: Readonly<Record<string, Ends>> = {
  pln: ends(
    ['530000000001', '530000000002'],
    '530000000003',
    '530000000006',
    ['630000000001', '630000000002'],
    '630000000006',
  ),
  pdam: ends(['1013226'], '1013227', '1013230', ['2013226'], '2013230'),
  internet: ends(['6391601001'], '6391601002', '6391601005', ['7391601001'], '7391601005'),
  bpjs: ends(
    ['8801234560001'],
    '8801234560002',
    '8801234560005',
    ['9801234560001'],
    '9801234560005',
  ),
  multifinance: ends(['6391601201'], '6391601202', '6391601205', ['7391601201'], '7391601205'),
  cimahi: ends(
    ['329801092375999991'],
    '329801092375999992',
    '329801092375999995',
    ['429801092375999991'],
    '429801092375999995',
  ),
  pdl: ends(['3298010921'], '3298010922', '3298010923', ['4298010921'], '4298010923'),
  pgas: ends(
    ['0110014601', '0110014602'],
    '0110014603',
    '0110014605',
    ['1110014601', '1110014602'],
    '1110014605',
  ),
  tv: ends(['127246500101'], '127246500102', '127246500105', ['227246500101'], '227246500105'),
  bpjstk: ends(
    ['8102051011270001'],
    '8102051011270002',
    '8102051011270003',
    ['9102051011270001'],
    '9102051011270003',
  ),
  bpjstkpu: ends(
    ['400000100001'],
    '400000100002',
    '400000100003',
    ['500000100001'],
    '500000100003',
  ),
  plnnontaglist: ends(
    ['3225030005921'],
    '3225030005922',
    '3225030005923',
    ['4225030005921'],
    '4225030005923',
  ),
  emoney: ends(['082100000001'], '082100000002', '082100000003', ['082110000001'], '082110000003'),
  samsat: ends(
    ['9658548523568701'],
    '9658548523568702',
    '9658548523568705',
    ['0658548523568701'],
    '0658548523568705',
  ),
  hp: ends(['081234554320'], '081234554321', '081234554324', ['081244554320'], '081244554324'),
}

export class Pasca {
  readonly #till: Till

  constructor(till: Till) {
    this.#till = till
  }

  handle(command: PascaCommand, request: PascaRequest, reply: Reply) {
    const product = pascaProducts.get(request.sku)
    if (!product) return this.#short(reply, request, '43')
    switch (command) {
      case 'inq-pasca':
        return this.#inquire(product, request, reply)
      case 'pay-pasca':
        return this.#pay(product, request, reply)
      case 'status-pasca':
        return this.#status(request, reply)
    }
  }

  /** The body of a reply or callback about a payment. */
  describe(account: Account, sale: Sale, sn: string, numbersAsText: boolean): string {
    if (sale.status !== 'success') return JSON.stringify({ data: shortBody(sale, sale.code) })
    const product = pascaProducts.get(sale.product)!
    const bill = this.#billOf(product, sale.target)
    const body = {
      ...billBody(product, { ref: sale.ref, target: sale.target }, bill),
      sn: sale.product === 'bpjstk' ? '' : sn,
      periode: bill.periods.join(','),
      desc: descOf(product.sku, bill, 'pay'),
    }
    const numbers = { price: sale.price, buyer_last_saldo: account.balance }
    const wrong = { price: String(sale.price), buyer_last_saldo: String(account.balance) }
    return JSON.stringify({ data: { ...body, ...(numbersAsText ? wrong : numbers) } })
  }

  #inquire(product: PascaProduct, request: PascaRequest, reply: Reply) {
    const { account, ref, sku, target } = request
    if (account.refs.has(ref)) return this.#short(reply, request, '49')
    if (fatesOf(sku, target).inquiryFails) return this.#short(reply, request, '02')
    account.noteInquiry(ref, { sku, target, at: this.#till.clock.now() })
    const bill = this.#billOf(product, target)
    const body = {
      ...billBody(product, { ref, target }, bill),
      buyer_last_saldo: account.balance,
      price: bill.price,
      desc: descOf(sku, bill, 'inquiry'),
    }
    this.#till.plain(reply, 'inq-pasca', '00', JSON.stringify({ data: body }))
  }

  /** The bill as it is today. */
  #billOf(product: PascaProduct, target: string): Bill {
    return billOf(product, target, this.#till.faults.current.bill_extra)
  }

  #pay(product: PascaProduct, request: PascaRequest, reply: Reply) {
    const { account, ref, sku, target } = request
    const quote = () => {
      const inquiry = account.inquiries.get(ref)
      if (!inquiry) return '50'
      if (inquiry.sku !== sku || inquiry.target !== target) return '49'
      if (wibDate(inquiry.at) !== wibDate(this.#till.clock.now())) return '60'
      return this.#billOf(product, target).price
    }
    this.#till.trade({ ...request, isBill: true, fate: fatesOf(sku, target).fate, quote }, reply)
  }

  #status(request: PascaRequest, reply: Reply) {
    const { account, ref, sku, target } = request
    const sale = account.refs.get(ref)
    if (!sale) return this.#short(reply, request, '50')
    if (sale.product !== sku || sale.target !== target) return this.#short(reply, request, '49')
    if (this.#till.clock.now() - sale.madeAt > 90 * dayMs) {
      const body = { ...shortBody({ ref, product: sku, target }, '50'), message: 'Data belum ada' }
      return this.#till.plain(reply, 'transaction', '50', JSON.stringify({ data: body }))
    }
    this.#till.show(reply, account, sale)
  }

  #short(reply: Reply, { ref, sku, target }: PascaRequest, rc: string) {
    const body = { data: shortBody({ ref, product: sku, target }, rc) }
    this.#till.plain(reply, 'transaction', rc, JSON.stringify(body))
  }
}

function billBody(
  product: PascaProduct,
  about: { readonly ref: string; readonly target: string },
  bill: Bill,
) {
  return {
    ref_id: about.ref,
    customer_no: about.target,
    customer_name: bill.name,
    buyer_sku_code: product.sku,
    admin: product.admin * bill.periods.length,
    message: 'Transaksi Sukses',
    status: 'Sukses',
    rc: '00',
    selling_price: bill.sellingPrice,
  }
}

function shortBody(
  about: { readonly ref: string; readonly product: string; readonly target: string },
  rc: string,
) {
  const { message, status } = codeOf(rc)
  return {
    ref_id: about.ref,
    customer_no: about.target,
    buyer_sku_code: about.product,
    message,
    status,
    rc,
  }
}

/** What the test matrix says about a number. Any other number is thrown for like any purchase. */
function fatesOf(sku: string, target: string): { inquiryFails: boolean; fate: Fate | undefined } {
  const numbers = testNumbers[sku]!
  const number = target.split(',')[0]!
  const fate = (): Fate | undefined => {
    if (numbers.ok.includes(number)) return 'success'
    if (numbers.payFails === number) return 'failed'
    if (numbers.pendingOk.includes(number)) return 'pending_success'
    return numbers.pendingFails === number ? 'pending_failed' : undefined
  }
  return { inquiryFails: numbers.inquiryFails === number, fate: fate() }
}

type Bill = {
  readonly name: string
  readonly periods: readonly string[]
  readonly amountEach: number
  readonly admin: number
  /** What the buyer's deposit is charged. */
  readonly price: number
  /** What the consumer is suggested to pay. */
  readonly sellingPrice: number
  readonly dice: number
}

const names = ['BUDI SANTOSO', 'SITI AMINAH', 'AGUS SETIAWAN', 'DEWI LESTARI', 'RUDI HARTONO']

export function customerName(number: string): string {
  return names[between(hashOf(3, number), 0, names.length - 1)]!
}

export function billOf(product: PascaProduct, target: string, extra = 0): Bill {
  const numbers = testNumbers[product.sku]!
  const number = target.split(',')[0]!
  const hasTwo = numbers.ok.indexOf(number) === 1 || numbers.pendingOk.indexOf(number) === 1
  const dice = hashOf(11, `${product.sku} ${target}`)
  const amountEach = 500 * between(mix(dice, 1), 20, 600)
  const periods = hasTwo ? ['MEI 2026', 'JUN 2026'] : ['JUN 2026']
  const sellingPrice = (amountEach + product.admin) * periods.length + extra
  return {
    name: customerName(target),
    periods,
    amountEach,
    admin: product.admin,
    price: sellingPrice - product.commission * periods.length,
    sellingPrice,
    dice,
  }
}

/** The family's own fields. Strings where the documentation has strings, misfits included. */
function descOf(sku: string, bill: Bill, step: 'inquiry' | 'pay'): Record<string, unknown> {
  const count = bill.periods.length
  const amount = String(bill.amountEach)
  const admin = String(bill.admin)
  const alamat = 'JL MERDEKA NO 1 BANDUNG'
  const detail = (fields: (index: number) => Record<string, unknown>) =>
    bill.periods.map((periode, index) => ({ periode, ...fields(index) }))
  const meter = (index: number) => ({
    meter_awal: String(1000 + 100 * index),
    meter_akhir: String(1100 + 100 * index),
  })
  const land = {
    lembar_tagihan: count,
    alamat,
    tahun_pajak: '2026',
    kelurahan: 'CIBABAT',
    kecamatan: 'CIMAHI UTARA',
    kode_kab_kota: '0023',
    kab_kota: 'KOTA CIMAHI',
    luas_tanah: '120 M2',
    luas_gedung: '90 M2',
  }
  switch (sku) {
    case 'pln':
      return {
        tarif: 'R1',
        daya: 1300,
        lembar_tagihan: count,
        detail: detail(index => ({
          nilai_tagihan: amount,
          admin,
          denda: '0',
          ...(step === 'pay' ? meter(index) : {}),
        })),
      }
    case 'pdam':
      return {
        tarif: '3A',
        lembar_tagihan: count,
        alamat,
        jatuh_tempo: '1-15 JUN 2026',
        detail: detail(index => ({
          nilai_tagihan: amount,
          denda: '0',
          ...meter(index),
          biaya_lain: '0',
        })),
      }
    case 'internet':
      return { lembar_tagihan: count, detail: detail(() => ({ nilai_tagihan: amount, admin })) }
    case 'bpjs':
      return { jumlah_peserta: '2', lembar_tagihan: count, alamat, detail: detail(() => ({})) }
    case 'multifinance':
      return {
        lembar_tagihan: count,
        item_name: 'HONDA BEAT',
        no_rangka: 'MH1JFZ110JK000001',
        no_pol: 'D1234ABC',
        tenor: '030',
        detail: detail(() => ({ denda: '0', biaya_lain: '0' })),
      }
    case 'cimahi':
      return land
    case 'pdl':
      return { ...land, provinsi: 'JAWA BARAT' }
    case 'pgas':
      return {
        lembar_tagihan: count,
        alamat,
        detail: detail(index => ({ ...meter(index), usage: '100' })),
      }
    case 'tv':
      return {
        lembar_tagihan: count,
        detail: detail(index => ({ nilai_tagihan: amount, no_ref: String(7_000_001 + index) })),
      }
    case 'bpjstk':
      return {
        lembar_tagihan: count,
        kode_iuran: '829801092375',
        kode_program: 'JKK,JKM,JHT',
        jkk: 10_000,
        jkm: 6_800,
        jht: 20_000,
        kantor_cabang: 'BANDUNG',
        tgl_efektif: '2026-06-01',
        tgl_expired: '2026-06-30',
      }
    case 'bpjstkpu':
      return {
        lembar_tagihan: count,
        kode_iuran: '400000100001',
        jht: 57_000,
        jkk: 2_400,
        jkm: 3_000,
        jpk: 0,
        jpn: 30_000,
        npp: '12345678',
        kode_divisi: '000',
      }
    case 'plnnontaglist':
      return {
        lembar_tagihan: count,
        transaksi: 'PASANG BARU',
        no_registrasi: '3225030005921',
        tanggal_registrasi: '01 JUN 2026',
      }
    case 'samsat':
      return {
        lembar_tagihan: count,
        alamat,
        nomor_identitas: '0212502110170100',
        nomor_rangka: 'MH1JFZ110JK000001',
        nomor_mesin: 'JFZ1E1000001',
        nomor_polisi: 'D 1234 ABC',
        milik_kenama: bill.name,
        merek_kb: 'HONDA',
        model_kb: 'SEPEDA MOTOR',
        tahun_buatan: '2021',
        tgl_akhir_pajak_baru: '2027-06-30',
        biaya_pokok_bbn: '0',
        biaya_pokok_swd: '35000',
        biaya_pokok_pkb: amount,
        biaya_denda_swd: '0',
        biaya_denda_bbn: '0',
        biaya_denda_pkb: '0',
        biaya_admin_stnk: '0',
        biaya_admin_tnkb: '0',
        biaya_parkir_pokok: '0',
        biaya_pajak_progresif: '0',
      }
    default:
      return { lembar_tagihan: count }
  }
}
