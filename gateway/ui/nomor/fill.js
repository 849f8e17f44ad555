/**
 * Money comes in: how much, then by which way; what is still to be paid stands above.
 *
 * WNO1. What somebody lacks is put in with what the way costs, so that it suffices when it comes.
 * WNO2. What a way costs is said in rupiah as soon as there is an amount, and what will come in;
 *       where nobody knows before, that is said.
 * WNO3. Ways stand by what they cost, the cheapest that takes the amount first. Marked, and taken
 *       unless somebody chooses, is the cheapest by which the money is there at once. Each says
 *       what it costs, from how much to how much, and how it differs.
 */

import { action, form } from '../kit/action.js'
import { fill, h } from '../kit/dom.js'
import { field } from '../kit/field.js'
import { amountIn, rupiah } from '../kit/format.js'
import { grouping } from '../kit/grouping.js'
import { skeleton, trouble } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { go } from '../kit/router.js'
import { costOf } from '../kit/way-cost.js'
import { call, decide } from './api.js'
import { depositRow } from './order-row.js'
import { wayName, fill as words } from './text.id.js'

const quick = [10_000, 20_000, 50_000, 100_000]
/** What somebody lacks is rounded up to what is easily paid. */
const step = 5_000
/** What ways are measured by while nobody typed anything. */
const usual = 20_000

export function open({ node, title, query }) {
  title(words.title)
  const waiting = h('div')
  const place = h('div', null, skeleton(4))
  node.append(waiting, place)
  const lacking = amountIn(query.get('kurang') ?? '')
  void look()
  addEventListener('popstate', () => setTimeout(() => node.isConnected && lookOpen()))

  async function look() {
    const [answer] = await Promise.all([call('GET', '/api/v1/deposit/metode'), lookOpen()])
    if (!answer.ok) return fill(place, trouble(answer.sentence, look))
    const { methods } = answer.data
    if (methods.length === 0) return fill(place, trouble(words.none, look))
    show(methods)
  }

  async function lookOpen() {
    const answer = await call('GET', '/api/v1/deposit/history?status=pending&limit=3')
    const rows = answer.ok ? answer.data.rows : []
    fill(
      waiting,
      rows.length > 0 &&
        h(
          'section',
          null,
          h('h2', null, words.open),
          h(
            'ul',
            { class: 'rows' },
            rows.map(one => h('li', null, depositRow(one))),
          ),
        ),
    )
  }

  function show(methods) {
    /** By hand. */
    let chosen = null
    const amount = field(
      words.amount,
      h('input', { inputmode: 'numeric', autocomplete: 'off', placeholder: words.hint }),
    )
    amount.node.classList.add('sum')
    const chips = h(
      'div',
      { class: 'chips', role: 'group', 'aria-label': words.quick },
      quick.map(sum => {
        const chip = h('button', { type: 'button' }, rupiah(sum))
        chip.addEventListener('click', () => put(sum))
        return chip
      }),
    )
    grouping(amount.control)
    amount.control.addEventListener('input', mark)
    const [first, rest] = methods.some(isQris)
      ? [methods.filter(isQris), methods.filter(one => !isQris(one))]
      : [methods, []]
    const rows = new Map(methods.map(method => [method, way(method)]))
    const [firstPlace, restPlace] = [h('div'), h('div')]
    const ways = h(
      'div',
      { class: 'ways-in', role: 'radiogroup', 'aria-label': words.methods },
      firstPlace,
      rest.length > 0 && h('details', null, h('summary', null, words.others), restPlace),
    )
    const arrives = h('p', { class: 'soft centre', role: 'status' })
    const act = action(words.go, create, { busy: words.busy, submit: true })
    fill(place, form([amount.node, chips, h('h2', null, words.methods), ways, arrives], act))
    if (lacking === null) mark()
    else {
      const able = first.filter(one => arrivingOf(one, enoughFor(lacking, one)) >= lacking)
      put(enoughFor(lacking, bestFor(able.length > 0 ? able : first, lacking)))
    }

    function methodNow() {
      return chosen ?? bestFor(first, amountIn(amount.control.value))
    }

    function way(method) {
      const { metode, type, name, min, max } = method
      const radio = h('input', { type: 'radio', name: 'metode', value: metode })
      const best = h('span')
      const cost = h('span')
      const about = words.about[metode] ?? words.about[type]
      radio.addEventListener('change', () => {
        chosen = method
        act.say('')
        mark()
      })
      const node = h(
        'label',
        { class: 'way-in' },
        radio,
        h(
          'span',
          null,
          h('span', { class: 'name' }, h('b', null, isQris(method) ? wayName(metode) : name), best),
          cost,
          h('span', { class: 'soft small' }, words.limits(min, max)),
          about && h('span', { class: 'soft small' }, about),
        ),
      )
      /** Says anew what it costs, and whether it is the one to take. */
      const say = (sum, { isBest, isTaken }) => {
        fill(cost, costWords(method, sum))
        fill(best, isBest && pill('good', words.best))
        radio.checked = isTaken
      }
      return { node, say }
    }

    /** Nothing is moved that stands where it should: whoever is on it stays there. */
    function line(box, wanted) {
      const nodes = wanted.map(method => rows.get(method).node)
      if (nodes.some((node, n) => box.children[n] !== node)) box.replaceChildren(...nodes)
    }

    function put(sum) {
      amount.control.value = rupiah(sum).slice(3)
      amount.complain('')
      mark()
    }

    function mark() {
      const sum = amountIn(amount.control.value)
      for (const [n, chip] of [...chips.children].entries()) {
        chip.setAttribute('aria-pressed', String(quick[n] === sum))
      }
      const [best, taken] = [bestFor(first, sum), methodNow()]
      line(firstPlace, ranked(first, sum))
      line(restPlace, ranked(rest, sum))
      for (const [method, { say }] of rows) {
        say(sum, { isBest: method === best && methods.length > 1, isTaken: method === taken })
      }
      const cost = sum === null ? null : costOf(taken, sum)
      fill(arrives, cost !== null && cost > 0 && sum > cost && words.arrives(sum - cost))
    }

    async function create() {
      const sum = amountIn(amount.control.value)
      const method = methodNow()
      if (sum === null || sum === 0) return amount.complain(words.empty)
      if (sum < method.min) return amount.complain(words.small(method.min))
      if (sum > method.max) return amount.complain(words.large(method.max))
      act.say('')
      const answer = await decide('fill', '/api/v1/deposit/create', {
        ...{ amount: sum, metode: method.metode },
      })
      if (!answer.ok) return act.say(answer.sentence)
      go(`#/bayar/${encodeURIComponent(answer.data.deposit_id)}`)
    }
  }
}

