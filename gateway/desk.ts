/**
 * A door for people at a desk, of the soundbox line or of the house. It knows who comes and what he
 * may, keeps one answer per `Idempotency-Key`, and has everything that changes something written
 * down before it is answered.
 *
 *   token ─▶ role ─▶ key claimed ─▶ serve ─▶ audit ─▶ answer kept ─▶ answer
 *                      └─ kept already: the very same answer
 *
 * DKE1. Who lacks the role is refused, and who speaks for a merchant comes through his own doors
 *       only.
 * DKE2. The same key and request get the same answer, another request under it a conflict, and one
 *       that comes while the first is at work is told to wait. What stands behind the path belongs
 *       to the request, in whichever order.
 * DKE3. What was done or refused stands in the audit log before the answer leaves; when it can not
 *       be written, nothing is claimed, and the key is let go so that the same request may be sent
 *       again.
 * DKE4. An answer that says "not now" is not kept, and neither is a secret that is shown once.
 * DKE5. Text that no table can keep is refused before anything is done.
 * DKE6. All of this holds in either envelope, the soundbox line's and the house's.
 * DKE7. Of what names somebody who may ask to be forgotten, the audit log, which only grows, has
 *       that it was changed and not what it says.
 * DKE8. What a request makes has a name of its key and of what was asked: sent again after the key
 *       came free, by a crash or because nothing could be written down, it makes nothing twice.
 * DKE9. Where a secret would be missed for ever if its answer were lost, and its service knows it
 *       by the request, a repeat sees it again; that stands in the audit log, too.
 * DKE10. A file that is to be found again stands in the audit log with everything that it names,
 *       each by itself, before it leaves; it is made anew for whoever asks again, whatever his key.
 */

import { createHash } from 'node:crypto'
import type { Answer } from '../services/contract/answer.ts'
import type { Actor } from '../services/contract/desk.ts'
import type { MerchantRole, Role } from '../services/contract/identity.ts'
import { addressOf, neighbourhood } from './address.ts'
import {
  type Code,
  csv,
  type HttpStatus,
  json,
  okHead,
  okTail,
  type Refusal,
  refusalOf as refusalOfHouse,
  type Told,
  type Visit,
} from './answer.ts'
import { ask } from './ask.ts'
import { type Claim, claimed, fingerprintOf, keep, release, sure } from './claim.ts'
import type { Client, Edge } from './edge.ts'
import { isKeepable } from './reading.ts'
import type { Asked, Router, Verb } from './router.ts'
import { refusalOf, speakSoundbox } from './soundbox/answer.ts'

export const deskRoles = ['admin', 'finance', 'ops', 'support', 'viewer'] as const
export const merchantRoles: readonly MerchantRole[] = ['owner', 'finance', 'ops', 'viewer']

export type Desk = {
  readonly visit: Visit
  readonly client: Client
  readonly actor: Actor
  /** A reference of this very request: of its key when it has one, else drawn. */
  readonly reference: string
  /** A UUID of who asks, under which key, and for what: a repeat has the same. */
  readonly request: string
  /** Calls a service on behalf of whoever stands here. */
  readonly ask: <T>(call: () => Promise<Answer<T>>, then: (ok: T) => void) => void
  /** Done. `subject` is what the audit log says it was done to. */
  readonly give: (data: object, subject?: string) => void
  /** The same with what is shown once: a repeat gets the answer without it. */
  readonly giveSecret: (data: object, secret: object, subject?: string) => void
  /** A file instead of an answer. `subjects`: all that it names. */
  readonly giveFile: (file: GivenFile, subjects?: readonly string[]) => void
}

type Ends = Pick<Desk, 'give' | 'giveSecret' | 'giveFile'>

/** CSV of that name. */
type GivenFile = {
  readonly name: string
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
}

type MerchantDesk = Desk & { readonly merchantId: string }

export type Work = {
  /** `what.verb` for the audit log; absent where nothing is changed. */
  readonly act?: string
  /** A repeat asks the service again, which does nothing twice under one `request`. */
  readonly isShownAgain?: boolean
  readonly bodyBytesMax?: number
  readonly pace?: 'staff'
  /** The sentence of a success, where the envelope has one. */
  readonly says?: string
  /** Fields of the body that name somebody. */
  readonly personal?: readonly string[]
}

