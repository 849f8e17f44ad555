/**
 * A QRIS, read, built, and made dynamic. Whoever has one of these values has a text that keeps
 * every rule; what does not is a list of problems, each with the path of its tag.
 *
 *   text ──parse──▶ Qris ──toDynamic(amount, …)──▶ Qris          merchant's data ──build──▶ Qris
 *
 * QRC1. A QRIS is changed field by field, never by searching its text: "5802ID" or "010211" may
 *       stand inside any value.
 * QRC2. Made dynamic: 01 says so, the old amount and tip go, the new amount stands behind the
 *       currency (53); every other field stays as it was, in its place.
 * QRC3. Labels of additional data are set among those that are there; no other label is touched.
 * QRC4. What can not be a QRIS is refused with its problems, also when we built it ourselves; a
 *       QRIS that is dynamic already belongs to another payment and is not made dynamic again.
 * QRC5. An amount is written in whole rupiah. One that is read may have cents, which are told
 *       apart.
 * QRC6. Charges that are put together say what each of them would say, read back.
 */

import { amountMax } from '../../engine/money.ts'
import { crcOf } from './crc.ts'
import { type Criteria, isNmid, payloadCharsMax, problemsOf } from './rules.ts'
import {
  charsIn,
  type Field,
  isSome,
  misfitsIn,
  type Read,
  readFields,
  valueAt,
  writeFields,
} from './tlv.ts'

type Tip =
  | { readonly by: 'payer' }
  /** Whole rupiah; cents of a tip, should somebody print them, are not told. */
  | { readonly by: 'fixed'; readonly amount: number }
  /** In hundredths of a percent: 250 is 2.50 %. */
  | { readonly by: 'percent'; readonly bps: number }

/** `cents` is nearly always 0: rupiah has had no coins below one for generations. */
type QrisAmount = { readonly rupiah: number; readonly cents: number }

type QrisAccount = {
  readonly tag: string
  readonly scheme: string
  readonly pan?: string
  readonly merchantId?: string
  readonly criteria?: Criteria
}

type Labels = {
  readonly billNumber?: string
  readonly storeLabel?: string
  readonly referenceLabel?: string
  readonly terminalLabel?: string
}

export type Qris = {
  readonly text: string
  readonly fields: readonly Field[]
  readonly kind: 'static' | 'dynamic'
  readonly accounts: readonly QrisAccount[]
  readonly nmid?: string
  readonly mcc: string
  readonly amount?: QrisAmount
  readonly tip?: Tip
  readonly merchantName: string
  readonly city: string
  readonly postalCode: string
  readonly labels: Labels
}

export type Merchant = {
  readonly accounts: readonly {
    readonly tag?: string
    readonly scheme: string
    readonly pan: string
    readonly merchantId: string
    readonly criteria: Criteria
  }[]
  readonly national?: {
    readonly scheme?: string
    readonly nmid: string
    readonly criteria: Criteria
  }
  readonly mcc: string
  readonly name: string
  readonly city: string
  readonly postalCode: string
  readonly labels?: Labels
}

export type Charge = {
  readonly amount: number
  readonly tip?: Tip
  readonly labels?: Labels
}

const labelTags = {
  billNumber: '01',
  storeLabel: '03',
  referenceLabel: '05',
  terminalLabel: '07',
} as const
const nationalScheme = 'ID.CO.QRIS.WWW'
/** What a charge brings anew. */
const chargeTags: ReadonlySet<string> = new Set(['54', '55', '56', '57'])

export function parse(text: string): Read<Qris> {
  // Far beyond the limit nobody counts characters.
  if (text.length > payloadCharsMax * 2 || charsIn(text) > payloadCharsMax) {
    return { problems: [{ path: '', code: 'too_long' }] }
  }
  const read = readFields(text)
  if ('problems' in read) return read
  const problems = problemsOf(text, read.ok)
  return isSome(problems) ? { problems } : { ok: viewOf(text, read.ok) }
}

