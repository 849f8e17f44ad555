/**
 * A mail server that delivers to nobody: what it takes is shown under `/_sandbox/messages`.
 *
 *   smtp://127.0.0.1:<its own port>     GET /smtp/address tells which
 *   POST /smtp/behave                   {down?: true}: refuses everything until told otherwise
 *
 * SMS1. It listens on a port of its own, free or not; whoever needs it asks where.
 * SMS2. An address that begins with `tolak` does not exist (550), one with `nanti` does the second
 *       time (451 first).
 * SMS3. What is kept is bounded: the oldest mails are forgotten first.
 */

import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { z } from 'zod/v4'
import { PartyClock } from './clock.ts'
import { explain, FaultBox } from './faults.ts'
import type { Message, Party, PartyKind, Route } from './party.ts'
import { SaleBook } from './sales.ts'

export const smtp: PartyKind = {
  kind: 'smtp',
  instances: ['smtp'],
  open: name => new MailServer(name),
}

const mailsMax = 1_000
const laterMax = 1_000
const bytesMax = 256 * 1024
const behaviour = z.strictObject({ down: z.boolean().default(false) })

class MailServer implements Party {
  readonly kind = 'smtp'
  readonly about = 'A mail server on a port of its own: GET /smtp/address'
  readonly name: string
  readonly clock = new PartyClock()
  readonly faults: FaultBox
  readonly sales: SaleBook
  readonly routes: readonly Route[]
  readonly #server: SMTPServer
  readonly #later = new Set<string>()
  #messages: Message[] = []
  #isDown = false

  constructor(name: string) {
    this.name = name
    this.faults = new FaultBox(name)
    this.sales = new SaleBook(name, () => '')
    this.#server = this.#listen()
    this.routes = [
      {
        method: 'get',
        path: '/address',
        handle: (_, reply) => {
          const address = this.#server.server.address() as AddressInfo | null
          if (address === null) return reply.json(503, { wrong: 'It is not listening yet.' })
          reply.json(200, { url: `smtp://127.0.0.1:${address.port}` })
        },
      },
      {
        method: 'post',
        path: '/behave',
        handle: ({ body }, reply) => {
          const read = behaviour.safeParse(objectIn(body))
          if (!read.success) return reply.json(400, { wrong: explain(read.error, ['down']) })
          this.#isDown = read.data.down
          reply.json(200, read.data)
        },
      },
    ]
  }

  accounts() {
    return []
  }

  openAccount() {
    return { wrong: 'The mail server takes mail from anybody: it has no accounts.' }
  }

  messages(): readonly Message[] {
    return this.#messages
  }

  reset() {
    this.clock.reset()
    this.faults.reset()
    this.#messages = []
    this.#later.clear()
    this.#isDown = false
  }

  close(): Promise<void> {
    return new Promise(resolve => this.#server.close(() => resolve()))
  }

  #listen(): SMTPServer {
    const onRcptTo: SMTPServerOptions['onRcptTo'] = ({ address }, _, done) =>
      done(this.#refusalOf(address))
    const server = new SMTPServer({
      ...{ authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'], size: bytesMax },
      ...{ logger: false, disableReverseLookup: true, closeTimeout: 1_000, onRcptTo },
      onData: (stream, session, done) => {
        const parts: Buffer[] = []
        stream.on('data', part => parts.push(part))
        stream.on('end', () => {
          for (const { address } of session.envelope.rcptTo) {
            this.#keep(address, readable(Buffer.concat(parts).toString()))
          }
          done()
        })
      },
    })
    server.on('error', () => {})
    server.listen(0, '127.0.0.1')
    return server
  }

  #refusalOf(address: string): Error | null {
    if (this.#isDown) return refusal(451, 'try again later')
    if (address.startsWith('tolak')) return refusal(550, 'no such user here')
    if (!address.startsWith('nanti') || this.#later.has(address)) return null
    if (this.#later.size < laterMax) this.#later.add(address)
    return refusal(451, 'greylisted')
  }

  #keep(to: string, text: string) {
    const at = new Date(this.clock.now()).toISOString()
    this.#messages.push({ party: this.name, to, text, at })
    if (this.#messages.length > mailsMax) this.#messages.shift()
  }
}

const refusal = (responseCode: number, words: string): Error =>
  Object.assign(new Error(words), { responseCode })

/** Subject and text of a mail of one part, as a person reads it. */
function readable(raw: string): string {
  const end = raw.indexOf('\r\n\r\n')
  const head = raw.slice(0, end).replaceAll(/\r\n[ \t]+/g, ' ')
  const headerOf = (name: string) =>
    new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1]?.trim() ?? ''
  const body = raw.slice(end + 4)
  const encoding = headerOf('content-transfer-encoding').toLowerCase()
  const text =
    encoding === 'base64'
      ? Buffer.from(body, 'base64').toString()
      : encoding === 'quoted-printable'
        ? quoted(body)
        : body
  return `${headerOf('subject')}\n\n${text.replaceAll('\r\n', '\n').trim()}`
}

function quoted(text: string): string {
  const bytes = text
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}

function objectIn(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text)
  } catch {
    return null
  }
}
