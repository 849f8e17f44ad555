/**
 * What a QRIS must have: the national rules over the fields of a merchant-presented QR, read from
 * the outside in. Every rule that is broken is named, in the order of tags, so that the same text
 * always has the same list.
 *
 *   00 "01" · 01 static|dynamic · 26-45 accounts · 51 national id · 52 MCC · 53 360 · 54 amount
 *   55-57 tip · 58 ID · 59 name · 60 city · 61 postal code · 62 additional · 64 language · 63 CRC
 *
 * QRB1. 00 stands first and 63 last, everything else in any order; each tag at most once, also
 *       within a template. Nothing may follow the check sum.
 * QRB2. The check sum is over all bytes up to and including "6304". Lower-case digits are read;
 *       upper-case ones are written.
 * QRB3. 52, 53, 58, 59, 60, 61 are there; 53 is rupiah and 58 Indonesia; the MCC has four digits,
 *       a name at most 25 characters, a city 15, a postal code 10.
 * QRB4. An amount is digits with at most two behind a point, at most 13 characters, above zero. A
 *       dynamic QR has one.
 * QRB5. A tip is what 55 says: typed by the payer (01), fixed in 56 (02), percent in 57 (03);
 *       neither 56 nor 57 stands there for nothing.
 * QRB6. Somebody is to be paid: an account in 02-45 or the national id in 51. A static QR has 51,
 *       with an NMID of "ID" and 13 digits; in a dynamic one other gateways print 15 digits there.
 * QRB7. An account (26-45) names its scheme; its PAN has 18 or 19 digits and begins with 9360; its
 *       criteria are one of five. What stands in 02-25 and 80-99 is its owner's own.
 * QRB8. Additional data (62) and the other language (64) keep EMVCo's lengths; "***" asks the
 *       payer.
 * QRB9. A transfer (40) has MCC 4829, says what it is for, and carries its unique id in 62.99.
 */

import { crcOf } from './crc.ts'
import {
  charsIn,
  type Field,
  type Problem,
  type ProblemCode,
  readFields,
  repeatedIn,
  valueAt,
  within,
} from './tlv.ts'

export const payloadCharsMax = 512
const labelCharsMax = 25
const nameCharsMax = 25
const cityCharsMax = 15
const postalCharsMax = 10
const amountCharsMax = 13

const criteria = ['UMI', 'UKE', 'UME', 'UBE', 'URE'] as const
export type Criteria = (typeof criteria)[number]

type Test = (value: string) => boolean

const matching =
  (pattern: RegExp): Test =>
  value =>
    pattern.test(value)
const upTo =
  (max: number): Test =>
  value =>
    charsIn(value) <= max && isPrintable(value)

/** Neither control characters nor line ends: they would be printed, and spoken. */
const isPrintable = matching(/^\P{Cc}*$/u)
const isCriteria: Test = value => criteria.some(each => each === value)
const isPurpose = matching(/^(BOOK|DMCT|XBCT)$/)

const isAmount: Test = value =>
  value.length <= amountCharsMax && /^\d+(\.\d{0,2})?$/.test(value) && /[1-9]/.test(value)

/** From 00.01 to 99.99 percent. */
const isPercent: Test = value => /^\d{1,2}(\.\d{1,2})?$/.test(value) && /[1-9]/.test(value)

/** What stands at the root, whoever set it up. */
const rootTests: Readonly<Record<string, Test>> = {
  '00': matching(/^01$/),
  '01': matching(/^1[12]$/),
  '52': matching(/^\d{4}$/),
  '53': matching(/^360$/),
  '54': isAmount,
  '55': matching(/^0[123]$/),
  '56': isAmount,
  '57': isPercent,
  '58': matching(/^ID$/),
  '59': upTo(nameCharsMax),
  '60': upTo(cityCharsMax),
  '61': upTo(postalCharsMax),
}
const mandatory = ['00', '52', '53', '58', '59', '60', '61', '63'] as const

/** "***" asks the payer; it may stand for any of these. */
const asks = '***'
const additionalTests: Readonly<Record<string, Test>> = {
  '01': upTo(labelCharsMax),
  '02': upTo(labelCharsMax),
  '03': upTo(labelCharsMax),
  '04': upTo(labelCharsMax),
  '05': upTo(labelCharsMax),
  '06': upTo(labelCharsMax),
  '07': upTo(labelCharsMax),
  '08': upTo(labelCharsMax),
  '09': matching(/^[AME]{1,3}$/),
  '10': upTo(20),
  '11': matching(/^.{3}$/u),
}

const languageTests: Readonly<Record<string, Test>> = {
  '00': matching(/^[A-Za-z]{2}$/),
  '01': upTo(nameCharsMax),
  '02': upTo(cityCharsMax),
}

