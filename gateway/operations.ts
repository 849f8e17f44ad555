/**
 * What the API offers, door by door: the shapes that its routes read with, the shape of what they
 * answer, and an example. `/docs` and the OpenAPI document are made of this; each line of business
 * has a file in `operations/`.
 *
 * GQ1. Every example is answered as its row says.
 * GQ2. Every door has its row, or stands among those that have none with the reason.
 */

import type { Door, Operation } from './openapi.ts'
import { alarms } from './operations/alarms.ts'
import { care } from './operations/care.ts'
import { catalogue } from './operations/catalogue.ts'
import { chat } from './operations/chat.ts'
import { clients } from './operations/clients.ts'
import { commission } from './operations/commission.ts'
import { complaints } from './operations/complaints.ts'
import { depositDeskOperations, depositOperations } from './operations/deposit.ts'
import { desk } from './operations/desk.ts'
import { dialectRows } from './operations/dialects.ts'
import { float } from './operations/float.ts'
import { health } from './operations/health.ts'
import { numberOperations } from './operations/number.ts'
import { numberDesk } from './operations/number-admin.ts'
import { orders } from './operations/orders.ts'
import { parser } from './operations/parser.ts'
import { partners } from './operations/partners.ts'
import { people } from './operations/people.ts'
import { routing } from './operations/routing.ts'
import { wallet } from './operations/wallet.ts'
import { webhooks } from './operations/webhooks.ts'

export const operations: readonly Operation[] = [
  ...orders,
  ...people,
  ...wallet,
  ...depositOperations,
  ...numberOperations,
  ...numberDesk,
  ...webhooks,
  ...dialectRows,
  ...commission,
  ...complaints,
  ...clients,
  ...care,
  ...alarms,
  ...desk,
  ...depositDeskOperations,
  ...catalogue,
  ...routing,
  ...float,
  ...parser,
  ...chat,
  ...partners,
  ...health,
]

/** Doors that are no part of the API: what they are instead. */
export const undescribed: Readonly<Record<Door, string>> = {
  'get /api/v1/openapi.json': 'this document',
  'get /metrics': 'for Prometheus, from private addresses only',
  'get /health/deep': 'for whoever runs the system, from private addresses only',
  'post /api/v1/auth/refresh': 'takes the cookie of a login: for pages, which need no example',
  'post /demo/buy': 'the button of the demo page',
  'post /demo/box': 'for the page of the demo’s soundbox',
  'post /demo/pay': 'a button on the page of the demo’s soundbox',
  'post /api/v1/callbacks/supplier/:supplier': 'in the words of each supplier',
  'get /api/v1/callbacks/supplier/:supplier': 'in the words of each supplier',
  'post /api/v1/callbacks/supplier/:supplier/:word': 'in the words of each supplier',
  'get /api/v1/callbacks/supplier/:supplier/:word': 'in the words of each supplier',
  'post /stubs/handler_api.php': 'the same as with GET, as a form',
  'post /api/v1/callbacks/moota': 'in the words of Moota',
  'post /api/v1/callbacks/atlantic': 'in the words of Atlantic',
  'post /api/v1/chat/inbox/:gateway': 'in the words of each chat gateway',
  'post /api/v1/chat/telegram/:gateway': 'in the words of Telegram',
  'post /api/v1/chat/whatsapp/:gateway': 'in the words of Meta',
  'get /api/v1/chat/whatsapp/:gateway': 'in the words of Meta',
}

/** The soundbox line: its doors stand in docs/soundbox.md, in the words of its own source. */
export const isSoundbox = (path: string): boolean =>
  /^\/(?:admin|merchant|device|integrations\/qris)\//.test(path)

/** Files of the web pages. */
const pages: ReadonlySet<string> = new Set([
  ...['/', '/app', '/toko', '/kantor', '/kotak'],
  ...['/nomor', '/nomor-worker.js', '/docs'],
])
export const isPage = (path: string): boolean =>
  pages.has(path.replace(/(?<=.)\/$/, '')) || path.startsWith('/ui/')
