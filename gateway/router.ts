/**
 * How a line of business hangs its routes into the gateway: it says who may come and what it does,
 * and gets the path's parameters, the query and the whole body.
 *
 *   signed ─▶ proof, standing, rate (auth.ts) ─▶ role ─▶ serve
 *   open   ─▶ serve, which asks for a proof of its own kind
 *
 * GZ1. Whoever lacks the role is refused after the proof, like anybody whom we know and don't let.
 * GZ2. What `asked` holds may be kept: it does not live in the receive buffer.
 * GZ3. Doors of one pace count together, whichever line they are of: so many per person and minute,
 *      after the role.
 * OAB1. Whatever is hung in stands in the gateway's table, with who may come.
 */

import type { HttpRequest } from 'uWebSockets.js'
import type { Role } from '../services/contract/identity.ts'
import type { Visit } from './answer.ts'
import { fail, proofOf } from './auth.ts'
import { admitAnybody } from './bearer.ts'
import { type Client, type Edge, guarded } from './edge.ts'

/** Whoever works for the house. */
export const staff: readonly Role[] = ['admin', 'finance', 'support']

export type Verb = 'get' | 'post' | 'put' | 'patch' | 'del'

export type Asked = {
  /** What stands in the places of `:name` in the path, in their order, decoded. */
  readonly params: readonly string[]
  /** All headers, names in small letters. */
  readonly headers: Readonly<Record<string, string>>
  /** Empty for GET. */
  readonly body: Buffer
}

export type Door = {
  /** Who may come; everybody with a key when absent. */
  readonly roles?: readonly Role[]
  /** Also for those who rent numbers for themselves, where no `roles` are named. */
  readonly consumers?: boolean
  /** Answers speak of money too, and it spends from the allowance of orders. */
  readonly ordering?: boolean
  /** Whose minute it spends from, above the key's own rate. */
  readonly pace?: keyof Edge['paces']
  /** For files: bodies up to this, where the rest of the API takes small ones. */
  readonly bodyBytesMax?: number
  /** Called first: in which words this visit is refused. */
  readonly speak?: (visit: Visit) => void
}

export type Router = {
  /** For whoever signs the request (X-Api-Key, X-Timestamp, X-Signature) or is logged in. */
  signed(verb: Verb, path: string, serve: Serve, door?: Door): void
  /** For anybody: `serve` finds out who it is. */
  open(verb: Verb, path: string, serve: (visit: Visit, asked: Asked) => void): void
}

export type Serve = (visit: Visit, client: Client, asked: Asked) => void

/** One row of the gateway's table. */
export type Hung = {
  readonly verb: Verb
  /** With `:name` for what changes. */
  readonly path: string
  readonly access: Access
}

/** Who may come: who signs, or anybody. */
export type Access = { readonly signed: boolean; readonly roles?: readonly Role[] | undefined }

type Handler = (visit: Visit, req: HttpRequest) => void
type Route = (verb: Verb, path: string, handler: Handler, access: Access) => void

export function routerOf(edge: Edge, route: Route): Router {
  /** Calls back with the body, or at once when there is none. */
  function whole(
    visit: Visit,
    req: HttpRequest,
    { path, bodyBytesMax }: { readonly path: string; readonly bodyBytesMax?: number | undefined },
    then: (asked: Asked) => void,
  ) {
    const params = paramsOf(req, path)
    const headers: Record<string, string> = {}
    req.forEach((name, value) => {
      headers[name] = value
    })
    if (visit.method === 'get') return then({ params, headers, body: noBody })
    const take = (_: Visit, body: Buffer) =>
      guarded(edge, visit, () => then({ params, headers, body }))
    edge.bodies.read(visit, headers['content-length'] ?? '', take, bodyBytesMax)
  }

  return {
    signed(verb, path, serve, door = {}) {
      const { roles, consumers = false, ordering = false, pace, bodyBytesMax, speak } = door
      const handler: Handler = (visit, req) => {
        speak?.(visit)
        visit.ordering = ordering
        visit.takesMerchants = roles?.includes('merchant') ?? false
        visit.takesConsumers = roles?.includes('consumer') ?? consumers
        const proof = proofOf(req)
        // Where people come, who brought nothing at all is asked to log in, not to sign.
        const isBare = speak !== undefined && proof.key === '' && proof.token === ''
        whole(visit, req, { path, bodyBytesMax }, asked => {
          if (isBare) return fail(edge, visit, 'TOKEN_INVALID')
          admitAnybody(edge, visit, proof, asked.body, (_, client, body) => {
            if (roles !== undefined && !roles.includes(client.role)) {
              return visit.refuse('FORBIDDEN', { moneyEffect: 'none' })
            }
            const waitMs = pace === undefined ? 0 : edge.paces[pace].take(client.userId, edge.now())
            if (waitMs > 0) {
              return visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs, moneyEffect: 'none' })
            }
            const kept = asked.body.length === 0 ? body : Buffer.copyBytesFrom(body)
            guarded(edge, visit, () => serve(visit, client, { ...asked, body: kept }))
          })
        })
      }
      route(verb, path, handler, { signed: true, roles })
    },
    open(verb, path, serve) {
      const handler: Handler = (visit, req) =>
        whole(visit, req, { path }, asked =>
          serve(visit, { ...asked, body: Buffer.copyBytesFrom(asked.body) }),
        )
      route(verb, path, handler, { signed: false })
    },
  }
}

const noBody = Buffer.alloc(0)

function paramsOf(req: HttpRequest, path: string): string[] {
  const count = path.split('/:').length - 1
  return Array.from({ length: count }, (_, index) => decoded(req.getParameter(index) ?? ''))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
