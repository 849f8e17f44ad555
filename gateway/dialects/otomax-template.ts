/**
 * The texts that partners' parsers read: one line per outcome, with OtomaX's placeholders.
 *
 *   'R#[refid] TrxID=[trxid] [kodeproduk].[tujuan] SUKSES. SN/Ref: [sn]. Saldo [saldo].'
 *
 * OTT1. A text in OtomaX's style names TrxID, product, destination and then the status, in this
 *       order, as its parsers expect; one that doesn't is not saved.
 * OTT2. A text says its own outcome and no other: no word of success in a failure, and none of
 *       either while it is open. A parser that looks for one word must not find the wrong one.
 * OTT3. Placeholders that are not known are refused, so that a PIN is never printed.
 * OTT4. What a stranger wrote can't bring a status word, a line or a placeholder into the reply.
 * OTT5. TrxID is our id as digits: parsers read it with \d+.
 */

import type { MemberCard } from '../../services/contract/identity.ts'
import type { BillView, OrderBrief } from '../../services/contract/order-view.ts'
import type { Rupiah } from '../../services/contract/words.ts'
import { otomaxNumber } from '../../services/wire/otomax.ts'
import { type OtomaxOutcome, otomaxTemplates, otomaxWords } from '../text/otomax.id.ts'

export type Style = keyof typeof otomaxTemplates
export const styles = Object.keys(otomaxTemplates) as readonly Style[]
export const outcomes = Object.keys(otomaxTemplates.otomax) as readonly OtomaxOutcome[]

export const templateLengthMax = 400

/** What a reply can speak of; absent is printed as a dash. */
export type Subject = {
  readonly member: Pick<MemberCard, 'memberId' | 'name'>
  readonly product?: string
  /** As it was sent, without the counter: that is what the other side compares. */
  readonly dest?: string
  readonly ref?: string
  readonly order?: Pick<OrderBrief, 'trxId' | 'price' | 'sn'> & { readonly bill?: BillView }
  /** As it was inquired; one that was paid stands in its order. */
  readonly bill?: BillView
  readonly price?: Rupiah
  readonly balance?: Rupiah
  readonly note?: string
  readonly at: number
}

type Print = (subject: Subject, outcome: OtomaxOutcome) => string

const printers: Readonly<Record<string, Print>> = {
  trxid: ({ order }) => (order === undefined ? '0' : otomaxNumber(order.trxId)),
  kodeproduk: ({ product }) => shown(product?.toUpperCase()),
  tujuan: ({ dest }) => shown(dest),
  refid: ({ ref }) => shown(ref),
  sn: ({ order }) => oneLine(order?.sn ?? ''),
  harga: ({ order, price = 0 }) => dotted(order?.price ?? price),
  hargaangka: ({ order, price = 0 }) => String(order?.price ?? price),
  saldo: ({ balance }) => (balance === undefined ? '-' : dotted(balance)),
  saldoangka: ({ balance }) => (balance === undefined ? '-' : String(balance)),
  keterangan: ({ note }) => oneLine(note ?? '').replace(/\.$/, ''),
  status: (_, outcome) => (outcome === 'balance' ? '' : otomaxWords[outcome]),
  statuskode: (_, outcome) => codeOf[outcome],
  waktu: ({ at }) => jakarta(at).slice(11, 19),
  tanggal: ({ at }) => jakarta(at).slice(0, 10).split('-').reverse().join('/'),
  qty: () => '1',
  nama: subject => shown(billOf(subject)?.customer),
  tagihan: subject => dotted(billOf(subject)?.amount ?? 0),
  tagihanangka: subject => String(billOf(subject)?.amount ?? 0),
  admin: subject => dotted(billOf(subject)?.admin ?? 0),
  adminangka: subject => String(billOf(subject)?.admin ?? 0),
  total: subject => dotted(totalOf(subject)),
  totalangka: subject => String(totalOf(subject)),
  periode: subject => shown(billOf(subject)?.periods),
  jmlbulan: subject => String(billOf(subject)?.periods.split(',').length ?? 0),
  kodereseller: ({ member }) => member.memberId,
  namareseller: ({ member }) => oneLine(member.name),
}

