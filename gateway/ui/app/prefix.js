/**
 * Whose number it is, by its first digits, as a first choice only: numbers move between operators,
 * and the server knows better. by.U shares Telkomsel's 0851, so it is never guessed.
 */

const plan = {
  TELKOMSEL: '0811 0812 0813 0821 0822 0823 0851 0852 0853',
  INDOSAT: '0814 0815 0816 0855 0856 0857 0858',
  XL: '0817 0818 0819 0859 0877 0878 0879',
  AXIS: '0831 0832 0833 0837 0838',
  TRI: '0894 0895 0896 0897 0898 0899',
  SMARTFREN: '0881 0882 0883 0884 0885 0886 0887 0888 0889',
}
const brands = new Map(
  Object.entries(plan).flatMap(([brand, all]) => all.split(' ').map(prefix => [prefix, brand])),
)

/** One of `known` brands, or undefined. */
export function brandOf(number, known) {
  const brand = brands.get(number.replace(/^\+?62/, '0').slice(0, 4))
  return known.find(one => one.toUpperCase() === brand)
}
