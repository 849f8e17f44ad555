/**
 * The examples of the API's description, asked of a whole system: what is made by one is looked up
 * by the next.
 *
 * OAH1. Each is answered in the shape of its row, or refused with a code that its row names.
 */

import { deepEqual, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Described, methodOf, nameOf, refusalsOf, toldOf } from '../../gateway/openapi.ts'
import { someId } from '../../gateway/operations/answers.ts'
import { operations } from '../../gateway/operations.ts'
import { type Keys, Reseller } from './reseller.ts'
import { Stage } from './stage.ts'

let stage: Stage
let admin: Reseller
let reseller: Reseller
/** What is otherwise in this demo than in the examples. */
let here: readonly (readonly [theirs: string, ours: string])[]

before(async () => {
  stage = new Stage()
  await stage.startSandbox()
  const engine = await stage.start()
  const demo = JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))
  admin = new Reseller(engine.http, demo.admin as Keys)
  reseller = new Reseller(engine.http, demo.reseller as Keys)
  here = [
    ['"reseller"', JSON.stringify(demo.reseller.username)],
    ['/clients/reseller/', `/clients/${demo.reseller.username}/`],
    ['"downline1"', JSON.stringify(demo.downline.username)],
    ['"123456"', JSON.stringify(demo.reseller.pin)],
    ['LJ0000000001', demo.reseller.member_id],
    ['https://toko.example', engine.http],
  ]
})
after(() => stage.close())

/** They would call addresses beyond this machine. */
const farAway = new Set(['moota', 'catalogueMake-suppliers'])

test('examples: a whole system: answers each in its shape, or with a code of its row (OAH1)', async () => {
  const made = new Map<string, string>()
  const wrong: string[] = []
  let fine = 0
  for (const row of operations.map(described).filter(one => one.path.startsWith('/api/'))) {
    const name = nameOf(row)
    if (farAway.has(name)) continue
    const { address, body } = requestOf(row, made)
    const who = row.path.startsWith('/api/v1/admin/') ? admin : reseller
    const headers = row.bodyType === undefined ? {} : { 'content-type': row.bodyType }
    const { status, text } = await who.send(
      methodOf(row.verb).toUpperCase(),
      address,
      body,
      headers,
    )
    const { type, shape } = toldOf(row)
    const told = type === 'application/json' || status !== 200 ? JSON.parse(text) : text
    if (status !== 200) {
      if (!refusalsOf(row).includes(told.error_code)) wrong.push(`${name}: ${text}`)
      continue
    }
    const read = shape.safeParse(told)
    if (!read.success) wrong.push(`${name}: ${read.error.message} ${text.slice(0, 400)}`)
    else if (JSON.stringify(read.data) !== text && type === 'application/json')
      wrong.push(...unnamed(read.data, told).map(field => `${name}: ${field} has no row`))
    fine++
    const { trx_id, bulk_id, id } = told.data ?? {}
    if (row.verb === 'post') made.set(row.path, String(trx_id ?? bulk_id ?? id))
  }
  deepEqual(wrong, [])
  ok(fine > 115, `${fine} were answered`)
})

function described(row: (typeof operations)[number]): Described {
  const [verb, path] = row.at.split(' ') as [Described['verb'], string]
  return { ...row, verb, path: path.replaceAll(/:(\w+)/g, '{$1}'), signed: true }
}

function requestOf({ path, example }: Described, made: ReadonlyMap<string, string>) {
  const { params = {}, query, body } = example
  let address = path
  for (const [name, said] of Object.entries(params)) {
    const [before] = path.split(`/{${name}}`)
    const known = /id$/.test(name) ? made.get(before!.replace('/admin/tr', '/tr')) : undefined
    address = address.replace(`{${name}}`, known ?? said)
  }
  const asked = new URLSearchParams(query).toString()
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const placed = made.get('/api/v1/transactions') ?? someId
  const ours = [...here, [someId, placed]] as const
  const local = (said: string) => ours.reduce((so, [a, b]) => so.replaceAll(a, b), said)
  return { address: local(asked === '' ? address : `${address}?${asked}`), body: local(text) }
}

/** Fields that came and are in no shape, by their path. */
function unnamed(read: unknown, told: unknown, path = ''): string[] {
  if (typeof told !== 'object' || told === null) return []
  return Object.entries(told).flatMap(([name, value]) => {
    const inner = (read as Record<string, unknown> | null)?.[name]
    const at = path === '' ? name : `${path}.${name}`
    return inner === undefined ? [at] : unnamed(inner, value, at)
  })
}
