/**
 * Orders and the balance in XML, for whoever asks in it: the same calls, shapes and envelope as in
 * JSON.
 *
 *   <transaction><ref_id>…</ref_id>…</transaction> ─▶ fields ─▶ the shape that JSON has
 *   {"code":200,"data":{…}} ─▶ <response><code>200</code><data>…</data></response>
 *
 * XMA1. Who sends an order in XML is answered in XML; who reads says so in Accept. Others get JSON.
 * XMA2. What JSON would say stands in the XML, errors too: an element for each field, `<item>` for
 *       each of a list, an empty element for null.
 * XMA3. A document is bounded, declares no types or entities, and has one root, `transaction`.
 * XMA4. Text is trimmed, since XML is often indented; an element given twice is refused.
 */

import type { z } from 'zod/v4'
import type { Visit } from '../answer.ts'
import { declaration, escaped, parse, textOf } from '../dialects/otomax-xml.ts'
import { type ReadBody, readShape } from '../reading.ts'

export const xmlType = 'application/xml; charset=utf-8'

/** The body of an order may carry the token of a bill. */
const bytesMax = 32_768

export const isXml = (contentType: string): boolean =>
  /^(?:application|text)\/xml\b/i.test(contentType)

/** Of the types in an Accept header the one wanted most; of those alike, the first. */
export function wantsXml(accept: string): boolean {
  if (!accept.includes('xml')) return false
  let most = 0
  let isWanted = false
  for (const one of accept.split(',').slice(0, 20)) {
    const [type = '', ...settings] = one.split(';').map(part => part.trim().toLowerCase())
    const weight = Number(settings.find(part => part.startsWith('q='))?.slice(2) ?? 1)
    const isOurs = isXml(type) || /^(?:\*\/\*|application\/(?:json|\*))$/.test(type)
    if (!isOurs || !(weight > most)) continue
    most = weight
    isWanted = isXml(type)
  }
  return isWanted
}

export const readXmlBody: ReadBody = (visit, body, schema) => {
  const root = parse(body, bytesMax)?.['transaction']
  if (typeof root !== 'object' || root === null) return notXml(visit)
  const fields = Object.entries(root).map(([name, value]) => {
    const text = textOf(value)?.trim() ?? value
    return [name, name === 'max_price' ? numberIn(text) : text]
  })
  return readShape(visit, Object.fromEntries(fields), schema as z.ZodType<never>)
}

function notXml(visit: Visit): undefined {
  visit.refuse('VALIDATION_FAILED', { details: { problem: 'not_xml' }, moneyEffect: 'none' })
}

const numberIn = (text: unknown): unknown =>
  typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : text

/** The document that says what a JSON text of ours says. */
export const printXml = (jsonText: string): string =>
  `${declaration}${element('response', JSON.parse(jsonText))}`

function element(name: string, value: unknown): string {
  // Details of a bill come from outside, under names of their own.
  const isName = /^[A-Za-z_][\w.-]*$/.test(name)
  const head = isName ? name : `field name="${escaped(name)}"`
  const tail = isName ? name : 'field'
  return `<${head}>${content(value)}</${tail}>`
}

function content(value: unknown): string {
  if (value === null) return ''
  if (Array.isArray(value)) return value.map(one => element('item', one)).join('')
  if (typeof value !== 'object') return escaped(String(value))
  return Object.entries(value)
    .map(([name, one]) => element(name, one))
    .join('')
}