const accountTests: Readonly<Record<string, Test>> = {
  '00': upTo(99),
  '01': matching(/^9360\d{14,15}$/),
  '02': upTo(15),
  '03': isCriteria,
}

export const isNmid = matching(/^ID\d{13}$/)
const nationalTests = { '00': upTo(99), '02': isNmid, '03': isCriteria }
const nationalTestsDynamic = { ...nationalTests, '02': matching(/^(ID\d{13}|\d{15})$/) }

const isBetween = (tag: string, from: string, to: string): boolean => tag >= from && tag <= to

/** Everything that is wrong with fields that could be read, in the order of their tags. */
export function problemsOf(text: string, fields: readonly Field[]): readonly Problem[] {
  const has = (tag: string) => valueAt(fields, tag) !== undefined
  const found: Problem[] = [...repeatedIn(fields)]
  const blame = (path: string, code: ProblemCode) => found.push({ path, code })

  for (const tag of mandatory) if (!has(tag)) blame(tag, 'missing')
  for (const { tag, value } of fields) {
    if (rootTests[tag]?.(value) === false) blame(tag, 'invalid')
    if (isBetween(tag, '26', '45'))
      found.push(...templateProblems(tag, value, accountTests, ['00']))
  }
  if (has('00') && fields[0]?.tag !== '00') blame('00', 'not_first')

  const method = valueAt(fields, '01')
  if (method === '12' && !has('54')) blame('54', 'missing')
  found.push(...tipProblems(fields))

  const national = valueAt(fields, '51')
  const tests = method === '12' ? nationalTestsDynamic : nationalTests
  if (national !== undefined) {
    found.push(...templateProblems('51', national, tests, ['00', '02']))
  } else if (method === '11' || !fields.some(({ tag }) => isBetween(tag, '02', '45'))) {
    blame('51', 'missing')
  }

  const additional = valueAt(fields, '62')
  if (additional !== undefined) found.push(...templateProblems('62', additional, additionalTests))
  const language = valueAt(fields, '64')
  if (language !== undefined) {
    found.push(...templateProblems('64', language, languageTests, ['00', '01']))
  }
  if (has('40')) found.push(...transferProblems(fields, additional))

  const sum = valueAt(fields, '63')
  if (sum !== undefined) {
    if (fields.at(-1)?.tag !== '63') blame('63', 'not_last')
    else if (!/^[0-9A-Fa-f]{4}$/.test(sum)) blame('63', 'invalid')
    else if (sum.toUpperCase() !== crcOf(text.slice(0, -4))) blame('63', 'crc_mismatch')
  }
  return found.sort((a, b) => order(a.path, b.path) || order(a.code, b.code))
}

function tipProblems(fields: readonly Field[]): readonly Problem[] {
  const kind = valueAt(fields, '55')
  return (['56', '57'] as const).flatMap((tag, index): readonly Problem[] => {
    const isThere = valueAt(fields, tag) !== undefined
    const isWanted = kind === (index === 0 ? '02' : '03')
    if (isThere === isWanted) return []
    return [{ path: tag, code: isThere ? 'unexpected' : 'missing' }]
  })
}

function transferProblems(
  fields: readonly Field[],
  additional: string | undefined,
): readonly Problem[] {
  const read = additional === undefined ? { ok: [] } : readFields(additional, '62')
  if ('problems' in read) return []
  const found: Problem[] = []
  const mcc = valueAt(fields, '52')
  if (mcc !== undefined && mcc !== '4829') found.push({ path: '52', code: 'invalid' })
  const purpose = valueAt(read.ok, '08')
  if (purpose === undefined) found.push({ path: '62.08', code: 'missing' })
  else if (!isPurpose(purpose)) found.push({ path: '62.08', code: 'invalid' })
  const own = valueAt(read.ok, '99')
  if (own === undefined) found.push({ path: '62.99', code: 'missing' })
  else {
    const tests = { '00': matching(/^00$/), '01': matching(/^.{8,64}$/u) }
    found.push(...templateProblems('62.99', own, tests, ['00', '01']))
  }
  return found
}

function templateProblems(
  path: string,
  text: string,
  tests: Readonly<Record<string, Test>>,
  wanted: readonly string[] = [],
): readonly Problem[] {
  const read = readFields(text, path)
  if ('problems' in read) return read.problems
  const here = (tag: string, code: ProblemCode): Problem => ({ path: within(path, tag), code })
  return [
    ...repeatedIn(read.ok, path),
    ...wanted.filter(tag => valueAt(read.ok, tag) === undefined).map(tag => here(tag, 'missing')),
    ...read.ok
      .filter(({ tag, value }) => tests[tag]?.(value) === false)
      .filter(({ value }) => !(path === '62' && value === asks))
      .map(({ tag }) => here(tag, 'invalid')),
  ]
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
