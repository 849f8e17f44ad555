/**
 * What numbers are sold for: the rules, what a change would do, and the change.
 *
 * WPQ1. What is saved is what was looked at: whatever is written after the look must be looked at
 *       again first.
 */

import { action } from '../kit/action.js'
import { fill, h } from '../kit/dom.js'
import { field } from '../kit/field.js'
import { amountIn, amountMax, rupiah, timeOf } from '../kit/format.js'
import { pagedList, skeleton, trouble } from '../kit/list.js'
import { query as asking } from '../kit/query.js'
import { tooMuch } from '../kit/text-amount.id.js'
import { cells, choice, input, soft, strong } from './cells.js'
import { deed } from './deed.js'
import { barredBy, call, decide } from './desk.js'
import { numberWays, reasonOf, root } from './number-ways.js'
import { usual } from './text.id.js'
import { ways, prices as words } from './text-number.id.js'

const path = `${root}/markup`

export function open({ node, title }) {
  title(words.title)
  const body = h('div', null, skeleton(5))
  const history = pagedList({
    label: words.history,
    shape: 'c4',
    row: changeRow,
    empty: () => h('p', null, words.noHistory),
    async load(cursor) {
      const answer = await call('GET', `${path}/history${asking({ limit: 10, cursor })}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  node.append(
    numberWays('nomor-harga'),
    h('p', { class: 'soft' }, words.intro),
    body,
    h('section', null, h('h2', null, words.history), history.node),
  )
  void look()

  async function look() {
    const answer = await call('GET', path)
    if (!answer.ok) return fill(body, trouble(answer.sentence, look))
    show(answer.data)
    void history.again()
  }

  function show({ version, usual: fallback, rules }) {
    const desk = editor({ version, rules, after: look })
    const isEmpty = rules.length === 0
    fill(
      body,
      desk.node,
      h('h2', null, words.rules),
      isEmpty && h('p', { class: 'soft' }, words.noRules),
      h(
        'ul',
        { class: 'rows' },
        rules.map(one => h('li', null, ruleRow(one, { version, after: look, edit: desk.edit }))),
        h('li', null, cells(null, soft(words.usual), soft(saidOf(fallback)))),
      ),
    )
  }
}

const decimal = new Intl.NumberFormat('id-ID', { maximumFractionDigits: 2 })

function saidOf(rule) {
  const how = {
    percent: () => words.percent(decimal.format(rule.percent_bp / 100)),
    fixed: () => words.fixed(rule.fixed),
    tiered: () => words.tiered(rule.steps.length),
  }[rule.kind]()
  return `${how}, ${words.roundings[rule.rounding]}`
}

const placeOf = ({ service, country, operator }) => words.place(service, country, operator)

function ruleRow({ place, rule, by, reason, at }, { version, after, edit }) {
  const change = h('button', { type: 'button', class: 'quiet' }, words.edit)
  change.addEventListener('click', () => edit(place, rule))
  const remove = deed({
    ...{ name: words.remove, group: 'admins', method: 'DELETE', path, after },
    fields: [input('reason', ways.reason, { maxlength: 300, read: reasonOf })],
    body: values => ({ ...values, ...place, version }),
  })
  const row = cells(
    null,
    strong(placeOf(place)),
    soft(words.level(place.level)),
    h('span', null, saidOf(rule)),
    soft(`${usual.by(by)}, ${timeOf(at)}`),
    h('div', { class: 'wide soft' }, reason),
    h('div', { class: 'wide deeds' }, change, remove),
  )
  row.classList.add('tall')
  return row
}

const changeRow = ({ place, rule, by, reason, at }) =>
  cells(
    null,
    strong(placeOf(place)),
    soft(rule === null ? words.historyRemoved : saidOf(rule)),
    soft(`${words.level(place.level)} · ${reason}`),
    soft(`${usual.by(by)}, ${timeOf(at)}`),
  )

// -- the editor ----------------------------------------------------------------------------------

function editor({ version, rules, after }) {
  const { fields } = words
  const level = input('level', fields.level, {
    ...{ inputmode: 'numeric', maxlength: 2, value: '0', note: fields.levelNote },
  })
  const names = ['service', 'country', 'operator'].map(name =>
    input(name, fields[name], { maxlength: 64, note: fields.anyNote }),
  )
  const kind = choice('kind', fields.kind, Object.entries(fields.kinds))
  const percent = input('percent', fields.percent, { inputmode: 'decimal', maxlength: 7 })
  const fixed = input('fixed', fields.fixed, { inputmode: 'numeric', maxlength: 12 })
  const steps = stepsField()
  const rounding = choice('rounding', fields.rounding, Object.entries(words.roundings), {
    value: 'up_100',
  })
  const reason = input('reason', fields.reason, { maxlength: 300 })
  const result = h('div', { role: 'status' })
  const see = action(words.see, look, { busy: words.seeing, kind: 'quiet' })
  const save = action(words.save, keep, { busy: usual.busy })
  /** What was looked at; only that is saved. */
  let seen = ''

  const node = h(
    'details',
    { class: 'card' },
    h('summary', null, words.add),
    h(
      'form',
      { novalidate: true },
      h(
        'div',
        { class: 'filters four' },
        level.node,
        names.map(one => one.node),
      ),
      h('div', { class: 'halves' }, kind.node, rounding.node, percent.node, fixed.node),
      steps.node,
      see.note,
      see.button,
      result,
      reason.node,
      save.note,
      save.button,
    ),
  )
  node.querySelector('form').addEventListener('submit', event => {
    event.preventDefault()
    void see.press()
  })
  node.addEventListener('input', event => {
    if (event.target !== reason.control) forget()
  })
  kind.control.addEventListener('change', showKind)
  showKind()
  forget()

  function showKind() {
    percent.node.hidden = kind.control.value !== 'percent'
    fixed.node.hidden = kind.control.value !== 'fixed'
    steps.node.hidden = kind.control.value !== 'tiered'
  }

  function forget() {
    seen = ''
    fill(result)
    reason.node.hidden = true
    save.button.hidden = true
    save.say('')
  }

  /** What is written, or null once the field that is wrong has said so. */
  function read() {
    const levelText = level.control.value.trim()
    if (!/^\d{1,2}$/.test(levelText)) return level.complain(fields.levelNote) ?? null
    const place = { level: Number(levelText) }
    for (const { name, control } of names) place[name] = control.value.trim()
    const rule = ruleIn()
    return rule === null ? null : { ...place, rule }
  }

  function ruleIn() {
    const said = { kind: kind.control.value, rounding: rounding.control.value }
    if (said.kind === 'percent') {
      const value = Number(percent.control.value.trim().replace(',', '.'))
      const isRight = percent.control.value.trim() !== '' && value >= 0 && value <= 1_000
      if (!isRight) return percent.complain(fields.percentWrong) ?? null
      return { ...said, percent_bp: Math.round(value * 100) }
    }
    if (said.kind === 'fixed') {
      const amount = amountIn(fixed.control.value)
      if (amount === null) return fixed.complain(usual.empty) ?? null
      if (amount > amountMax) return fixed.complain(tooMuch(amountMax)) ?? null
      return { ...said, fixed: amount }
    }
    const read = steps.read()
    return read === null ? (steps.complain(fields.stepsWrong) ?? null) : { ...said, steps: read }
  }

  async function look() {
    see.say('')
    const wish = read()
    if (wish === null) return
    const answer = await call('POST', `${path}/preview`, wish)
    if (!answer.ok) return see.say(answer.sentence)
    seen = JSON.stringify(wish)
    fill(result, effectOf(answer.data))
    reason.node.hidden = false
    save.button.hidden = false
    const why = barredBy('admins')
    if (why !== '') save.bar(why)
  }

  async function keep() {
    const wish = read()
    if (wish === null) return
    if (JSON.stringify(wish) !== seen) return void see.press()
    const said = reasonOf(reason.control.value.trim())
    if (said === undefined) return reason.complain(reasonOf.says)
    const isThere = rules.some(({ place }) => keyOf(place) === keyOf(wish))
    const body = { ...wish, version, reason: said }
    const answer = await decide(isThere ? 'PUT' : 'POST', path, body)
    if (!answer.ok) return save.say(answer.code === 'STALE_VERSION' ? words.stale : answer.sentence)
    await after()
  }

  function edit(place, rule) {
    level.control.value = place.level
    for (const { name, control } of names) control.value = place[name]
    kind.control.value = rule.kind
    rounding.control.value = rule.rounding
    percent.control.value = rule.kind === 'percent' ? decimal.format(rule.percent_bp / 100) : ''
    fixed.control.value = rule.kind === 'fixed' ? rule.fixed : ''
    steps.write(rule.kind === 'tiered' ? rule.steps : [])
    showKind()
    forget()
    node.open = true
    level.control.focus()
  }

  return { node, edit }
}

const keyOf = ({ level, service, country, operator }) =>
  JSON.stringify([level, service, country, operator])

function stepsField() {
  const control = h('textarea', { rows: 4, placeholder: words.fields.stepsLike })
  const made = field(words.fields.steps, control, words.fields.stepsNote)
  return {
    ...made,
    read() {
      const lines = control.value.split('\n').filter(one => one.trim() !== '')
      const read = lines.map(stepIn)
      return lines.length === 0 || read.includes(null) ? null : read
    },
    write(steps) {
      control.value = steps
        .map(one => `${one.up_to ?? '*'}; ${one.percent_bp / 100}; ${one.fixed}`)
        .join('\n')
    },
  }
}

function stepIn(text) {
  const [upTo = '', percent = '', fixed = ''] = text.split(';').map(part => part.trim())
  const share = Number(percent.replace(',', '.'))
  const isRight = /^(?:\d{1,11}|\*)$/.test(upTo) && percent !== '' && share >= 0 && share <= 1_000
  if (!isRight || !/^\d{1,11}$/.test(fixed)) return null
  const reach = upTo === '*' ? null : Number(upTo)
  return { up_to: reach, percent_bp: Math.round(share * 100), fixed: Number(fixed) }
}

function effectOf(preview) {
  if (preview.offers === 0)
    return h('p', { class: 'notice', 'data-tone': 'warn' }, words.nothingMoves)
  return [
    h('p', { class: 'notice', 'data-tone': 'good' }, words.effect(preview)),
    h('p', { class: 'soft' }, words.effectWho(preview)),
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': words.moves },
      h(
        'table',
        null,
        h('caption', null, words.moves),
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            words.moveHead.map(name => h('th', { scope: 'col' }, name)),
          ),
        ),
        h('tbody', null, preview.moves.map(moveRow)),
      ),
    ),
  ]
}

const moveRow = one =>
  h(
    'tr',
    null,
    h(
      'th',
      { scope: 'row' },
      [one.service_name, one.country_name, one.level > 0 && words.level(one.level)]
        .filter(Boolean)
        .join(' · '),
    ),
    h('td', null, rupiah(one.cost)),
    h('td', null, rupiah(one.was)),
    h('td', null, rupiah(one.becomes)),
  )