type Served<D> = (desk: D, asked: Asked) => void

type Desks = {
  staff(verb: Verb, path: string, roles: readonly Role[], serve: Served<Desk>, work?: Work): void
  merchant(
    verb: Verb,
    path: string,
    roles: readonly MerchantRole[],
    serve: Served<MerchantDesk>,
    work?: Work,
  ): void
}

/** In which envelope a desk answers. */
type Envelope = {
  readonly speak?: (visit: Visit) => void
  readonly given: (visit: Visit, dataText: string, says: string) => string
  readonly refusalOf: (visit: Visit, code: Code, told: Told) => Refusal
}

const soundboxEnvelope: Envelope = {
  ...{ speak: speakSoundbox, refusalOf },
  given: (_, dataText) => dataText,
}

/** As everything under `/api/v1` is answered. */
export const houseEnvelope: Envelope = {
  refusalOf: refusalOfHouse,
  given: ({ id }, dataText, says) => `${okHead(says)}${dataText}${okTail(id)}`,
}

export function desksOf(router: Router, edge: Edge, envelope = soundboxEnvelope): Desks {
  function open(
    visit: Visit,
    client: Client,
    asked: Asked,
    { act, says = '', personal = [], isShownAgain = false }: Work,
    serve: (desk: Desk) => void,
  ) {
    const address = neighbourhood(addressOf(visit.res, visit.forwarded, edge.proxies))
    const role = client.merchant ? `merchant.${client.merchant.role}` : client.role
    const actor: Actor = {
      ...{ userId: client.userId, name: client.email ?? client.username, role },
      ...{ address, requestId: visit.id },
    }
    const desk = (reference: string, ends: Ends): Desk => ({
      ...{ visit, client, actor, reference, ...ends },
      get request() {
        return uuidOf(`${client.userId} ${reference} ${fingerprintOf(visit, asked)}`)
      },
      ask: (call, then) => ask(edge, visit, client.userId, call, then),
    })
    if (visit.query.includes('%00') || (act !== undefined && !canKeep(asked.body))) {
      return visit.refuse('VALIDATION_FAILED', { details: { problem: 'text_not_keepable' } })
    }
    if (act === undefined) {
      const give = (data: object) =>
        visit.send(200, json, envelope.given(visit, JSON.stringify(data), says))
      const giveSecret = (data: object, secret: object) => give({ ...data, ...secret })
      const giveFile = (file: GivenFile) => visit.send(200, csv, file.text, headersOf(file))
      return serve(desk(visit.id, { give, giveSecret, giveFile }))
    }

    const serveAs = (act: string, reference: string, claim: Claim | null) => {
      const finish = finisher({ edge, visit, asked, actor, act, says, personal, claim, envelope })
      visit.dialect = (one, code, told) => finish.refuse(envelope.refusalOf(one, code, told), code)
      serve(desk(reference, finish))
    }
    const again = (key: string, { status }: { status: number }) => {
      const isServed = isShownAgain && status === 200
      if (isServed) serveAs(`${act}.again`, `key:${key}`, null)
      return isServed
    }
    claimed(edge, visit, { scope: client.userId, asked, again }, claim =>
      serveAs(act, claim === null ? visit.id : `key:${claim.key}`, claim),
    )
  }

  const hang = (
    verb: Verb,
    path: string,
    { roles, work }: { roles: readonly Role[]; work: Work },
    serve: (visit: Visit, client: Client, asked: Asked) => void,
  ): void => {
    const { bodyBytesMax, pace } = work
    const limit = {
      ...(bodyBytesMax === undefined ? {} : { bodyBytesMax }),
      ...(pace === undefined ? {} : { pace }),
    }
    const speech = envelope.speak === undefined ? {} : { speak: envelope.speak }
    router.signed(verb, path, serve, { roles, ...speech, ...limit })
  }

  return {
    staff(verb, path, roles, serve, work = {}) {
      hang(verb, path, { roles, work }, (visit, client, asked) =>
        open(visit, client, asked, work, desk => serve(desk, asked)),
      )
    },
    merchant(verb, path, roles, serve, work = {}) {
      hang(verb, path, { roles: ['merchant'], work }, (visit, client, asked) => {
        const { merchant } = client
        if (!merchant || !roles.includes(merchant.role)) return visit.refuse('FORBIDDEN')
        const { merchantId } = merchant
        open(visit, client, asked, work, desk => serve({ ...desk, merchantId }, asked))
      })
    },
  }
}

