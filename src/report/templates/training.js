// The report of a training, an evaluation or a cross-validation: its charts and the pictures behind the
// confusion matrix. What it reads is described in training_page.cpp and evaluation_sections.hpp.
'use strict';
(() => {
  const {curves, reliability, images = [], cells = {}, classes} = fer.data;

  const links = [...document.querySelectorAll('h2')].map(heading =>
    fer.element('li', {}, fer.element('a', {href: '#' + heading.id}, heading.textContent)));
  document.querySelector('header').append(
    fer.element('nav', {'aria-label': 'Contents'}, fer.element('ul', {}, ...links)));

  // Where stages begin and which epoch was the best, as lines.
  const marks = {
    id: 'marks',
    beforeDatasetsDraw({ctx, chartArea, scales}) {
      const line = (epoch, text, dash, at) => {
        const x = scales.x.getPixelForValue(epoch);
        ctx.save();
        ctx.strokeStyle = ctx.fillStyle = fer.colour('--faint');
        ctx.setLineDash(dash);
        ctx.beginPath();
        ctx.moveTo(x, chartArea.top);
        ctx.lineTo(x, chartArea.bottom);
        ctx.stroke();
        ctx.font = '12px ' + Chart.defaults.font.family;
        const width = ctx.measureText(text).width;
        ctx.fillText(text, x + width + 4 > chartArea.right ? x - width - 4 : x + 4, at);
        ctx.restore();
      };
      if (curves.stages.length > 1)
        for (const stage of curves.stages) line(stage.first, stage.name, [], chartArea.top + 12);
      if (curves.best > 0) line(curves.best, 'best', [3, 3], chartArea.bottom - 6);
    },
  };

  function curve(id, title, train, val) {
    const dots = val.length > 40 ? 0 : 2.5;
    fer.chart(id, () => ({
      type: 'line',
      data: {datasets: [
        {label: 'training', data: train, borderColor: fer.colour('--second'), borderDash: [5, 4], borderWidth: 1.5},
        {label: 'validation', data: val, borderColor: fer.colour('--first'), borderWidth: 2},
      ].map(set => ({...set, backgroundColor: set.borderColor, pointRadius: dots}))},
      options: {
        interaction: {mode: 'index', intersect: false},
        scales: {
          x: {type: 'linear', title: {display: true, text: 'epoch'}, min: val[0].x, ticks: {precision: 0}},
          y: {title: {display: true, text: title}},
        },
        plugins: {legend: {labels: {usePointStyle: true, pointStyle: 'line'}},
                  tooltip: {callbacks: {title: items => 'epoch ' + items[0].parsed.x}}},
      },
      plugins: [marks],
    }));
  }
  if (curves) {
    curve('accuracy-chart', 'accuracy (%)', curves.train_accuracy, curves.val_accuracy);
    curve('loss-chart', 'loss', curves.train_loss, curves.val_loss);
  }

  const intervals = {
    id: 'intervals',
    beforeDatasetsDraw({ctx, data, scales}) {
      for (const set of data.datasets) {
        for (const point of set.data) {
          if (point.low === undefined) continue;
          ctx.strokeStyle = set.borderColor;
          ctx.lineWidth = 1;
          ctx.beginPath();
          ctx.moveTo(scales.x.getPixelForValue(point.x), scales.y.getPixelForValue(point.low));
          ctx.lineTo(scales.x.getPixelForValue(point.x), scales.y.getPixelForValue(point.high));
          ctx.stroke();
        }
      }
    },
  };
  function bins(label, points, colour, style) {
    const most = Math.max(...points.map(point => point.samples));
    return {label, data: points, borderColor: colour, backgroundColor: colour, pointStyle: style, showLine: true,
            borderWidth: 1, pointRadius: points.map(point => 3 + 5 * Math.sqrt(point.samples / most))};
  }
  if (document.getElementById('reliability-chart')) {
    const share = text => ({min: 0, max: 1, title: {display: true, text}});
    fer.chart('reliability-chart', () => ({
      type: 'scatter',
      data: {datasets: [
        bins(reliability.before ? 'calibrated' : 'as it is', reliability.after, fer.colour('--first'), 'circle'),
        ...(reliability.before ? [bins('before', reliability.before, fer.colour('--second'), 'triangle')] : []),
        {label: 'as sure as right', data: [{x: 0, y: 0}, {x: 1, y: 1}], showLine: true, pointRadius: 0,
         borderColor: fer.colour('--faint'), borderDash: [4, 4], borderWidth: 1, pointStyle: 'line'},
      ]},
      options: {
        scales: {x: share('confidence'), y: share('share of right answers')},
        plugins: {
          legend: {labels: {usePointStyle: true}},
          tooltip: {callbacks: {label: ({raw, dataset}) => raw.samples === undefined ? dataset.label :
            `${dataset.label}: ${raw.samples} images, ${(100 * raw.x).toFixed(1)} % sure, ` +
            `${(100 * raw.y).toFixed(1)} % right (${(100 * raw.low).toFixed(1)}–${(100 * raw.high).toFixed(1)})`}},
        },
      },
      plugins: [intervals],
    }));
  }

  const percent = share => Math.round(100 * share) + ' %';
  function pictures(label, predicted) {
    return (cells[`${label},${predicted}`] ?? []).map(position => {
      const {src, path, said, meant} = images[position];
      const right = label === predicted;
      const sure = `${classes[predicted]} ${percent(said)}` + (right ? '' : `, ${classes[label]} ${percent(meant)}`);
      const name = path.slice(path.lastIndexOf('/') + 1);
      return fer.element('li', {},
        fer.element('figure', {title: path},
          fer.element('img', {src, alt: `${classes[label]} taken for ${classes[predicted]}: ${name}`}),
          fer.element('figcaption', {}, sure, fer.element('br'), name)));
    });
  }
  for (const list of document.querySelectorAll('[data-images]'))
    list.append(...pictures(...list.dataset.images.split(',').map(Number)));

  const table = document.getElementById('confusion');
  if (!table) return;
  const switches = [...document.querySelectorAll('[data-shows]')];
  for (const button of switches) {
    button.addEventListener('click', () => {
      table.className = button.dataset.shows;
      for (const other of switches) other.setAttribute('aria-pressed', String(other === button));
    });
  }

  const panel = document.getElementById('cell-images');
  let kept = null;
  function show(button) {
    if (!panel || (kept && kept !== button)) return;
    const [label, predicted] = button.dataset.cell.split(',').map(Number);
    const shown = pictures(label, predicted);
    panel.replaceChildren(
      fer.element('p', {'aria-live': 'polite'}, button.getAttribute('aria-label') +
        (shown.length === 0 ? '' : shown.length === 1 ? '; one of them' : `; the ${shown.length} surest`)),
      fer.element('ul', {class: 'thumbnails'}, ...shown));
  }
  function keep(button) {
    const again = kept === button;
    if (kept) kept.removeAttribute('aria-pressed');
    kept = again ? null : button;
    if (kept) kept.setAttribute('aria-pressed', 'true');
    show(button);
  }
  const buttons = [...table.querySelectorAll('button')];
  const steps = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: classes.length, ArrowUp: -classes.length};
  buttons.forEach((button, position) => {
    button.addEventListener('mouseenter', () => show(button));
    button.addEventListener('focus', () => show(button));
    button.addEventListener('click', () => keep(button));
    button.addEventListener('keydown', event => {
      const next = buttons[position + (steps[event.key] ?? NaN)];
      if (!next) return;
      event.preventDefault();
      button.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
  });
})();
