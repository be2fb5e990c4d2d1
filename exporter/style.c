/* SPDX-License-Identifier: MIT */

/*
 * How pages look (www.w3.org/TR/CSS): for phones first, in the light or the
 * dark as the reader likes, and on paper.  Of colours on their grounds the
 * contrast is 4.5 at the least (WCAG 2.1, 1.4.3).
 */

#include "style.h"

#include <stddef.h>

const char *const style[] = {
":root{color-scheme:light dark;--ground:#f4f6f9;--card:#fff;--ink:#1b2330;"
"--faint:#566173;--line:#dce1e9;--stripe:#f6f8fa;--link:#1a5fb4;"
"--shade:#dff2e3;"
"--good:#1c7a3a;--tolerable:#8a5a00;--bad:#c2310f;--critical:#a1004f}"
"@media screen and (prefers-color-scheme:dark){:root{"
"--ground:#0f141b;--card:#18202b;"
"--ink:#e6ebf2;--faint:#9dabbd;--line:#2d3846;--stripe:#1d2632;"
"--link:#82b6ff;--shade:#16362a;"
"--good:#4fc98a;--tolerable:#e5b84a;--bad:#ff8a6b;--critical:#ff7db0}}",
/* Text and boxes. */
"*{box-sizing:border-box}"
"body{margin:0;background:var(--ground);color:var(--ink);"
"font:1rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}"
"header,main{max-width:68rem;margin:0 auto;padding:.75rem 1rem}"
"header{color:var(--faint);font-size:.875rem}"
"header a{font-weight:600}"
"main{padding-top:0;padding-bottom:3rem}"
"a{color:var(--link)}"
"h1{font-size:1.5rem;line-height:1.25;margin:.25rem 0 .5rem;"
"overflow-wrap:anywhere}"
"h2,h3{font-size:1.0625rem;margin:0 0 .5rem}"
"h3{font-size:1rem}"
".note{color:var(--faint);font-size:.875rem;margin:.25rem 0}"
".who{display:flex;flex-wrap:wrap;gap:.125rem 1.25rem;color:var(--faint)}"
".who p{margin:0;overflow-wrap:anywhere}"
".who b{color:var(--ink)}"
"nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:.5rem 0 1rem}"
"section{background:var(--card);border:1px solid var(--line);"
"border-radius:.625rem;padding:1rem;margin:0 0 1rem}"
".cards{display:grid;gap:1rem;margin-bottom:1rem;"
"grid-template-columns:repeat(auto-fit,minmax(min(100%,18rem),1fr))}"
".cards section{margin:0}"
".plots{display:grid;gap:.25rem 1.5rem;"
"grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr))}"
".plots h2{grid-column:1/-1;margin:0}"
".verdict{border-left:.375rem solid var(--faint)}"
".verdict h2{font-size:1.25rem;line-height:1.5rem;display:flex}"
".verdict p:last-child{margin-bottom:0}"
".verdict.good{border-left-color:var(--good)}"
".verdict.tolerable{border-left-color:var(--tolerable)}"
".verdict.bad{border-left-color:var(--bad)}"
".verdict.critical{border-left-color:var(--critical)}",
/* Findings and marks. */
".findings{list-style:none;margin:0;padding:0}"
".findings li{display:flex;margin:.25rem 0}"
".legend{list-style:none;margin:.5rem 0;padding:0;display:flex;"
"flex-wrap:wrap;gap:.25rem 1.25rem}"
".mark{display:inline-block;min-width:1.375rem;height:1.375rem;flex:none;"
"margin:.0625rem .5rem .0625rem 0;padding:0 .25rem;border:1px solid;"
"border-radius:.6875rem;font-size:.8125rem;line-height:1.25rem;"
"text-align:center;"
"color:var(--faint)}"
".mark.good{color:var(--good)}"
".mark.tolerable{color:var(--tolerable)}"
".mark.bad{color:var(--card);background:var(--bad);border-color:var(--bad)}"
".mark.critical{color:var(--card);background:var(--critical);"
"border-color:var(--critical)}"
".aloud{position:absolute;width:1px;height:1px;overflow:hidden;"
"clip-path:inset(50%);white-space:nowrap}"
"dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:0}"
"dt{color:var(--faint)}"
"dd{margin:0;overflow-wrap:anywhere}"
".scroll{overflow-x:auto;position:relative}"
"table{border-collapse:collapse;width:100%;font-size:.9375rem;"
"font-variant-numeric:tabular-nums}"
"th,td{padding:.25rem .625rem;text-align:left;vertical-align:top;"
"background:var(--card)}"
"thead th{color:var(--faint);font-weight:600;white-space:nowrap;"
"vertical-align:bottom;border-bottom:1px solid var(--line)}"
"tbody th{font-weight:600;white-space:nowrap}"
"tbody tr:nth-child(odd)>*{background:var(--stripe)}"
/* The first column stays when the others scroll. */
"th:first-child{position:sticky;left:0}"
"td:not(:last-child){white-space:nowrap}"
".number{text-align:right;white-space:nowrap}"
"pre,code{font:.875rem/1.5 ui-monospace,Menlo,Consolas,monospace}"
"pre{margin:0;overflow-x:auto}"
"figure{margin:0}"
"figcaption{font-size:.875rem;font-weight:600;margin:.25rem 0}",
/* Pictures, whose text must be larger where they are drawn smaller. */
"svg{display:block;width:100%;height:auto}"
"svg text{fill:var(--faint);stroke:none;font-size:120px}"
"svg .end{text-anchor:end;dominant-baseline:central}"
"svg .middle{text-anchor:middle}"
"svg .alarm{fill:var(--bad);font-weight:700;font-size:140px}"
"svg .range{fill:var(--shade)}"
"svg path{stroke-width:10}"
"svg .grid{stroke:var(--line)}"
"svg .limit{stroke:var(--bad);stroke-dasharray:40}"
"svg g rect{fill-opacity:.35;stroke:none}"
"svg g path{stroke-width:30}"
"svg .good{fill:var(--good);stroke:var(--good)}"
"svg .tolerable{fill:var(--tolerable);stroke:var(--tolerable)}"
"svg .bad{fill:var(--bad);stroke:var(--bad)}"
"svg .critical{fill:var(--critical);stroke:var(--critical)}"
"@media(max-width:40rem){svg text{font-size:180px}}",
/* On a phone all that can be read without scrolling. */
"@media(max-width:40rem){section{padding:.75rem}"
"table{font-size:.875rem}th,td{padding:.25rem .375rem}"
"thead th,tbody th{white-space:normal}.date{min-width:6.5rem}"
"td .mark{margin-right:.25rem}}",
/* Forms and paper. */
"form{display:flex;flex-wrap:wrap;gap:.75rem;align-items:end}"
"label{display:grid;gap:.25rem;color:var(--faint);font-size:.875rem;"
"max-width:100%;grid-template-columns:minmax(0,1fr)}"
"input,select,button{font:inherit;font-size:1rem;color:var(--ink);"
"background:var(--ground);border:1px solid var(--faint);"
"border-radius:.375rem;padding:.4375rem .75rem;min-height:2.625rem}"
"input{width:20rem;max-width:100%}"
"button{cursor:pointer;font-weight:600}"
"button.first{color:var(--card);background:var(--link);"
"border-color:var(--link)}"
":focus-visible{outline:2px solid var(--link);outline-offset:2px}"
"@media print{:root{font-size:11px}body{background:none}"
"nav,form{display:none}.verdict,.cards section,figure,tr{break-inside:avoid}"
"h2{break-after:avoid}.scroll{overflow:visible}"
".mark{print-color-adjust:exact}}",
NULL
};