/** What nearly everybody has at hand. */
const isQris = ({ type }) => type === 'qris'

/** What comes in this way may be there on the next working day only. */
const slow = new Set(['qris_atlantic'])

const takes = ({ min, max }, sum) => sum === null || (sum >= min && sum <= max)

/** What takes the amount, by what it costs; then the rest, the one that nearly takes it first. */
function ranked(methods, sum) {
  const able = methods.filter(one => takes(one, sum))
  const unable = methods.filter(one => !able.includes(one))
  const dear = one => costOf(one, sum ?? usual) ?? Number.MAX_SAFE_INTEGER
  const far = ({ min, max }) => (sum < min ? min - sum : sum - max)
  return [
    ...able.toSorted((a, b) => dear(a) - dear(b)),
    ...unable.toSorted((a, b) => far(a) - far(b)),
  ]
}

function bestFor(methods, sum) {
  const all = ranked(methods, sum)
  const isGood = one => takes(one, sum) && costOf(one, sum ?? usual) !== null
  return all.find(one => isGood(one) && !slow.has(one.metode)) ?? all[0]
}

function enoughFor(lacking, method) {
  let sum = Math.max(method.min, Math.ceil(lacking / step) * step)
  while (sum < method.max && arrivingOf(method, sum) < lacking) sum += step
  return Math.min(sum, method.max)
}

const arrivingOf = (method, sum) => sum - (costOf(method, sum) ?? 0)

function costWords(method, sum) {
  const cost = costOf(method, sum ?? 0)
  if (cost === null) return words.feeLater
  return sum === null ? words.fee(method.fee, method.fee_percent) : words.fee(cost, 0)
}
