/**
 * The line of a box, kept up: comes back after every loss, with growing pauses, and says how it is.
 *
 *   connecting ─▶ connected ─▶ lost ─pause─▶ connecting …        refused, elsewhere: until asked
 *
 * VBL1. A loss is mended by itself; coming back into the network, or into view, does not wait for
 *       the pause.
 * VBL2. A credential that is refused is not tried again: a person has to look at it. A broker that
 *       is busy is.
 * VBL3. A box has one connection, and a newer one closes the older. Another window of this browser
 *       says that it takes over; a line that is closed again and again as soon as it stands is
 *       taken for the same, and neither fights for it.
 */

import { openMqtt } from './mqtt.js'

const pauseMsMin = 500
const pauseMsMax = 15_000
/** A line that stood shorter than this, so many times in a row, is somebody else's now. */
const shortMs = 5_000
const shortMax = 4
/** Identifier, credential, standing, filter: numbers with which a broker says no for good. */
const finals = [2, 4, 5, 0x80]

export function openLine({ url, deviceId, secret, onMessage, onState, connect = openMqtt }) {
  let mqtt = null
  let state = ''
  let isWanted = true
  let pauseMs = pauseMsMin
  let retry = 0
  let since = 0
  let short = 0
  const channel = new BroadcastChannel(`kotak ${deviceId}`)
  channel.onmessage = () => {
    if (isWanted) stop('elsewhere')
  }

  function open() {
    clearTimeout(retry)
    if (!isWanted || mqtt !== null) return
    tell('connecting')
    const mine = connect({
      ...{ url, clientId: deviceId, username: deviceId, password: secret },
      filter: `devices/${deviceId}/downlink/#`,
      onReady() {
        since = Date.now()
        pauseMs = pauseMsMin
        tell('connected')
      },
      onMessage: (topic, text) => onMessage(topic.split('/').slice(3).join('/'), text),
      onEnd({ why, code, error }) {
        if (error !== null) reportError(error)
        if (mqtt === mine) ended(why, code)
      },
    })
    mqtt = mine
  }

  function ended(why, code) {
    mqtt = null
    const stood = state === 'connected'
    if (!isWanted) return
    if (why === 'refused' && finals.includes(code)) return stop('refused', code)
    short = stood && Date.now() - since < shortMs && navigator.onLine ? short + 1 : 0
    if (short >= shortMax) return stop('elsewhere')
    tell('lost')
    // A little chance, so that a thousand boxes do not come back in the same instant.
    retry = setTimeout(open, pauseMs * (0.75 + Math.random() / 2))
    pauseMs = Math.min(pauseMs * 2, pauseMsMax)
  }

  function stop(last, code) {
    isWanted = false
    clearTimeout(retry)
    const old = mqtt
    mqtt = null
    old?.close()
    tell(last, code)
  }

  function tell(next, code = 0) {
    if (state === next) return
    state = next
    onState(next, code)
  }

  function hurry() {
    if (!isWanted || mqtt !== null || document.hidden) return
    pauseMs = pauseMsMin
    open()
  }
  const fade = () => mqtt?.close()

  addEventListener('online', hurry)
  addEventListener('offline', fade)
  document.addEventListener('visibilitychange', hurry)
  channel.postMessage('here')
  open()

  return {
    say: (kind, payload) =>
      mqtt?.say(`devices/${deviceId}/uplink/${kind}`, JSON.stringify(payload)) ?? false,
    /** As if it had been switched off and on. */
    again() {
      mqtt?.close()
      hurry()
    },
    close() {
      stop('off')
      channel.close()
      removeEventListener('online', hurry)
      removeEventListener('offline', fade)
      document.removeEventListener('visibilitychange', hurry)
    },
  }
}
