/**
 * Digiflazz, postpaid: ask for the bill (`inq-pasca`), pay it under the same reference on the same
 * day (`pay-pasca`), ask how that ended (`status-pasca`, which never pays); and `inquiry-pln`,
 * which tells whose meter it is. Payments are read as prepaid purchases are: `digiflazz.read`.
 *
 * ADI1. Inquiry, payment and its status carry the same words; only `commands` differs, and only the
 *       payment pays.
 * ADI2. A bill is believed when it names our reference and number, and says legibly what we would
 *       be charged; a refusal moves nothing and says why; all else is unknown.
 * ADI3. What a bill says in detail is for people: kept as it came, within bounds.
 * ADI4. Whose meter it is, is believed when it names the meter that we asked about.
 */

import {
  type Answered,
  type Asked,
  type Credentials,
  evidence,
  messageLengthMax,
  type Reading,
  type SupplierRequest,
} from './adapter.ts'
import { dataOf, digiflazz, secretsOf, signOf, strangerIn } from './digiflazz.ts'
import { codes } from './digiflazz-codes.ts'
import { type Fields, isObject, rupiahIn, wordIn } from './json.ts'
import type { Inquiry, Meter, Postpaid } from './postpaid.ts'

const detailLengthMax = 8_192
const nameLengthMax = 120
const periodsLengthMax = 400

type Command = 'inq-pasca' | 'pay-pasca' | 'status-pasca'

export const askBill = (asked: Asked, credentials: Credentials): SupplierRequest =>
  command('inq-pasca', asked, credentials)

export const payBill = (asked: Asked, credentials: Credentials): SupplierRequest =>
  command('pay-pasca', asked, credentials)

export const askPayment = (asked: Asked, credentials: Credentials): SupplierRequest =>
  command('status-pasca', asked, credentials)

function command(commands: Command, asked: Asked, credentials: Credentials): SupplierRequest {
  const body = {
    commands,
    username: credentials['username'],
    buyer_sku_code: asked.sku,
    customer_no: asked.dest,
    ref_id: asked.ref,
    sign: signOf(credentials, asked.ref),
    testing: asked.testing && commands !== 'status-pasca' ? true : undefined,
    cb_url: commands === 'pay-pasca' ? asked.callbackUrl : undefined,
  }
  return { method: 'POST', path: '/transaction', body: JSON.stringify(body) }
}

export function readBill(answer: Answered, asked: Asked, credentials: Credentials): Inquiry {
  // The same envelope, codes and refusals as a purchase; a success is not one yet.
  const reading = digiflazz.read(answer, asked, 'purchase', credentials)
  switch (reading.outcome) {
    case 'failed': {
      const { outcome, code, message, reply, supplierTrouble } = reading
      return { outcome, code, message, reply, supplierTrouble }
    }
    case 'unknown':
      return noBill(reading.why, reading.reply)
    case 'pending':
      return noBill('bill_pending', reading.reply)
    case 'success':
      return billOf(answer, asked, { secrets: secretsOf(credentials, asked.ref), reading })
  }
}

const noBill = (why: string, reply: string): Inquiry => ({ outcome: 'unknown', why, reply })

type Context = { readonly secrets: readonly string[]; readonly reading: Reading }

function billOf(answer: Answered, asked: Asked, { secrets, reading }: Context): Inquiry {
  const data = dataOf(answer.body)
  if (typeof data === 'string') return noBill(data, reading.reply)
  const { reply } = reading
  const foreign = strangerIn(data, asked)
  if (foreign !== null) return noBill(foreign, reply)
  if (wordIn(data, 'customer_no') === null) return noBill('customer_missing', reply)
  const cost = rupiahIn(data['price'])
  if (cost === null || cost === 0) return noBill('price_missing', reply)
  const words = (name: string, lengthMax: number) =>
    evidence(wordIn(data, name) ?? '', secrets, lengthMax)
  const detail = JSON.stringify(data['desc'] ?? {})
  const bill = {
    customerName: words('customer_name', nameLengthMax),
    cost,
    suggested: rupiahIn(data['selling_price']),
    admin: rupiahIn(data['admin']),
    periods: words('periode', periodsLengthMax) || periodsIn(data['desc'], secrets),
    detail: detail.length > detailLengthMax ? '' : detail,
  }
  return { outcome: 'bill', bill, reply }
}

/** An inquiry names its periods in the particulars alone. */
function periodsIn(desc: unknown, secrets: readonly string[]): string {
  const detail = isObject(desc) ? desc['detail'] : undefined
  if (!Array.isArray(detail)) return ''
  const named = detail.flatMap((one: unknown) =>
    isObject(one) ? (wordIn(one, 'periode') ?? []) : [],
  )
  return evidence(named.join(','), secrets, periodsLengthMax)
}

// -- whose meter it is --------------------------------------------------------------------------

export function askMeter(number: string, credentials: Credentials): SupplierRequest {
  const sign = signOf(credentials, number)
  const body = { username: credentials['username'], customer_no: number, sign }
  return { method: 'POST', path: '/inquiry-pln', body: JSON.stringify(body) }
}

export function readMeter(answer: Answered, number: string, credentials: Credentials): Meter {
  const data = dataOf(answer.body)
  if (typeof data === 'string') return { outcome: 'unknown', why: data }
  const secrets = secretsOf(credentials, number)
  const word = wordIn(data, 'status')?.toLowerCase()
  const code = wordIn(data, 'rc')?.padStart(2, '0') ?? ''
  const message = evidence(wordIn(data, 'message') ?? '', secrets, messageLengthMax)
  if (word === 'gagal' && code !== '' && code !== '00') {
    const blame = codes.get(code)?.blame
    const supplierTrouble = blame === 'account' || blame === 'limit'
    return { outcome: 'refused', code, message, supplierTrouble }
  }
  if (word !== 'sukses' || code !== '00') return { outcome: 'unknown', why: 'contradiction' }
  if (!names(data, number)) return { outcome: 'unknown', why: 'foreign_meter' }
  const said = (name: string) => evidence(wordIn(data, name) ?? '', secrets, nameLengthMax)
  if (said('name') === '') return { outcome: 'unknown', why: 'name_missing' }
  return {
    outcome: 'meter',
    ...{ name: said('name'), meterNumber: said('meter_no') },
    ...{ subscriberId: said('subscriber_id'), segment: said('segment_power') },
  }
}

/** A number as number has lost its zeros. */
function names(data: Fields, number: string): boolean {
  const { customer_no: value } = data
  if (typeof value === 'number') return String(value) === number.replace(/^0+(?=.)/, '')
  return typeof value === 'string' && value.trim() === number
}

export const digiflazzPostpaid: Postpaid = {
  inquire: askBill,
  readBill,
  pay: payBill,
  status: askPayment,
  meter: { ask: askMeter, read: readMeter },
}
