/**
 * The second factor at the door, for whoever has one or must: a picture to scan, six digits back,
 * and ten codes for the day the telephone is gone. The picture is drawn here; the secret leaves for
 * nobody.
 */

import { action, form } from './action.js'
import { copyable } from './copy.js'
import { fill, h } from './dom.js'
import { field } from './field.js'
import { qrDrawing } from './qr.js'
import { send } from './session.js'
import { words } from './text-factor.id.js'

/** `proof`: username and password. `done` when somebody may sign in with it. */
export function setUp(node, { proof, sentenceOf, done }) {
  const ask = (verb, more) => send('POST', `/api/v1/auth/totp/${verb}`, { ...proof, ...more }, null)
  const former = codeInput(words.former)
  former.node.hidden = true
  const begin = action(words.begin, enrol, { busy: words.busy, submit: true })
  fill(node, h('h1', null, words.title), h('p', { class: 'soft' }, words.why))
  node.append(form([former.node], begin))

  async function enrol() {
    begin.say('')
    const code = former.control.value.trim()
    const answer = await ask('enrol', code === '' ? {} : { code })
    if (answer.ok) return show(answer.data)
    former.node.hidden = former.node.hidden && answer.code !== 'SECOND_FACTOR_REQUIRED'
    begin.say(sentenceOf(answer))
  }

  function show({ secret, uri }) {
    const code = codeInput(words.code)
    const act = action(words.confirm, confirm, { busy: words.busy, submit: true })
    const picture = h('div', { class: 'factor' }, qrDrawing(uri, words.picture))
    fill(
      node,
      h('h1', null, words.title),
      h('p', { class: 'soft' }, words.scan),
      picture,
      copyable(words.secret, secret),
      form([code.node], act),
    )
    code.control.focus()

    async function confirm() {
      const answer = await ask('confirm', { code: code.control.value.trim() })
      if (answer.ok) return keep(answer.data.recovery_codes)
      act.say(sentenceOf(answer))
      code.control.select()
    }
  }

  function keep(codes) {
    const act = action(words.kept, async () => done())
    fill(
      node,
      h('h1', null, words.keep),
      h('p', { class: 'soft' }, words.recovery),
      copyable(words.codes, codes.join('\n')),
      act.button,
    )
  }
}

/** What is asked for at the door of who has one. */
export const codeField = () => codeInput(words.door, words.doorHelp)

const codeInput = (label, note) =>
  field(
    label,
    h('input', {
      ...{ type: 'text', autocomplete: 'one-time-code', maxlength: '20' },
      ...{ autocapitalize: 'characters', spellcheck: 'false' },
    }),
    note,
  )
