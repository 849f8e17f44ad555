/** What an upline reads beside a commission in his mutations. */

export const commissionNote = ({
  buyer,
  product,
  level,
}: {
  buyer: string | null
  product: string
  level: number
}): string => `dari ${buyer ?? '-'} ${product}${level === 1 ? '' : `, tingkat ${level}`}`