/** Version 8: a hash. */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

type Finishing = {
  readonly edge: Edge
  readonly visit: Visit
  readonly asked: Asked
  readonly actor: Actor
  readonly act: string
  readonly says: string
  readonly personal: readonly string[]
  readonly claim: Claim | null
  readonly envelope: Envelope
}

/** Everything between the service's answer and ours. The first of several endings counts. */
function finisher(finishing: Finishing): Ends & {
  readonly refuse: (refusal: Refusal, code: Code) => void
} {
  const { edge, visit, asked, actor, act, says, personal, claim, envelope } = finishing
  const textOf = (data: object) => envelope.given(visit, JSON.stringify(data), says)
  let isEnding = false
  const named = asked.params[0] ?? ''

  async function end({ status, type = json, text, kept = text, headers, ...what }: Ending) {
    if (isEnding) return
    isEnding = true
    const told = { ...queryOf(visit.query), ...unnamed(bodyOf(asked.body), personal) }
    const details = { path: visit.path, ...told }
    const { outcome, subjects } = what
    const add = async (subject: string) =>
      sure(await edge.call('audit.add', { actor, action: act, subject, outcome, details }))
    try {
      await Promise.all(subjects.map(add))
      if (claim !== null) await keep(edge, claim, { status, body: kept })
      visit.send(status, type, text, headers)
    } catch (cause) {
      edge.onFault(cause, visit.id)
      release(edge, claim)
      const { http, text: sorry, headers: later } = envelope.refusalOf(visit, 'UNREACHABLE', {})
      visit.send(http, json, sorry, later)
    }
  }

  return {
    give: (data, subject = named) =>
      void end({ status: 200, text: textOf(data), outcome: 'done', subjects: [subject] }),
    giveSecret(data, secret, subject = named) {
      const text = textOf({ ...data, ...secret })
      void end({ status: 200, text, kept: textOf(data), outcome: 'done', subjects: [subject] })
    },
    giveFile(file, subjects = [named]) {
      const headers = headersOf(file)
      void end({ status: 200, type: csv, text: file.text, headers, outcome: 'done', subjects })
    },
    refuse: ({ http: status, text, headers }, code) =>
      void end({ status, text, outcome: code, subjects: [named], headers }),
  }
}

type Ending = {
  readonly status: HttpStatus
  readonly type?: string
  readonly text: string
  readonly kept?: string
  readonly outcome: string
  readonly subjects: readonly string[]
  readonly headers?: Refusal['headers']
}

const headersOf = ({ name, headers }: GivenFile): Readonly<Record<string, string>> => ({
  'Content-Disposition': `attachment; filename="${name}.csv"`,
  'Cache-Control': 'no-store',
  ...headers,
})

/** Said before anything is done. */
const canKeep = (body: Buffer): boolean => !body.includes('\\u') || isKeepable(bodyOf(body))

function unnamed(told: { body?: unknown }, personal: readonly string[]): { body?: unknown } {
  const { body } = told
  if (personal.length === 0 || typeof body !== 'object' || body === null) return told
  const fields = Object.entries(body)
  return {
    body: Object.fromEntries(fields.map(([key, v]) => [key, personal.includes(key) ? '***' : v])),
  }
}

function queryOf(query: string): { query?: unknown } {
  return query === '' ? {} : { query: Object.fromEntries(new URLSearchParams(query)) }
}

function bodyOf(body: Buffer): { body?: unknown } {
  if (body.length === 0) return {}
  try {
    return { body: JSON.parse(body.toString()) }
  } catch {
    return {}
  }
}
