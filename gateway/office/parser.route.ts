/**
 * Rules over what suppliers say, for the staff: look, try, save, run the bench, switch on.
 *
 * PAR1. Looking and trying is for admin and support; what changes the reading of money is for admin
 *       alone, and bears the name of who did it.
 * PAR2. Bad input is told before anybody is asked.
 */

import { z } from 'zod/v4'
import type { Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import type { Client, Edge } from '../edge.ts'
import { limitShape, readBody, readQuery, toIso } from '../reading.ts'
import type { Asked, Router } from '../router.ts'
import { parserOkText as said } from '../text/supplier.id.ts'

export const parserBase = '/api/v1/admin/parser'
const staff = { roles: ['admin', 'support'] } as const
const owner = { roles: ['admin'] } as const

const supplier = z.string().regex(/^[\w.-]{1,64}$/)
const version = z.int().min(1)
const rules = z.array(z.record(z.string(), z.unknown())).max(200)

export const looking = z.object({
  supplier: supplier.optional(),
  limit: limitShape(200, 50),
})
export const naming = z.object({
  supplier,
  version: z
    .string()
    .regex(/^[1-9]\d{0,6}$/)
    .transform(Number)
    .optional(),
})
export const saving = z.object({ supplier, rules, note: z.string().max(200).default('') })
export const trying = z.object({ rules, sample: z.string().min(1).max(2_048) })
export const benching = z.object({ supplier, version })
export const switching = z.object({
  ...{ supplier, version, bench: z.int().min(1) },
  accept_success: z.boolean().default(false),
})
export const describing = z.object({ supplier, template: z.record(z.string(), z.unknown()) })

export function adminParser(router: Router, edge: Edge) {
  router.signed(
    'get',
    `${parserBase}/inbox`,
    (visit, client) => readInbox(edge, visit, client),
    staff,
  )
  router.signed(
    'get',
    `${parserBase}/rules`,
    (visit, client) => readRules(edge, visit, client),
    staff,
  )
  router.signed('post', `${parserBase}/test`, (...asked) => tryRules(edge, ...asked), staff)
  router.signed('post', `${parserBase}/rules`, (...asked) => saveRules(edge, ...asked), owner)
  router.signed('post', `${parserBase}/bench`, (...asked) => runBench(edge, ...asked), owner)
  router.signed('post', `${parserBase}/activate`, (...asked) => switchOn(edge, ...asked), owner)
  router.signed('post', `${parserBase}/template`, (...asked) => saveTemplate(edge, ...asked), owner)
}

function readInbox(edge: Edge, visit: Visit, { userId }: Client) {
  const asked = readQuery(visit, looking)
  if (asked === undefined) return
  const { supplier, limit } = asked
  const narrowed = supplier === undefined ? { limit } : { supplier, limit }
  const call = () => edge.call('parser.inbox', narrowed)
  ask(edge, visit, userId, call, rows =>
    visit.ok(
      said.inbox,
      JSON.stringify({
        rows: rows.map(({ supplier, channel, sample, count, firstAt, lastAt, draft }) => ({
          ...{ supplier, channel, sample, count, draft },
          first_at: toIso(firstAt),
          last_at: toIso(lastAt),
        })),
      }),
    ),
  )
}

function readRules(edge: Edge, visit: Visit, { userId }: Client) {
  const asked = readQuery(visit, naming)
  if (asked === undefined) return
  const { supplier, version } = asked
  if (version !== undefined) {
    const call = () => edge.call('parser.version', { supplier, version })
    return ask(edge, visit, userId, call, ({ rules, ...set }) =>
      visit.ok(said.rules, JSON.stringify({ ...versionOf(set), rules })),
    )
  }
  const call = () => edge.call('parser.rules', { supplier })
  ask(edge, visit, userId, call, ({ active, rules, versions, history }) =>
    visit.ok(
      said.rules,
      JSON.stringify({
        ...{ supplier, active, rules },
        versions: versions.map(one => ({ ...versionOf(one), rules: one.rules })),
        history: history.map(({ at, ...one }) => ({ ...one, at: toIso(at) })),
      }),
    ),
  )
}

const versionOf = (set: {
  version: number
  digest: string
  note: string
  madeBy: string
  madeAt: number
}) => ({
  ...{ version: set.version, digest: set.digest, note: set.note },
  ...{ made_by: set.madeBy, made_at: toIso(set.madeAt) },
})

function tryRules(edge: Edge, visit: Visit, { userId }: Client, { body }: Asked) {
  const asked = readBody(visit, body, trying)
  if (asked === undefined) return
  const call = () => edge.call('parser.test', asked)
  ask(edge, visit, userId, call, tried => visit.ok(said.tested, JSON.stringify(tried)))
}

function saveRules(edge: Edge, visit: Visit, client: Client, { body }: Asked) {
  const asked = readBody(visit, body, saving)
  if (asked === undefined) return
  const call = () => edge.call('parser.save', { ...asked, by: client.username })
  ask(edge, visit, client.userId, call, saved => visit.ok(said.saved, JSON.stringify(saved)))
}

function runBench(edge: Edge, visit: Visit, client: Client, { body }: Asked) {
  const asked = readBody(visit, body, benching)
  if (asked === undefined) return
  const call = () => edge.call('parser.bench', { ...asked, by: client.username })
  ask(edge, visit, client.userId, call, bench => {
    const { id, supplier, replies, changed, toSuccess, complete, ms } = bench
    const { changes, conflicts } = bench
    const figures = { id, supplier, replies, changed, to_success: toSuccess, complete, ms }
    visit.ok(said.bench, JSON.stringify({ ...figures, changes, conflicts }))
  })
}

function switchOn(edge: Edge, visit: Visit, client: Client, { body }: Asked) {
  const asked = readBody(visit, body, switching)
  if (asked === undefined) return
  const { accept_success: acceptSuccess, ...rest } = asked
  const words = { ...rest, acceptSuccess, by: client.username }
  const call = () => edge.call('parser.activate', words)
  ask(edge, visit, client.userId, call, done => visit.ok(said.activated, JSON.stringify(done)))
}

function saveTemplate(edge: Edge, visit: Visit, client: Client, { body }: Asked) {
  const asked = readBody(visit, body, describing)
  if (asked === undefined) return
  const call = () => edge.call('parser.template', { ...asked, by: client.username })
  ask(edge, visit, client.userId, call, done => visit.ok(said.template, JSON.stringify(done)))
}
