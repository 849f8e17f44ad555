/**
 * The same calls in XML: the FM form of Digiflazz (`<fm><command>TOPUP</command>...`), and XML-RPC
 * with `topUpRequest`, as many servers of the trade call each other.
 *
 * OTX1. A document that declares types or entities is refused before it is parsed; text is text,
 *       with the five entities of XML and characters by number.
 * OTX2. Size, depth and number of elements are bounded.
 * OTX3. What is printed is escaped, and contains no character that XML can't.
 * OTX4. An element given twice is refused, never guessed.
 * OTX5. A document without a final status has no status of one: an FM answer that rejects leaves it
 *       out, an XML-RPC answer is a fault.
 */

import { XMLParser } from 'fast-xml-parser'
import { otomaxNumber } from '../../services/wire/otomax.ts'
import type { Edge } from '../edge.ts'
import { otomaxNotes } from '../text/otomax.id.ts'
import type { Said, Tongue } from './otomax.ts'
import type { Fields } from './otomax-asked.ts'
import { render, templateOf } from './otomax-template.ts'
import { send } from './otomax-words.ts'

const xmlType = 'text/xml; charset=utf-8'
const bytesMax = 8_192
const elementsMax = 120
const depthMax = 12

export const commands = ['TOPUP', 'TOPUPSTATUS', 'BALANCE'] as const
type Command = (typeof commands)[number]
type XmlAsked =
  | { readonly form: 'fm' | 'rpc'; readonly command: Command; readonly fields: Fields }
  | { readonly form: 'fm' | 'rpc'; readonly command: 'unknown' }

/** Null for what is not one of the two. `beside` is what the address said. */
export function readXml(body: Buffer, beside: Fields): XmlAsked | null {
  const root = parse(body)
  if (root === null) return null
  const fm = root['fm']
  if (isNode(fm)) return readFm(fm, beside)
  const call = root['methodCall']
  return isNode(call) ? readRpc(call, beside) : null
}

type Node = { readonly [name: string]: unknown }
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  processEntities: false,
})

/** Null for what is no XML, or more than was allowed. */
export function parse(body: Buffer, most = bytesMax): Node | null {
  const text = body.toString('utf8')
  if (body.length > most || text.includes('\ufffd') || /<!(?!--)/.test(text)) return null
  if (!isShallow(text)) return null
  try {
    const root: unknown = parser.parse(text, true)
    return isNode(root) ? root : null
  } catch {
    return null
  }
}

function isShallow(text: string): boolean {
  let depth = 0
  let elements = 0
  for (const [tag] of text.matchAll(/<[^>]*>?/g)) {
    if (/^<[?!]/.test(tag) || tag.endsWith('/>')) continue
    depth += tag.startsWith('</') ? -1 : 1
    if (++elements > elementsMax * 2 || depth > depthMax) return false
  }
  return true
}

export const fmNames: Readonly<Record<string, string>> = {
  ...{ pin: 'pin', product: 'product', msisdn: 'dest', reftrxid: 'ref', password: 'password' },
  ...{ userid: 'member', memberid: 'member', id: 'member', user: 'user', sign: 'sign' },
  ...{ counter: 'counter', qty: 'qty' },
}

function readFm(fm: Node, beside: Fields): XmlAsked | null {
  const told = named(Object.entries(fm), fmNames, beside)
  const command = textOf(fm['command'])?.trim().toUpperCase()
  if (told === null || command === undefined) return null
  if (command !== 'TOPUP' && command !== 'TOPUPSTATUS' && command !== 'BALANCE')
    return { form: 'fm', command: 'unknown' }
  return { form: 'fm', command, fields: told }
}

const rpcNames: Readonly<Record<string, string>> = {
  ...{ msisdn: 'member', pin: 'pin', nohp: 'dest', nom: 'product', requestid: 'ref' },
  ...{ password: 'password', user: 'user' },
}

function readRpc(call: Node, beside: Fields): XmlAsked | null {
  if (textOf(call['methodName'])?.trim() !== 'topUpRequest')
    return { form: 'rpc', command: 'unknown' }
  const members = down(call, 'params', 'param', 'value', 'struct', 'member')
  const list = Array.isArray(members) ? members : [members]
  const entries: [string, unknown][] = []
  for (const member of list) {
    if (!isNode(member)) return null
    const name = textOf(member['name'])
    const value = member['value']
    if (name === undefined) return null
    entries.push([name.trim(), isNode(value) ? (value['string'] ?? value['int']) : value])
  }
  const told = named(entries, rpcNames, beside)
  return told === null ? null : { form: 'rpc', command: 'TOPUP', fields: told }
}

