/**
 * Proof of those who can't sign: they know an address that nobody else was told, and perhaps come
 * from where only they are.
 *
 * FLH1. Without a list everybody who knows the way may come; with one only who is on it, and an
 *       address that can't be read is not.
 */

import { hash, timingSafeEqual } from 'node:crypto'
import { BlockList, isIP } from 'node:net'

/** The gateway hands over the digest of what stood in the address: that may be stored. */
export function knowsTheWay(headers: Readonly<Record<string, string>>, token: string): boolean {
  const proof = headers['x-callback-digest']
  if (proof === undefined || token === '') return false
  const [told, expected] = [Buffer.from(proof), Buffer.from(hash('sha256', token))]
  return told.length === expected.length && timingSafeEqual(told, expected)
}

/** Addresses and nets. Written as IPv4 in IPv6, an address is the IPv4 one. */
export function comesFrom(list: readonly string[], told: string | undefined): boolean {
  if (list.length === 0) return true
  const address = (told ?? '').replace(/^::ffff:(?=\d+\.)/i, '')
  const version = isIP(address)
  if (version === 0) return false
  const known = new BlockList()
  for (const one of list) {
    const [net = '', bits] = one.split('/')
    const family = isIP(net) === 6 ? 'ipv6' : 'ipv4'
    if (isIP(net) === 0) continue
    known.addSubnet(net, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family)
  }
  return known.check(address, version === 6 ? 'ipv6' : 'ipv4')
}
