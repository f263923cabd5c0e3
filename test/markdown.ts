// Markdown as tests read it.

/** Text outside of fenced blocks. */
export function prose (text: string): string {
  return text.replace(/^```[^]*?^```$/gm, '')
}

/** The targets of links, without those that lead to another site. */
export function linksOf (text: string): string[] {
  return [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(match => match[1]!).filter(target => !/^[a-z]+:/.test(target))
}
