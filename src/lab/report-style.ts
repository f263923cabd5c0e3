import { Html, html } from './html.ts'

/** The page of a report, and its style: the reader's own fonts, light and dark. Kernel colours: Okabe and Ito 2008, then Tol's muted. */

const reportStyle = `
:root {
  color-scheme: light dark;
  --ink: #1c1e21; --soft: #5b6168; --paper: #fbfbf9; --card: #fff; --line: #dcdcd6; --mark: #0b6e4f; --differ: #a3320b;
  --kernel-0: #0072b2; --kernel-1: #d55e00; --kernel-2: #009e73; --kernel-3: #cc79a7; --kernel-4: #b8860b; --kernel-5: #332288;
  --kernel-6: #882255; --kernel-7: #117733; --kernel-8: #56b4e9; --kernel-9: #aa4499; --kernel-10: #999933; --kernel-11: #666;
  --layer-0: #4477aa; --layer-1: #ee8866; --layer-2: #228833; --layer-3: #ccbb44; --layer-4: #66ccee; --layer-5: #aa3377;
  --layer-6: #8b8b8b; --layer-7: #bb5566;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e7e6e3; --soft: #a3a7ad; --paper: #15171a; --card: #1d2024; --line: #363a40; --mark: #58c9a0; --differ: #ff9c73;
    --kernel-0: #4ea8e0; --kernel-1: #ff8a3d; --kernel-2: #2fc99b; --kernel-3: #e79cc4; --kernel-4: #e0b13a; --kernel-5: #8f83e8;
    --kernel-6: #d06a96; --kernel-7: #5cc07c; --kernel-8: #8fd0f5; --kernel-9: #d787c9; --kernel-10: #cccc66; --kernel-11: #aaa;
  }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 1040px; margin: 0 auto; padding: 2rem 1.25rem 4rem }
h1 { font-size: 1.9rem; margin: 0 0 .25rem; letter-spacing: -.01em }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem }
p { max-width: 46rem } .soft, figcaption, td small { color: var(--soft) }
.lead { font-size: 1.15rem; max-width: 52rem; margin: .5rem 0 1.25rem } .same { color: var(--mark) } .differ { color: var(--differ) }
.bar { width: 22%; min-width: 7rem } .bar i { display: block; height: .8em; margin-top: .35em; border-radius: 2px; min-width: 2px }
figure { margin: .75rem 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; overflow-x: auto }
figcaption { font-size: .9rem; margin-bottom: .5rem }
figure svg { min-width: 640px; width: 100%; height: auto }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .9rem; margin: .25rem 0 .5rem; padding: 0; list-style: none }
.key i { font-style: normal; margin-right: .4em }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .92rem; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
th { font-weight: 600; white-space: nowrap } .number { text-align: right; white-space: nowrap }
tbody th { font-weight: 600; white-space: normal } tbody th small { font-weight: 400; line-height: 1.3; display: inline-block }
th:last-child, td:last-child { padding-right: 0 } tr.first td, tr.first th { border-top: 2px solid var(--line) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem } dt { font-weight: 600 } dd { margin: 0 }
code { font-family: ui-monospace, monospace; font-size: .92em }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; overflow-x: auto; line-height: 1.25;
  font: 13px/1.25 ui-monospace, monospace }
@media (max-width: 600px) { dl { grid-template-columns: 1fr } dd { margin-bottom: .5rem } }
`

/** A report as a file of its own: its title, what its style adds, and what stands below the title. */
export function reportPage (title: string, style: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>KaleidOS: ${title}</title>
<style>${new Html(reportStyle + style)}</style>
<main>
<h1>${title}</h1>
${body}
</main>
</html>
`.text
}
