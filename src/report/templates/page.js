// What every page shares. Offers `fer`:
//   fer.data                     the page's JSON
//   fer.colour(name)             a colour of page.css, "--ink", for light or dark as the reader has it
//   fer.chart(id, make)          a Chart.js chart on <canvas id>; make() gives its configuration and is called
//                                again when the reader turns from light to dark
//   fer.element(tag, attributes, children...)   a new element; strings become text, never HTML
// Tables of class "sortable" can be sorted by the heads of their columns; a cell's data-sort goes before its text.
// Once loaded, <html data-ready="charts:2 blank:0 errors:0 requests:0"> says how it went, for tests.
'use strict';
const fer = (() => {
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  const charts = [];
  function theme() {
    Chart.defaults.color = colour('--ink');
    Chart.defaults.borderColor = colour('--rule');
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 13;
    Chart.defaults.animation = false;
    Chart.defaults.maintainAspectRatio = false;
  }
  function chart(id, make) {
    theme();
    const entry = {id, make, chart: new Chart(document.getElementById(id), make())};
    charts.push(entry);
    return entry.chart;
  }
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const entry of charts) {
      theme();
      entry.chart.destroy();
      entry.chart = new Chart(document.getElementById(entry.id), entry.make());
    }
  });
  function isBlank({chart}) {
    const {width, height} = chart.canvas;
    if (width === 0 || height === 0) return true;
    const pixels = chart.canvas.getContext('2d').getImageData(0, 0, width, height).data;
    return !pixels.some(value => value !== 0);
  }

  const sort_key = (row, column) => {
    const cell = row.cells[column];
    const text = cell.dataset.sort ?? cell.textContent.trim();
    const number = Number(text);
    return text !== '' && !Number.isNaN(number) ? number : text;
  };
  // Numbers before words, empty cells always last.
  function compare(a, b, sign) {
    if (a === '' || b === '') return (a === '') - (b === '');
    if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
    return sign * (typeof a === 'number' ? a - b : a.localeCompare(b));
  }
  function sort(table, column) {
    const heads = [...table.tHead.rows[0].cells];
    const ascending = heads[column].getAttribute('aria-sort') !== 'ascending';
    heads.forEach(head => head.removeAttribute('aria-sort'));
    heads[column].setAttribute('aria-sort', ascending ? 'ascending' : 'descending');
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => compare(sort_key(a, column), sort_key(b, column), ascending ? 1 : -1));
    table.tBodies[0].append(...rows);
  }
  for (const table of document.querySelectorAll('table.sortable')) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = element('button', {type: 'button', class: 'sort'}, ...head.childNodes);
      button.addEventListener('click', () => sort(table, column));
      head.replaceChildren(button);
    });
  }

  const notice = document.getElementById('reload');
  if (notice) {
    const button = notice.querySelector('button');
    const seconds = Number(notice.dataset.seconds);
    const paused = () => button.getAttribute('aria-pressed') === 'true';
    button.addEventListener('click', () => button.setAttribute('aria-pressed', String(!paused())));
    setInterval(() => { if (!paused()) location.reload(); }, 1000 * seconds);
  }

  window.addEventListener('load', () => setTimeout(() => {
    const requests = performance.getEntriesByType('resource').filter(entry => !entry.name.startsWith('data:'));
    document.documentElement.dataset.ready = `charts:${charts.length} blank:${charts.filter(isBlank).length} ` +
      `errors:${pageErrors.length} requests:${requests.length}`;
    if (pageErrors.length > 0) document.documentElement.dataset.errors = pageErrors.join(' | ');
  }, 50));

  return {data: JSON.parse(document.getElementById('page-data').textContent), colour, chart, element};
})();