/** A merchant's QRIS: static, or for one charge. */
export function build(merchant: Merchant, charge?: Charge): Read<Qris> {
  const templates = merchant.accounts.map(({ tag, ...account }, index) => ({
    tag: tag ?? String(26 + index),
    fields: [
      { tag: '00', value: account.scheme },
      { tag: '01', value: account.pan },
      { tag: '02', value: account.merchantId },
      { tag: '03', value: account.criteria },
    ],
  }))
  if (merchant.national) {
    const { scheme, nmid, criteria } = merchant.national
    const fields = [
      { tag: '00', value: scheme ?? nationalScheme },
      { tag: '02', value: nmid },
      { tag: '03', value: criteria },
    ]
    templates.push({ tag: '51', fields })
  }
  const problems = templates.flatMap(({ tag, fields }) => misfitsIn(fields, tag))
  if (isSome(problems)) return { problems }
  const built = labelled(
    [
      { tag: '00', value: '01' },
      { tag: '01', value: '11' },
      ...templates.map(({ tag, fields }) => ({ tag, value: writeFields(fields) })),
      { tag: '52', value: merchant.mcc },
      { tag: '53', value: '360' },
      { tag: '58', value: 'ID' },
      { tag: '59', value: merchant.name },
      { tag: '60', value: merchant.city },
      { tag: '61', value: merchant.postalCode },
    ],
    merchant.labels ?? {},
  )
  if ('problems' in built) return built
  const qris = sealed(built.ok)
  return 'ok' in qris && charge ? toDynamic(qris.ok, charge) : qris
}

export function toDynamic(qris: Qris, { amount, tip, labels }: Charge): Read<Qris> {
  if (qris.kind === 'dynamic') return { problems: [{ path: '01', code: 'already_dynamic' }] }
  if (!isWhole(amount) || amount === 0) return { problems: [{ path: '54', code: 'invalid' }] }
  const told = tip === undefined ? [] : tipFields(tip)
  if (told === undefined) return { problems: [{ path: '55', code: 'invalid' }] }
  const charged = [{ tag: '54', value: String(amount) }, ...told]
  const kept = qris.fields.filter(({ tag }) => tag !== '63' && !chargeTags.has(tag))
  const fields = kept.flatMap((field): readonly Field[] => {
    if (field.tag === '01') return [{ tag: '01', value: '12' }]
    return field.tag === '53' ? [field, ...charged] : [field]
  })
  const hasMethod = fields.some(({ tag }) => tag === '01')
  const dynamic = hasMethod ? fields : fields.toSpliced(1, 0, { tag: '01', value: '12' })
  const done = labelled(dynamic, labels ?? {})
  return 'problems' in done ? done : sealed(done.ok)
}

/** The text of one charge; its label is as long as was said. */
type Charges = (amount: number, referenceLabel: string) => string

/**
 * A QRIS that is charged again and again. The longest charge is read back; what keeps the rules
 * once keeps them each time, so all others are only put together, in a tenth of the time.
 */
export function chargesOf(qris: Qris, labelChars: number): Read<Charges> {
  const labels = { referenceLabel: 'P'.repeat(labelChars) }
  const longest = toDynamic(qris, { amount: amountMax, labels })
  if ('problems' in longest) return longest
  const fields = longest.ok.fields.filter(({ tag }) => tag !== '63')
  const additional = valueAt(fields, '62')!
  const parts = nested(additional)
  const at = parts.findIndex(({ tag }) => tag === labelTags.referenceLabel)
  const length = String(charsIn(additional)).padStart(2, '0')
  const opening = `62${length}${writeFields(parts.slice(0, at))}`
  const closing = writeFields(parts.slice(at + 1))
  const texts = fields.map(field => writeFields([field]))
  const [ofAmount, ofLabel] = ['54', '62'].map(tag => fields.findIndex(one => one.tag === tag))
  return {
    ok(amount, referenceLabel) {
      const label = [{ tag: labelTags.referenceLabel, value: referenceLabel }]
      texts[ofAmount!] = writeFields([{ tag: '54', value: String(amount) }])
      texts[ofLabel!] = opening + writeFields(label) + closing
      const text = `${texts.join('')}6304`
      return text + crcOf(text)
    },
  }
}

/** The fields with their check sum behind them, read back as any other text would be. */
function sealed(fields: readonly Field[]): Read<Qris> {
  const problems = misfitsIn(fields)
  if (isSome(problems)) return { problems }
  const text = `${writeFields(fields)}6304`
  return parse(text + crcOf(text))
}

