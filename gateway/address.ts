/**
 * Where a request comes from. Behind a proxy everybody seems to come from the proxy; the header
 * that says otherwise is believed only when a setting says how many proxies of ours stand in front.
 *
 * GI1. X-Forwarded-For counts only with trusted proxies, and then from the right: a client can
 *      prepend what it likes, never append.
 * GI2. An allow list holds exact addresses and CIDR ranges. An entry that can't be read allows
 *      nobody; it never opens the door to all.
 */

import type { HttpResponse } from 'uWebSockets.js'
import { BlockList, isIP } from 'node:net'

/** The peer of this connection as text; IPv4 in its usual dress. */
export function peerOf(res: { getRemoteAddress(): ArrayBuffer }): string {
  const bytes = new Uint8Array(res.getRemoteAddress())
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return ''
  let mapped = bytes[10] === 0xff && bytes[11] === 0xff
  for (let i = 0; i < 10; i++) if (bytes[i] !== 0) mapped = false
  if (mapped) return bytes.subarray(12).join('.')
  const groups: string[] = []
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i]! << 8) | bytes[i + 1]!).toString(16))
  return groups.join(':')
}

export function addressOf(res: HttpResponse, forwarded: string, proxies: number): string {
  return proxies === 0 ? peerOf(res) : (forwardedFor(forwarded, proxies) ?? peerOf(res))
}

/** What the outermost of our own proxies saw. */
export function forwardedFor(header: string, proxies: number): string | null {
  const hops = header.split(',')
  const seen = hops[hops.length - proxies]?.trim() ?? ''
  return isIP(seen) === 0 ? null : seen
}

/** Neighbours share a fate: an IPv6 customer owns a whole /64. */
export function neighbourhood(address: string): string {
  return isIP(address) === 6 ? address.split(':').slice(0, 4).join(':') : address
}

export function isPrivate(address: string): boolean {
  return ours.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** Null means: from anywhere. */
export function allowList(entries: readonly string[]): BlockList | null {
  if (entries.length === 0) return null
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', bits] = entry.trim().split('/')
    const family = isIP(address)
    if (family === 0) continue
    const kind = family === 6 ? 'ipv6' : 'ipv4'
    const length = bits === undefined ? (family === 6 ? 128 : 32) : Number(bits)
    if (!/^\d{1,3}$/.test(bits ?? '0') || length > (family === 6 ? 128 : 32)) continue
    list.addSubnet(address, length, kind)
  }
  return list
}

export function allows(list: BlockList | null, address: string): boolean {
  if (list === null) return true
  const family = isIP(address)
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

const ours = new BlockList()
ours.addSubnet('127.0.0.0', 8)
ours.addSubnet('10.0.0.0', 8)
ours.addSubnet('172.16.0.0', 12)
ours.addSubnet('192.168.0.0', 16)
ours.addAddress('::1', 'ipv6')
ours.addSubnet('fc00::', 7, 'ipv6')
