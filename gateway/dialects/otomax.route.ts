/**
 * Where the OtomaX dialects listen, and in which of them an answer is written: who asks in XML, or
 * accepts only that, is answered in XML.
 *
 *   /h2h/trx, /h2h/balance, /h2h/ticket      OtomaX
 *   /h2h/<dialect>/transaction               IRS, ST24, Sipas, Tiger, Payuni, Serpul
 *   /h2h/xml                                 FM and XML-RPC
 *
 * OTR1. Every dialect of the table has its address; the last part of an OtomaX address is `trx`.
 * OTR2. A form that is posted is read like a query.
 * OTR3. A callback address is called as those who asked call each other: OtomaX or IRS.
 */

import { irsAddress, otomaxAddress } from '../../services/wire/otomax.ts'
import type { Visit } from '../answer.ts'
import type { Edge } from '../edge.ts'
import type { Line } from '../lines.ts'
import type { Asked, Router } from '../router.ts'
import { otomaxNotes } from '../text/otomax.id.ts'
import { readBalance, readStatus, type Talk, takeTicket, transact, unreadable } from './otomax.ts'
import {
  type Dialect,
  dialects,
  type Fields,
  fieldsOf,
  readOrder,
  readProof,
  readStatus as readStatusAsked,
  readTicket,
} from './otomax-asked.ts'
import { inWords } from './otomax-words.ts'
import { inFm, inRpc, readXml } from './otomax-xml.ts'

type Serve = (talk: Talk, fields: Fields) => void

export const speakOtomax: Line = (router, edge) => {
  const order: Serve = (talk, fields) => transact(talk, readOrder(fields))
  const balance: Serve = (talk, fields) => readBalance(talk, readProof(fields))
  const ticket: Serve = (talk, fields) => takeTicket(talk, readTicket(fields))

  const xml = (visit: Visit, asked: Asked): void => speakXml(edge, visit, asked)
  get(router, edge, '/h2h/trx', { dialect: 'otomax', command: 'TOPUP' }, order)
  get(router, edge, '/h2h/balance', { dialect: 'otomax', command: 'BALANCE' }, balance)
  get(router, edge, '/h2h/ticket', { dialect: 'otomax', command: 'TICKET' }, ticket)
  get(router, edge, '/h2h/without-sign/trx', { dialect: 'serpul', command: 'TOPUP' }, order)
  for (const dialect of Object.keys(dialects) as Dialect[]) {
    get(router, edge, `/h2h/${dialect}/transaction`, { dialect, command: 'TOPUP' }, order)
    get(router, edge, `/h2h/${dialect}/balance`, { dialect, command: 'BALANCE' }, balance)
  }
  router.open('post', '/h2h/xml', xml)
  router.open('post', '/h2h/trx', (visit, asked) => {
    if (isXml(asked.headers['content-type'])) return xml(visit, asked)
    const talk = talkOf(edge, visit, asked, { dialect: 'otomax', command: 'TOPUP' })
    const form = fieldsOf(`${visit.query}&${asked.body.toString('utf8')}`, 'otomax')
    if (form === null) unreadable(talk)
    else order(talk, form)
  })
}

type Place = { readonly dialect: Dialect; readonly command: string }

function get(router: Router, edge: Edge, path: string, place: Place, serve: Serve) {
  router.open('get', path, (visit, asked) => {
    const talk = talkOf(edge, visit, asked, place)
    const fields = fieldsOf(visit.query, place.dialect)
    if (fields === null) unreadable(talk)
    else serve(talk, fields)
  })
}

/** Also what the gateway itself refuses is said in the dialect, and leaves the order open. */
function talkOf(edge: Edge, visit: Visit, asked: Asked, { dialect, command }: Place): Talk {
  const say = isXml(asked.headers['accept'])
    ? inFm(edge, command)
    : inWords(edge, dialects[dialect].style)
  const { style } = dialects[dialect]
  return talking(edge, visit, say, style === 'irs' ? irsAddress : otomaxAddress)
}

function talking(
  edge: Edge,
  visit: Visit,
  say: Talk['say'],
  addressed: Talk['addressed'] = otomaxAddress,
): Talk {
  visit.dialect = (_, code) => {
    const isOurs = code === 'INTERNAL_ERROR'
    say(visit, {
      outcome: isOurs ? 'unsure' : 'rejected',
      note: isOurs ? otomaxNotes.later : otomaxNotes.unreadable,
      ...(isOurs ? { http: 503 as const } : {}),
    })
  }
  return { edge, visit, say, addressed }
}

const isXml = (type: string | undefined): boolean =>
  /^\s*(?:application|text)\/(?:[\w.-]+\+)?xml\b/i.test(type ?? '')

function speakXml(edge: Edge, visit: Visit, { body }: Asked) {
  const beside = fieldsOf(visit.query, 'otomax')
  const asked = beside === null ? null : readXml(body, beside)
  const command = asked?.form === 'fm' && asked.command !== 'unknown' ? asked.command : 'TOPUP'
  const talk = talking(edge, visit, asked?.form === 'rpc' ? inRpc(edge) : inFm(edge, command))
  if (asked === null) return unreadable(talk)
  switch (asked.command) {
    case 'TOPUP':
      return transact(talk, readOrder(asked.fields))
    case 'TOPUPSTATUS':
      return readStatus(talk, readStatusAsked(asked.fields))
    case 'BALANCE':
      return readBalance(talk, readProof(asked.fields))
    case 'unknown':
      return unreadable(talk, otomaxNotes.commandUnknown)
  }
}