const billOf = ({ order, bill }: Subject): BillView | undefined => order?.bill ?? bill

function totalOf(subject: Subject): Rupiah {
  const { amount = 0, admin = 0 } = billOf(subject) ?? {}
  return amount + admin
}

export const placeholders = Object.keys(printers)

/** OtomaX's own numbers for how far an order is. */
const codeOf: Readonly<Record<OtomaxOutcome, string>> = {
  accepted: '1',
  processing: '1',
  success: '20',
  failed: '40',
  refunded: '40',
  refused: '40',
  bill: '20',
  bill_success: '20',
  balance: '',
}

const placeholder = /\[([a-z]+)\]/gi

export const templateOf = (
  card: Pick<MemberCard, 'templates'>,
  style: Style,
  outcome: OtomaxOutcome,
): string => card.templates[`${style}.${outcome}`] ?? otomaxTemplates[style][outcome]

export function render(template: string, outcome: OtomaxOutcome, subject: Subject): string {
  return template.replaceAll(
    placeholder,
    (all, name: string) => printers[name.toLowerCase()]?.(subject, outcome) ?? all,
  )
}

export const mentions = (template: string, ...names: readonly string[]): boolean =>
  namesOf(template).some(name => names.includes(name))

const namesOf = (template: string): string[] =>
  Array.from(template.matchAll(placeholder), match => match[1]!.toLowerCase())

type Flaw =
  | { readonly problem: 'length' | 'line' | 'order' | 'status_missing' | 'status_foreign' }
  | { readonly problem: 'placeholder'; readonly unknown: readonly string[] }

/** What keeps a text from being used, or null. */
export function flawOf(template: string, style: Style, outcome: OtomaxOutcome): Flaw | null {
  if (template.trim() === '' || template.length > templateLengthMax) return { problem: 'length' }
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(template)) return { problem: 'line' }
  const unknown = namesOf(template).filter(name => !(name in printers))
  if (unknown.length > 0) return { problem: 'placeholder', unknown }
  if (outcome === 'balance') return null
  const own = wordsOf[outcome]
  const foreign = Object.values(words).filter(word => word !== own && word !== words.open)
  if (foreign.some(word => word.test(template))) return { problem: 'status_foreign' }
  const lower = template.toLowerCase()
  const places = ['[trxid]', '[kodeproduk]', '[tujuan]'].map(name => lower.indexOf(name))
  if (style === 'otomax' && !isAscending(places)) return { problem: 'order' }
  const rest = style === 'otomax' ? lower.slice(places.at(-1)) : lower
  if (!own.test(rest) && !rest.includes('[status]')) return { problem: 'status_missing' }
  return null
}

const words = {
  success: /sukses|berhasil|success/i,
  failure: /gagal|failed|batal/i,
  open: /proses|process|pending|antri|tunggu/i,
} as const

const wordsOf: Readonly<Record<Exclude<OtomaxOutcome, 'balance'>, RegExp>> = {
  accepted: words.open,
  processing: words.open,
  success: words.success,
  failed: words.failure,
  refunded: words.failure,
  refused: words.failure,
  bill: words.success,
  bill_success: words.success,
}

const isAscending = (places: readonly number[]): boolean =>
  places.every((place, n) => place >= 0 && place > (places[n - 1] ?? -1))

/** A stranger's word, as far as it can stand in a reply. */
export const shown = (text: string | undefined): string =>
  text === undefined || text === ''
    ? '-'
    : text
        .replaceAll(/[^\w.@+\-|():,/# ]/g, '')
        .replaceAll(statusWord, word => word[0] + '*'.repeat(word.length - 1))

const statusWord = /sukses|berhasil|success|gagal|failed|batal|proses|process|pending/gi

const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()

/** 1234567 as Indonesians write it. */
export const dotted = (amount: Rupiah): string => String(amount).replaceAll(/\B(?=(\d{3})+$)/g, '.')

/** Jakarta keeps one distance from Greenwich all year. */
const jakarta = (at: number): string => new Date(at + 7 * 3_600_000).toISOString()

export const clockOf = (at: number): string =>
  `${jakarta(at).slice(0, 10).split('-').reverse().join('/')} ${jakarta(at).slice(11, 16)}`
