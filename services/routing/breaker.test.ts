import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { Breaker, breakerTerms } from './breaker.ts'
import { draw, probing } from './choice.ts'
import { SlidingCounts, windowMs } from './sliding-counts.ts'

const { pauseMs, probeMs, runLong, runShort, stepMs } = breakerTerms
const well = { ok: true, ms: 500 }
const bad = { ok: false, ms: 0 }
const begin = 1_000_000_000

function opened(at = begin): Breaker {
  const breaker = new Breaker()
  for (let n = 0; n < runShort; n++) breaker.hear(at, 'x', bad)
  return breaker
}

test('breaker: nothing but failures: a short run opens it, a success in between does not (RTC1)', () => {
  equal(opened().state, 'open')
  const breaker = new Breaker()
  for (let n = 0; n < runShort - 1; n++) breaker.hear(begin, 'x', bad)
  breaker.hear(begin, 'x', well)
  breaker.hear(begin, 'x', bad)
  equal(breaker.state, 'closed')
})

test('breaker: a bad day of a busy supplier: a short run is chance, a long one is not (RTC1)', () => {
  const breaker = new Breaker()
  for (let n = 0; n < 1_000; n++) breaker.hear(begin + n, 'x', n % 3 === 1 ? bad : well)
  for (let n = 0; n < runLong - 1; n++) breaker.hear(begin + 1_000, 'x', bad)
  equal(breaker.state, 'closed')
  breaker.hear(begin + 1_000, 'x', bad)
  equal(breaker.state, 'open')
})

test('breaker: most of a window failed: opens it, what is older does not (RTC1)', () => {
  const most = new Breaker()
  const tell = (n: number) => most.hear(begin + n, 'x', n % 5 < 3 ? bad : well)
  for (let n = 0; n < 49; n++) tell(n)
  equal(most.state, 'closed')
  for (let n = 49; n < 55; n++) tell(n)
  equal(most.state, 'open')
  const old = new Breaker()
  for (let n = 0; n < 49; n++) old.hear(begin, 'x', n % 5 < 3 ? bad : well)
  old.hear(begin + windowMs, 'x', bad)
  equal(old.state, 'closed')
})

test('breaker: after its pause: one probe at a time, and others’ answers say nothing (RTC2)', () => {
  const breaker = opened()
  equal(breaker.share(begin + pauseMs - 1), 0)
  equal(breaker.share(begin + pauseMs), probing)
  breaker.startProbe('p', begin + pauseMs)
  equal(breaker.share(begin + pauseMs + 1), 0)
  breaker.hear(begin + pauseMs + 2, 'other', well)
  breaker.hear(begin + pauseMs + 2, 'other', bad)
  equal(breaker.state, 'half-open')
  breaker.hear(begin + pauseMs + 3, 'p', well)
  equal(breaker.state, 'ramp')

  const silent = opened()
  silent.share(begin + pauseMs)
  silent.startProbe('p', begin + pauseMs)
  equal(silent.share(begin + pauseMs + probeMs), 0)
  equal(silent.state, 'open')
})

test('breaker: ten minutes of five seconds well, five seconds down: few turns, fewer failures (RTC2, RTC4)', () => {
  let turns = 0
  const breaker = new Breaker(() => turns++)
  const told = { sent: 0, bad: 0, probes: 0 }
  for (let ms = 0; ms < 600_000; ms += 50) {
    const [now, key] = [begin + ms, `o${ms}`]
    const share = breaker.share(now)
    if (share === probing) {
      breaker.startProbe(key, now)
      told.probes++
    } else if (draw(key, 'flap') >= share) continue
    const isWell = Math.floor(ms / 5_000) % 2 === 0
    told.sent++
    if (!isWell) told.bad++
    breaker.hear(now, key, isWell ? well : bad)
  }
  // Each turn from open to open costs a pause, so there is no room for more.
  ok(turns <= 4 * (600_000 / pauseMs), `${turns} turns`)
  ok(told.probes <= 600_000 / pauseMs, `${told.probes} probes`)
  // Without it half of 12,000 orders would have met a supplier that is down.
  ok(told.bad < 6_000 / 10, `${told.bad} of ${told.sent}`)
  ok(told.sent > told.bad)
})

