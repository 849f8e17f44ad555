/**
 * A request as data: text with places in braces that are filled in for each order. An owner who can
 * read a supplier's manual can write one; nothing in it is code.
 *
 *   {ref} {sku} {dest} {max_price} {cred.apiKey}        the order's words and the sealed ones
 *   {md5 cred.user cred.key ref}                        digest of the words, one after another
 *   {sha256.base64 'depo' ref}                          in base64, base64url or (as usual) hex
 *   {hmac_sha256 cred.secret ref ':' dest}              the first word is the key
 *
 * PAJ1. A place that can't be filled in is told when the template is saved, not when money waits.
 * PAJ2. What is filled in stays what it is: it never becomes another parameter, header or field.
 * PAJ3. Digests are over the words as they are, before anything is encoded for its place.
 */

import { createHmac, hash } from 'node:crypto'
import type { z } from 'zod/v4'
import { patternShape, requestOf } from '../wire/supplier-template.ts'
import type { Asked, Credentials, SupplierRequest } from './adapter.ts'

/** Text with places; checked when it is saved. */
const pattern = patternShape.superRefine((text, context) => {
  try {
    parsePattern(text)
  } catch (cause) {
    context.addIssue({ code: 'custom', message: (cause as Error).message })
  }
})

export const requestSchema = requestOf(pattern).extend({
  path: pattern.refine(path => path.startsWith('/') && !/[\s?#]/.test(path.replace(place, ''))),
})
/** A question about ourselves, not about an order. */
export const orderlessSchema = requestSchema.refine(
  request => !/\{(?:[^{}]* )?(?:ref|sku|dest|max_price)\b/.test(JSON.stringify(request)),
  'it is asked without an order: no ref, sku, dest or max_price',
)
export type RequestTemplate = z.output<typeof requestSchema>

type Words = { readonly asked: Asked; readonly credentials: Credentials }
type Piece = (words: Words) => string

const place = /\{([^{}]*)\}/g
const names = ['ref', 'sku', 'dest', 'max_price'] as const
const digests = ['md5', 'sha1', 'sha256'] as const
const encodings = ['hex', 'base64', 'base64url'] as const

/** Pieces of a text in their order. */
function parsePattern(text: string): readonly (string | Piece)[] {
  const pieces: (string | Piece)[] = []
  let at = 0
  for (const { index, 0: whole, 1: inside } of text.matchAll(place)) {
    pieces.push(plain(text.slice(at, index)), pieceOf(inside!))
    at = index + whole.length
  }
  pieces.push(plain(text.slice(at)))
  return pieces
}

function plain(text: string): string {
  if (/[{}]/.test(text)) throw new Error(`a brace without its partner near "${text.slice(0, 20)}"`)
  return text
}

function pieceOf(inside: string): Piece {
  const [head = '', ...rest] = inside.match(/'[^']*'|\S+/g) ?? []
  if (rest.length === 0) return wordOf(head)
  const [name = '', encoding = 'hex'] = head.split('.')
  if (!isOneOf(encodings, encoding)) throw new Error(`{${inside}}: there is no ${encoding}`)
  const words = rest.map(wordOf)
  const isKeyed = name.startsWith('hmac_')
  const digest = isKeyed ? name.slice('hmac_'.length) : name
  if (!isOneOf(digests, digest)) throw new Error(`{${inside}}: there is no ${name}`)
  if (!isKeyed) return given => hash(digest, words.map(word => word(given)).join(''), encoding)
  if (words.length < 2) throw new Error(`{${inside}}: a key and at least one word are needed`)
  const [key, ...signed] = words
  return given => {
    const made = createHmac(digest, key!(given))
    for (const word of signed) made.update(word(given))
    return made.digest(encoding)
  }
}

function wordOf(word: string): Piece {
  if (word.startsWith("'")) return () => word.slice(1, -1)
  const credential = /^cred\.(\w{1,40})$/.exec(word)?.[1]
  if (credential !== undefined) return ({ credentials }) => credentials[credential] ?? ''
  if (!isOneOf(names, word)) throw new Error(`{${word}} is nothing that we know`)
  if (word === 'max_price') return ({ asked }) => String(asked.maxPrice)
  return ({ asked }) => asked[word]
}

const isOneOf = <T extends string>(list: readonly T[], word: string): word is T =>
  (list as readonly string[]).includes(word)

/** Names of the sealed words that a template needs. */
export function credentialsIn(templates: readonly (RequestTemplate | undefined)[]): string[] {
  const found = JSON.stringify(templates).matchAll(/\bcred\.(\w+)/g)
  return [...new Set([...found].map(([, name]) => name!))]
}

/** A template made ready once and filled in for each order. */
export function fillerOf(template: RequestTemplate): (words: Words) => SupplierRequest {
  const { method, body } = template
  const path = ready(template.path)
  const query = readyFields(template.query)
  const headers = readyFields(template.headers)
  const bodyFields = body === undefined || body.type === 'text' ? [] : readyFields(body.fields)
  const bodyText = body?.type === 'text' ? ready(body.text) : null

  function filledBody(words: Words): { body: string; type: string } | undefined {
    if (method === 'GET' || body === undefined) return undefined
    if (body.type === 'text') return { body: bodyText!(words), type: body.mime }
    const filled = bodyFields.map(([name, fill]) => [name, fill(words)] as [string, string])
    if (body.type === 'json') {
      return { body: JSON.stringify(Object.fromEntries(filled)), type: 'application/json' }
    }
    const type = 'application/x-www-form-urlencoded'
    return { body: new URLSearchParams(filled).toString(), type }
  }

  return words => {
    const asked = new URLSearchParams(
      query.map(([name, fill]): [string, string] => [name, fill(words)]),
    )
    const told = headers.map(([name, fill]) => [name, oneLine(fill(words))] as const)
    const where = path(words, encodeURIComponent)
    return {
      method,
      path: asked.size === 0 ? where : `${where}?${asked}`,
      ...(told.length === 0 ? {} : { headers: Object.fromEntries(told) }),
      ...filledBody(words),
    }
  }
}

type Fill = (words: Words, encode?: (text: string) => string) => string

function ready(text: string): Fill {
  const pieces = parsePattern(text)
  return (words, encode = same) =>
    pieces.map(piece => (typeof piece === 'string' ? piece : encode(piece(words)))).join('')
}

const readyFields = (
  given: Readonly<Record<string, string>>,
): readonly (readonly [string, Fill])[] =>
  Object.entries(given).map(([name, text]) => [name, ready(text)] as const)

const same = (text: string): string => text

/** A header ends with its line. */
const oneLine = (text: string): string => text.replace(/[^\x20-\x7e]/g, '')
