/**
 * Answers of the OtomaX dialects as one line of text, from the partner's own template, the house's,
 * or the built-in one.
 *
 * OTW1. One answer is one line of plain text, whoever wrote the template.
 * OTW2. A template that names the balance gets it, also where the answer came without; when it
 *       can't be had, a dash.
 */

import type { HttpStatus, Visit } from '../answer.ts'
import type { Edge } from '../edge.ts'
import { otomaxNotes } from '../text/otomax.id.ts'
import type { Said, Tongue } from './otomax.ts'
import { mentions, render, type Style, shown, templateOf } from './otomax-template.ts'

export function inWords(edge: Edge, style: Style): Tongue {
  return (visit, said) => {
    const { outcome, card } = said
    if (outcome === 'ticket') return write(visit, said, said.note ?? '')
    if (outcome === 'rejected' || outcome === 'unsure' || card === undefined)
      return write(visit, said, plain(said))
    const template = templateOf(card, style, outcome)
    const print = (balance: number | undefined): void => {
      const known = balance === undefined ? {} : { balance }
      write(
        visit,
        said,
        render(template, outcome, { ...said, ...known, member: card, at: edge.now() }),
      )
    }
    if (said.balance !== undefined || !mentions(template, 'saldo', 'saldoangka'))
      return print(said.balance)
    edge.call('wallet.balance', { userId: card.userId }).then(
      answer => print('ok' in answer ? answer.ok.available : undefined),
      error => {
        edge.onFault(error, visit.id)
        print(undefined)
      },
    )
  }
}

/** Without a template: nothing here may read like the end of an order. */
function plain({ outcome, ref, note = '' }: Said): string {
  const head = ref === undefined ? '' : `R#${shown(ref)} `
  const word = outcome === 'unsure' ? otomaxNotes.unsure : otomaxNotes.rejected
  return `${head}${word}: ${note.replace(/\.$/, '')}.`
}

function write(visit: Visit, said: Said, line: string) {
  send(visit, said, 'text/plain; charset=utf-8', line)
}

export function send(
  visit: Visit,
  { http = 200, retryAfterMs = 1_000 }: { http?: HttpStatus; retryAfterMs?: number },
  type: string,
  body: string,
) {
  const headers: Record<string, string> = {
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  }
  if (http === 429 || http === 503)
    headers['Retry-After'] = String(Math.max(1, Math.ceil(retryAfterMs / 1_000)))
  visit.send(http, type, body, headers)
}