test('breaker: after a good probe: the share climbs by steps, and failures open it again (RTC3)', () => {
  const climb = () => {
    const breaker = opened()
    breaker.share(begin + pauseMs)
    breaker.startProbe('p', begin + pauseMs)
    breaker.hear(begin + pauseMs, 'p', well)
    return breaker
  }
  const breaker = climb()
  const from = begin + pauseMs
  const shares = [0, 1, 2, 3].map(step => breaker.share(from + step * stepMs))
  deepEqual(shares, [1, 5, 25, 100])
  equal(breaker.state, 'closed')

  const again = climb()
  again.share(from + stepMs)
  for (let n = 0; n < 3; n++) again.hear(from + stepMs, 'x', bad)
  equal(again.state, 'open')
  const mixed = climb()
  for (let n = 0; n < 20; n++) mixed.hear(from, 'x', n % 5 === 0 ? bad : well)
  equal(mixed.state, 'ramp')
})

test('breaker: openings in a row: double the pause up to its limit (RTC4)', () => {
  const breaker = opened()
  let now = begin
  const pauses: number[] = []
  for (let n = 0; n < 7; n++) {
    let pause = 0
    while (breaker.share(now + pause) === 0) pause += 1_000
    pauses.push(pause)
    now += pause
    breaker.startProbe('p', now)
    breaker.hear(now, 'p', bad)
  }
  deepEqual(pauses, [30_000, 60_000, 120_000, 240_000, 480_000, 480_000, 480_000])
})

test('breaker: a probe that was not placed: is given back, another one’s is not (RTC5)', () => {
  const breaker = opened()
  breaker.share(begin + pauseMs)
  breaker.startProbe('p', begin + pauseMs)
  breaker.dropProbe('q')
  equal(breaker.share(begin + pauseMs + 1), 0)
  breaker.dropProbe('p')
  equal(breaker.share(begin + pauseMs + 1), probing)
})

test('sliding counts: the window: forgets by slots, and late words still count in it (RTD1)', () => {
  const counts = new SlidingCounts()
  counts.add(begin, true, 100)
  counts.add(begin + windowMs / 2, false, 0)
  counts.spend(begin + windowMs / 2, 5_000)
  deepEqual([counts.ok, counts.bad, counts.msSum, counts.spent], [1, 1, 100, 5_000])
  counts.add(begin + windowMs / 4, true, 300)
  equal(counts.ok, 2)
  counts.roll(begin + windowMs + 30_000)
  deepEqual([counts.ok, counts.bad, counts.msSum], [1, 1, 300])
  counts.add(begin, true, 100)
  equal(counts.ok, 1)
  counts.roll(begin + 10 * windowMs)
  deepEqual([counts.ok, counts.bad, counts.msSum, counts.spent], [0, 0, 0, 0])
})

test('sliding counts: numbers: ordinary without answers, then more and more its own (RTD2)', () => {
  const counts = new SlidingCounts()
  deepEqual([counts.success, counts.ms], [950, 1_500])
  counts.add(begin, false, 0)
  equal(counts.success, 760)
  for (let n = 0; n < 500; n++) counts.add(begin, true, 200)
  ok(counts.success > 990 && counts.ms < 220)
})

test('breaker: written down in every state: goes on as if nothing had been (RTC6, RTD3)', () => {
  const closed = new Breaker()
  for (let n = 0; n < runShort - 1; n++) closed.hear(begin, 'x', bad)
  const open = opened()
  const probed = opened()
  probed.share(begin + pauseMs)
  probed.startProbe('p', begin + pauseMs)
  const climbing = opened()
  climbing.share(begin + pauseMs)
  climbing.startProbe('p', begin + pauseMs)
  climbing.hear(begin + pauseMs + 5, 'p', well)
  for (const [breaker, key, word] of [
    [closed, 'x', bad],
    [open, 'x', well],
    [probed, 'p', well],
    [climbing, 'y', bad],
  ] as const) {
    const again = new Breaker()
    again.restore(JSON.parse(JSON.stringify(breaker.written())))
    for (const at of [begin + pauseMs + 10, begin + pauseMs + stepMs + 10, begin + windowMs * 2]) {
      for (const one of [breaker, again]) one.hear(at, key, word)
      deepEqual(
        [again.state, again.share(at), again.counts.success, again.counts.ms],
        [breaker.state, breaker.share(at), breaker.counts.success, breaker.counts.ms],
      )
    }
  }
})
