/**
 * How a line of business hangs its routes into the gateway: it says who may come and what it does,
 * and gets the path's parameters, the query and the whole body.
 *
 *   signed ─▶ proof, standing, rate (auth.ts) ─▶ role ─▶ serve
 *   open   ─▶ serve, which asks for a proof of its own kind
 *
 * GZ1. Whoever lacks the role is refused after the proof, like anybody whom we know and don't let.
 * GZ2. What `asked` holds may be kept: it does not live in the receive buffer.
 */

import type { HttpRequest } from 'uWebSockets.js'
import type { Role } from '../services/contract.ts'
import type { Visit } from './answer.ts'
import { admit, proofOf } from './auth.ts'
import { type Client, type Edge, guarded } from './edge.ts'

export type Verb = 'get' | 'post' | 'put' | 'del'

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
  /** Answers speak of money too, and it spends from the allowance of orders. */
  readonly ordering?: boolean
}

export type Router = {
  /** For whoever signs the request (X-Api-Key, X-Timestamp, X-Signature). */
  signed(verb: Verb, path: string, serve: Serve, door?: Door): void
  /** For anybody: `serve` finds out who it is. */
  open(verb: Verb, path: string, serve: (visit: Visit, asked: Asked) => void): void
}

export type Serve = (visit: Visit, client: Client, asked: Asked) => void

type Route = (verb: Verb, path: string, handler: (visit: Visit, req: HttpRequest) => void) => void

export function routerOf(edge: Edge, route: Route): Router {
  /** Calls back with the body, or at once when there is none. */
  function whole(visit: Visit, req: HttpRequest, path: string, then: (asked: Asked) => void) {
    const params = paramsOf(req, path)
    const headers: Record<string, string> = {}
    req.forEach((name, value) => {
      headers[name] = value
    })
    if (visit.method === 'get') return then({ params, headers, body: noBody })
    edge.bodies.read(visit, headers['content-length'] ?? '', (_, body) =>
      guarded(edge, visit, () => then({ params, headers, body })),
    )
  }

  return {
    signed(verb, path, serve, { roles, ordering = false } = {}) {
      route(verb, path, (visit, req) => {
        visit.ordering = ordering
        const proof = proofOf(req)
        whole(visit, req, path, asked =>
          admit(edge, visit, proof, asked.body, (_, client, body) => {
            if (roles !== undefined && !roles.includes(client.role)) {
              return visit.refuse('FORBIDDEN', { moneyEffect: 'none' })
            }
            const kept = asked.body.length === 0 ? body : Buffer.copyBytesFrom(body)
            guarded(edge, visit, () => serve(visit, client, { ...asked, body: kept }))
          }),
        )
      })
    },
    open(verb, path, serve) {
      route(verb, path, (visit, req) =>
        whole(visit, req, path, asked =>
          serve(visit, { ...asked, body: Buffer.copyBytesFrom(asked.body) }),
        ),
      )
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
