/**
 * Keeps the pages' files on the device, so that they open without a line, and takes a newer version
 * when nobody is in the midst of something.
 *
 * WNM1. A new version takes over when the pages are not looked at, or at the next step in them;
 *       never under somebody's fingers.
 */

export function keepShell() {
  const { serviceWorker } = navigator
  if (serviceWorker === undefined) return
  const hadOne = serviceWorker.controller !== null
  let isOld = false
  serviceWorker.addEventListener('controllerchange', () => {
    if (!hadOne || isOld) return
    isOld = true
    if (document.hidden) location.reload()
    else addEventListener('popstate', () => location.reload(), { once: true })
  })
  // A tap on a notification leads to its order.
  serviceWorker.addEventListener('message', ({ data }) => {
    if (typeof data?.open === 'string') location.hash = `#/pesanan/${encodeURIComponent(data.open)}`
  })
  void keep().catch(() => {})

  async function keep() {
    const kept = await serviceWorker.register('/nomor-worker.js', {
      ...{ scope: '/nomor', updateViaCache: 'none' },
    })
    document.addEventListener(
      'visibilitychange',
      () => document.hidden || kept.update().catch(() => {}),
    )
  }
}
