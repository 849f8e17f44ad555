/**
 * Something that changes something: a button, or a fold with a form in it. Who may not do it sees
 * it with the reason; what can't be taken back takes two presses.
 *
 * WPH1. Who may not is told why, and nothing is sent.
 * WPH2. A secret is shown once, with a way to take it along.
 * WPH3. What the server finds wrong in a field is said at that field.
 */

import { action, form } from '../kit/action.js'
import { copyable } from '../kit/copy.js'
import { fill, h } from '../kit/dom.js'
import { amountIn, amountMax } from '../kit/format.js'
import { tooMuch } from '../kit/text-amount.id.js'
import { barredBy, decide } from './desk.js'
import { usual as words } from './text.id.js'

/**
 * `fields`: what `field` made, with `name`, and `read(value)` that gives the value, or undefined
 * when it is wrong; `wrong` has what to say when the server finds so, by code or for `any`. `path` may
 * be a function, for what is known late. `body(values)` makes the wish; `after(data, act)` is told
 * what came of it, `says(answer)` puts a refusal in words.
 */
export function deed({ name, group, why = '', method = 'POST', path, fields = [], ...more }) {
  const { body = values => values, after = () => {}, sure = false, once = null } = more
  const { says = ({ sentence }) => sentence } = more
  const isForm = fields.length > 0
  const act = action(name, go, {
    ...{ busy: words.busy, submit: isForm, kind: isForm ? 'main' : 'quiet' },
  })
  const shown = h('div')
  const reason = why || barredBy(group)
  if (reason !== '') act.bar(reason)
  let isSure = !sure
  // What was written since the first press is another wish.
  for (const { control } of fields) control.addEventListener('input', reconsider)

  function reconsider() {
    if (!sure || !isSure) return
    isSure = false
    act.rename(name)
  }

  async function go() {
    const values = {}
    for (const { name: key, control, complain, read = text => text } of fields) {
      const value = read(control.type === 'checkbox' ? control.checked : control.value.trim())
      if (value === undefined) return complain(saysOf(read, control.value))
      if (value !== '') values[key] = value
    }
    if (!isSure) {
      isSure = true
      return act.rename(words.sure)
    }
    act.say('')
    const where = typeof path === 'function' ? path() : path
    const answer = await decide(method, where, body(values))
    reconsider()
    if (!answer.ok) {
      const wrong = fields.find(one => namedIn(answer.details).includes(one.name))
      if (wrong === undefined) return act.say(says(answer))
      return wrong.complain(wrong.wrong?.[answer.code] ?? wrong.wrong?.any ?? words.wrong)
    }
    act.say(words.done, 'good')
    if (once !== null) show(once(answer.data))
    await after(answer.data, act)
  }

  /** Of an answer that was lost the secret may be gone, too. */
  function show(secrets) {
    const isThere = secrets.every(([, value]) => value != null)
    fill(
      shown,
      h(
        'div',
        { class: 'card once' },
        h('p', null, isThere ? words.once : words.onceOver),
        isThere && secrets.map(([label, value]) => copyable(label, value)),
      ),
    )
  }

  if (!isForm) return h('div', { class: 'deed' }, act.button, act.note, shown)
  if (reason !== '') {
    const closed = action(name, () => {}, { kind: 'quiet' })
    closed.bar(reason)
    return h('div', { class: 'deed' }, closed.button, closed.note)
  }
  return h(
    'details',
    { class: 'card deed' },
    h('summary', null, name),
    form(
      fields.map(one => one.node),
      act,
    ),
    shown,
  )
}

/** Fields that the server found wrong; services call them by names of their own. */
const namedIn = ({ problems = [], fields = [] } = {}) =>
  [...problems, ...fields.map(one => one.field ?? one)].map(name =>
    name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`),
  )

/** Why a field can't be read so; by what stands there, where that makes a difference. */
const saysOf = ({ says = words.empty }, typed) => (typeof says === 'function' ? says(typed) : says)

/** Whole rupiah. */
export const summed = text => {
  const sum = amountIn(text)
  return sum > 0 && sum <= amountMax ? sum : undefined
}
summed.says = text => (amountIn(text) > amountMax ? tooMuch(amountMax) : words.empty)
/** The same, or none. */
export const summedOrNone = text => (text === '' || amountIn(text) === 0 ? 0 : summed(text))
summedOrNone.says = summed.says

/** What must be told, in three letters at least. */
export const reasoned = text => (text.length < 3 ? undefined : text)
reasoned.says = words.short
export const needed = text => (text === '' ? undefined : text)
