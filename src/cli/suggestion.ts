/** What a person who mistyped may have meant. */

/** `Did you mean X? `, or nothing when no name is near. */
export function suggestion (word: string, names: readonly string[]): string {
  const near = names
    // The beginning of a name is as near as can be.
    .map(name => ({ name, distance: word.length > 1 && name.startsWith(word.toLowerCase()) ? 0 : editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(2, Math.floor(name.length / 3)))
    .toSorted((a, b) => a.distance - b.distance)[0]
  return near === undefined ? '' : `Did you mean ${near.name}? `
}

/** Insertions, deletions and substitutions that make one word the other (Levenshtein 1966). */
function editDistance (a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}
