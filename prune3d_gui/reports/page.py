"""How a report looks: one style sheet, light and dark, and the few lines that sort tables."""

STYLE = """
:root { color-scheme: light dark;
  --ground: #f6f7f9; --panel: #ffffff; --ink: #1b2028; --faint: #5b6472; --line: #d5d9e0;
  --accent: #2563c9; --soft: #eef3fb; --warn: #9a5b00; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #17191d; --panel: #1b1e23; --ink: #e6e9ee; --faint: #9aa3b0; --line: #343941;
  --accent: #6aa5f8; --soft: #22303f; --warn: #e5ae55; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 36px 24px 60px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; letter-spacing: -.01em; }
h2 { font-size: 19px; margin: 40px 0 12px; }
h3 { font-size: 15px; margin: 0 0 6px; }
p { margin: 6px 0; max-width: 76ch; }
.sub, figcaption, .note, footer, dt, caption { color: var(--faint); }
code { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace;
  overflow-wrap: anywhere; }
nav { margin: 14px 0 0; display: flex; flex-wrap: wrap; gap: 4px 18px; }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
.panel, figure, details { background: var(--panel); border: 1px solid var(--line);
  border-radius: 10px; padding: 16px 18px; margin: 0 0 16px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 5px 20px; margin: 0; }
dd { margin: 0; overflow-wrap: anywhere; }
.notice { border-left: 4px solid var(--warn); }
figure img { display: block; max-width: 100%; height: auto; margin: 0 auto; }
figcaption { font-size: 13.5px; margin-top: 8px; }
.pictures { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); }
.pictures figure { margin: 0; padding: 10px 12px; }
summary { cursor: pointer; font-weight: 600; }
summary span { color: var(--faint); font-weight: 400; }
.scroll { overflow: auto; max-height: 560px; margin-top: 12px; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums;
  width: 100%; }
th, td { padding: 4px 10px; text-align: right; white-space: nowrap;
  border-bottom: 1px solid var(--line); }
th.text, td.text { text-align: left; }
thead { position: sticky; top: 0; background: var(--panel); }
thead tr.groups th { color: var(--faint); font-weight: 500; border-bottom: 0; padding-bottom: 0;
  text-align: center; }
thead tr.names th { cursor: pointer; user-select: none; border-bottom: 2px solid var(--line); }
th[aria-sort=ascending]::after { content: " \\2191"; color: var(--accent); }
th[aria-sort=descending]::after { content: " \\2193"; color: var(--accent); }
tbody tr:hover { background: var(--soft); }
td.nan { color: var(--warn); font-weight: 600; }
.start { border-left: 1px solid var(--line); }
.note { font-size: 13.5px; }
footer { margin-top: 40px; font-size: 13px; }
@media print {
  :root { --ground: #fff; --panel: #fff; --ink: #000; --faint: #444; --line: #bbb; }
  main { max-width: none; padding: 0; } nav { display: none; }
  .scroll { max-height: none; overflow: visible; } thead { position: static; }
  figure, .panel, tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .panel, figure, details { border-color: #ddd; }
  table { font-size: 9px; } th, td { padding: 2px 5px; }
}
"""

SORT = """
document.querySelectorAll('tr.names th').forEach(function (head) {
  function sort() {
    var table = head.closest('table'), body = table.tBodies[0];
    var heads = Array.from(head.parentNode.children), at = heads.indexOf(head);
    var down = head.getAttribute('aria-sort') === 'ascending';
    heads.forEach(function (other) { other.removeAttribute('aria-sort'); });
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    function key(row) {
      var value = row.children[at].dataset.value;
      return head.classList.contains('text') ? value : parseFloat(value);
    }
    Array.from(body.rows).sort(function (a, b) {
      var x = key(a), y = key(b);
      if (x !== x || y !== y) return (x !== x) - (y !== y);
      var order = typeof x === 'string' ? x.localeCompare(y, 'en', {numeric: true}) : x - y;
      return down ? -order : order;
    }).forEach(function (row) { body.appendChild(row); });
  }
  head.tabIndex = 0;
  head.addEventListener('click', sort);
  head.addEventListener('keydown', function (event) { if (event.key === 'Enter') sort(); });
});
window.addEventListener('beforeprint', function () {
  document.querySelectorAll('details').forEach(function (part) { part.open = true; });
});
"""