/** Sets labels within 62, each at its number's place; without a 62 it is put before 63 or 64. */
function labelled(fields: readonly Field[], labels: Labels): Read<readonly Field[]> {
  const wished = (Object.keys(labelTags) as (keyof Labels)[]).flatMap(name => {
    const value = labels[name]
    return value === undefined ? [] : [{ tag: labelTags[name], value }]
  })
  if (wished.length === 0) return { ok: fields }
  const problems = misfitsIn(wished, '62')
  if (isSome(problems)) return { problems }
  const known = valueAt(fields, '62')
  const read = known === undefined ? { ok: [] } : readFields(known, '62')
  if ('problems' in read) return read
  const value = writeFields(wished.reduce(placed, read.ok))
  if (known !== undefined) {
    return { ok: fields.map(field => (field.tag === '62' ? { tag: '62', value } : field)) }
  }
  const later = fields.findIndex(({ tag }) => tag > '62')
  return { ok: fields.toSpliced(later === -1 ? fields.length : later, 0, { tag: '62', value }) }
}

function placed(fields: readonly Field[], field: Field): readonly Field[] {
  if (fields.some(({ tag }) => tag === field.tag)) {
    return fields.map(each => (each.tag === field.tag ? field : each))
  }
  const later = fields.findIndex(({ tag }) => tag > field.tag)
  return fields.toSpliced(later === -1 ? fields.length : later, 0, field)
}

function tipFields(tip: Tip): readonly Field[] | undefined {
  switch (tip.by) {
    case 'payer':
      return [{ tag: '55', value: '01' }]
    case 'fixed': {
      if (!isWhole(tip.amount) || tip.amount === 0) return undefined
      return [
        { tag: '55', value: '02' },
        { tag: '56', value: String(tip.amount) },
      ]
    }
    case 'percent': {
      if (!isWhole(tip.bps) || tip.bps === 0 || tip.bps > 9_999) return undefined
      const digits = String(tip.bps).padStart(4, '0')
      return [
        { tag: '55', value: '03' },
        { tag: '57', value: `${digits.slice(0, 2)}.${digits.slice(2)}` },
      ]
    }
  }
}

function viewOf(text: string, fields: readonly Field[]): Qris {
  const value = (tag: string) => valueAt(fields, tag)
  const national = nested(value('51'))
  const additional = nested(value('62'))
  const amount = value('54')
  const tip = tipOf(fields)
  const nmid = valueAt(national, '02')
  return {
    text,
    fields,
    kind: value('01') === '12' ? 'dynamic' : 'static',
    accounts: fields.filter(({ tag }) => tag >= '26' && tag <= '45').map(accountOf),
    ...(nmid !== undefined && isNmid(nmid) ? { nmid } : {}),
    mcc: value('52')!,
    ...(amount === undefined ? {} : { amount: amountOf(amount) }),
    ...(tip === undefined ? {} : { tip }),
    merchantName: value('59')!,
    city: value('60')!,
    postalCode: value('61')!,
    labels: Object.fromEntries(
      Object.entries(labelTags).flatMap(([name, tag]) => {
        const label = valueAt(additional, tag)
        return label === undefined ? [] : [[name, label]]
      }),
    ),
  }
}

function accountOf({ tag, value }: Field): QrisAccount {
  const fields = nested(value)
  const [pan, merchantId, criteria] = ['01', '02', '03'].map(each => valueAt(fields, each))
  return {
    tag,
    scheme: valueAt(fields, '00')!,
    ...(pan === undefined ? {} : { pan }),
    ...(merchantId === undefined ? {} : { merchantId }),
    ...(criteria === undefined ? {} : { criteria: criteria as Criteria }),
  }
}

function tipOf(fields: readonly Field[]): Tip | undefined {
  switch (valueAt(fields, '55')) {
    case '01':
      return { by: 'payer' }
    case '02':
      return { by: 'fixed', amount: amountOf(valueAt(fields, '56')!).rupiah }
    case '03':
      return { by: 'percent', bps: hundredths(valueAt(fields, '57')!) }
    default:
      return undefined
  }
}

/** Of a text that kept the rules: at most 13 characters, so it is far within safe integers. */
function amountOf(text: string): QrisAmount {
  const [whole = '', cents = ''] = text.split('.')
  return { rupiah: Number(whole), cents: Number(cents.padEnd(2, '0')) }
}

function hundredths(text: string): number {
  const { rupiah, cents } = amountOf(text)
  return rupiah * 100 + cents
}

/** The fields of a template that kept the rules. */
function nested(text: string | undefined): readonly Field[] {
  if (text === undefined) return []
  const read = readFields(text)
  return 'ok' in read ? read.ok : []
}

const isWhole = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