function down(node: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (isNode(at) ? at[name] : undefined), node)
}

/** Null when something is there twice, or is no text. What the document says goes first. */
function named(
  entries: readonly [string, unknown][],
  names: Readonly<Record<string, string>>,
  beside: Fields,
): Fields | null {
  const told = new Map<string, string>()
  for (const [theirs, value] of entries) {
    const name = names[theirs.toLowerCase()]
    if (name === undefined) continue
    const text = textOf(value)?.trim()
    if (text === undefined || told.has(name)) return null
    told.set(name, text)
  }
  return { ...beside, ...Object.fromEntries(told) }
}

/** Undefined for what is no text, or has characters that no field has. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value.replaceAll(/&(#x?[0-9a-f]{1,6}|lt|gt|amp|quot|apos);/gi, (_, name: string) =>
    characterOf(name.toLowerCase()),
  )
  return /\p{Cc}/u.test(text.trim()) ? undefined : text
}

function characterOf(name: string): string {
  if (!name.startsWith('#')) return entities[name] ?? ''
  const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
  const isCharacter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
  return isCharacter ? String.fromCodePoint(code) : '\0'
}

const entities: Readonly<Record<string, string>> = {
  ...{ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" },
}

/** FM's own numbers: 0 is done, 1 is under way, 2 has failed. */
const fmStatus: Readonly<Partial<Record<Said['outcome'], string>>> = {
  accepted: '1',
  processing: '1',
  success: '0',
  bill: '0',
  bill_success: '0',
  failed: '2',
  refunded: '2',
  refused: '2',
  unsure: '1',
}

export function inFm(edge: Edge, command: string): Tongue {
  return (visit, said) => {
    const { outcome, order, ref, product, dest, balance } = said
    const elements: readonly (readonly [name: string, text: string | undefined])[] = [
      ['command', command],
      ['status', fmStatus[outcome]],
      ['message', messageOf(edge, said)],
      ['fmTrxid', order && otomaxNumber(order.trxId)],
      ['refTrxid', ref],
      ['product', product],
      ['msisdn', dest],
      ['sn', order?.sn ?? undefined],
      ['price', order && String(order.price)],
      ['balance', balance === undefined ? undefined : String(balance)],
    ]
    const inner = elements
      .filter(([, text]) => text !== undefined)
      .map(([name, text]) => `<${name}>${escaped(text!)}</${name}>`)
    send(visit, said, xmlType, `${declaration}<fm>${inner.join('')}</fm>`)
  }
}

const rpcCode: Readonly<Partial<Record<Said['outcome'], string>>> = {
  accepted: '68',
  processing: '68',
  success: '00',
  bill: '00',
  bill_success: '00',
  failed: '07',
  refunded: '07',
  refused: '07',
}

export function inRpc(edge: Edge): Tongue {
  return (visit, said) => {
    const { outcome, order, ref = '' } = said
    const code = rpcCode[outcome]
    const message = messageOf(edge, said)
    const isFault = code === undefined
    const members: readonly (readonly [name: string, type: string, text: string])[] = isFault
      ? [
          ['faultCode', 'int', outcome === 'unsure' ? '503' : '403'],
          ['faultString', 'string', message],
        ]
      : [
          ['RESPONSECODE', 'string', code],
          ['REQUESTID', 'string', ref],
          ['MESSAGE', 'string', message],
          ['TRANSACTIONID', 'string', order === undefined ? '' : otomaxNumber(order.trxId)],
          ['SN', 'string', order?.sn ?? ''],
        ]
    const struct = members
      .map(
        ([name, type, text]) =>
          `<member><name>${name}</name><value><${type}>${escaped(text)}</${type}></value></member>`,
      )
      .join('')
    const value = `<value><struct>${struct}</struct></value>`
    const inner = isFault ? `<fault>${value}</fault>` : `<params><param>${value}</param></params>`
    send(visit, said, xmlType, `${declaration}<methodResponse>${inner}</methodResponse>`)
  }
}

export const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** The words that the text dialect would say; without a balance unless it is at hand. */
function messageOf(edge: Edge, said: Said): string {
  const { outcome, card, note = '' } = said
  if (outcome === 'ticket') return note
  if (outcome === 'rejected') return `${otomaxNotes.rejected}: ${note}`
  if (outcome === 'unsure' || card === undefined) return `${otomaxNotes.unsure}: ${note}`
  if (outcome === 'balance') return `Saldo Rp.${said.balance ?? 0}`
  return render(templateOf(card, 'otomax', outcome), outcome, {
    ...said,
    member: card,
    at: edge.now(),
  })
}

export const escaped = (text: string): string =>
  text
    .replaceAll(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
