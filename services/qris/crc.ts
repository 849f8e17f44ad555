/**
 * CRC-16/CCITT-FALSE, the check sum of EMVCo's QR: polynomial 0x1021, begun with 0xFFFF, nothing
 * reflected, nothing inverted at the end; over bytes, of which a text has its UTF-8.
 */

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc & 0xffff
})

export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ table[(crc >>> 8) ^ byte]!
  return crc
}

const utf8 = new TextEncoder()

/** As it stands in a QR: four upper-case hexadecimal digits. */
export const crcOf = (text: string): string =>
  crc16(utf8.encode(text)).toString(16).toUpperCase().padStart(4, '0')
