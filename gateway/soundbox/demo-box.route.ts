/**
 * The demo's soundbox, for whoever sits in front of it: its credential for the page at /kotak, and
 * a customer who pays the QR that stands there. Both exist in demo mode only.
 *
 * VBR1. The credential is told to private addresses that no proxy speaks for, to no page of
 *       somebody else's, and under an address that is ours: a name that was made to point here
 *       does not get it.
 * VBR2. The customer pays what the QR says and does nothing else at the sandbox.
 * VBR3. Each address may do it only so often; without a box or a sandbox there is no door.
 */

import { isIP } from 'node:net'
import { z } from 'zod/v4'
import { addressOf, isPrivate } from '../address.ts'
import type { Visit } from '../answer.ts'
import { neighbour } from '../auth.ts'
import type { Edge } from '../edge.ts'
import type { AddressBuckets } from '../limits.ts'
import { readBody } from '../reading.ts'
import { machineText } from '../text/machine.id.ts'

export type DemoBox = {
  readonly deviceId: string
  readonly secret: string
  /** Pays as a customer would; false when the acquirer did not take it. Null: there is none. */
  readonly pay: ((qr: string) => Promise<boolean>) | null
}

type Parts = { readonly box: DemoBox | undefined; readonly visitors: AddressBuckets }
type Headers = { getHeader(name: string): string }

type Asker = {
  readonly host: string
  readonly site: string
  readonly origin: string
  readonly proxied: boolean
}

/** Must be called while the request's head is at hand. */
export const askerOf = (req: Headers): Asker => ({
  host: req.getHeader('host'),
  site: req.getHeader('sec-fetch-site'),
  origin: req.getHeader('origin'),
  proxied: proxyHeaders.some(name => req.getHeader(name) !== ''),
})

const proxyHeaders = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'cf-connecting-ip', 'via']

const wish = z.strictObject({ qr_string: z.string().regex(/^[\x20-\x7e]{20,512}$/) })

export function tellBox(edge: Edge, { box, visitors }: Parts, asker: Asker, publicUrl: string) {
  return (visit: Visit) => {
    const isOurs = isNear(edge, visit, asker) && isOwnAddress(asker.host, publicUrl)
    if (box === undefined || !isOurs) return visit.refuse('NOT_FOUND')
    if (!admitted(edge, visit, { visitors, asker })) return
    const { deviceId, secret, pay } = box
    const told = { device_id: deviceId, secret, can_pay: pay !== null }
    visit.ok(machineText.demoBox, JSON.stringify(told))
  }
}

export function payDemo(edge: Edge, { box, visitors }: Parts, asker: Asker) {
  return (visit: Visit, body: Buffer) => {
    if (box === undefined || box.pay === null) return visit.refuse('NOT_FOUND')
    if (!admitted(edge, visit, { visitors, asker })) return
    const asked = readBody(visit, body, wish)
    if (asked === undefined) return
    box.pay(asked.qr_string).then(
      paid => {
        if (paid) visit.ok(machineText.demoPaid, '{"paid":true}')
        else visit.refuse('UNREACHABLE')
      },
      error => {
        edge.onFault(error, visit.id)
        visit.refuse('UNREACHABLE')
      },
    )
  }
}

function admitted(
  edge: Edge,
  visit: Visit,
  { visitors, asker }: Pick<Parts, 'visitors'> & { readonly asker: Asker },
): boolean {
  if (edge.stopping) visit.refuse('STOPPING')
  else if (isForeign(asker)) visit.refuse('ORIGIN_FORBIDDEN')
  else {
    const waitMs = visitors.take(neighbour(edge, visit), edge.now())
    if (waitMs > 0) visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs })
  }
  return !visit.over
}

/** A proxy that we were not told of would make everybody a neighbour. */
function isNear(edge: Edge, visit: Visit, { proxied }: Asker): boolean {
  if (edge.proxies === 0 && proxied) return false
  return isPrivate(addressOf(visit.res, visit.forwarded, edge.proxies))
}

function isForeign({ site, origin, host }: Asker): boolean {
  if (site !== '') return site !== 'same-origin' && site !== 'none'
  if (origin === '') return false
  return !URL.canParse(origin) || new URL(origin).host !== host
}

function isOwnAddress(host: string, publicUrl: string): boolean {
  if (!URL.canParse(`http://${host}`)) return false
  const { hostname } = new URL(`http://${host}`)
  const name = hostname.replace(/^\[|\]$/g, '')
  return isIP(name) !== 0 || name === 'localhost' || name === new URL(publicUrl).hostname
}
