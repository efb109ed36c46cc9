// The report of one video: joins player, timeline, read-out and lists. All of them show one time, `now`, and
// seek() is the only way to another. #t=12.5 in the page's address begins there.
'use strict';
(() => {
  const times = timeline_data(fer.data);
  const place = document.getElementById('timeline');
  const timeline = new Timeline(place, times);
  const player = document.querySelector('video');
  const cursor = place.querySelector('.cursor'), tip = place.querySelector('.tip');
  const chooser = document.getElementById('face');
  let now = times.begin;

  const face = () => times.faces[timeline.face];
  const percent = share => `${Math.round(100 * share)} %`;
  const label_name = label => times.classes[label] ?? 'uncertain';

  // What is known of the chosen face at that second: {label, shares}; nothing where it is not seen.
  function seen_at(second) {
    const row = face() ? times.bucket_at(second) - face().first : -1;
    if (row < 0 || row >= face().labels.length || face().labels[row] === Timeline.kAbsent) return null;
    const count = times.classes.length;
    const shares = [...face().kinds[timeline.kind].mean.subarray(row * count, (row + 1) * count)].map(byte => byte / 255);
    const best = shares.indexOf(Math.max(...shares));
    if (timeline.kind === times.kinds.length - 1) return {label: face().labels[row], shares};
    return {label: times.abstain > 0 && shares[best] < times.abstain ? -1 : best, shares};
  }
  function words_at(second) {
    if (!face()) return `${clock(second, 1)}: no face in the recording`;
    const seen = seen_at(second);
    if (!seen) return `${clock(second, 1)}: face ${face().id} not seen`;
    const share = seen.shares[seen.label];
    return `${clock(second, 1)}: face ${face().id} ${label_name(seen.label)}` + (share === undefined ? '' : ` ${percent(share)}`);
  }

  const bars = times.classes.map((name, label) => {
    const fill = fer.element('i', {style: `background:${times.colours[label]};width:0`});
    const number = fer.element('span');
    const row = fer.element('div', {class: 'row'}, fer.element('span', {}, name), fer.element('div', {class: 'track'}, fill), number);
    return {row, fill, number};
  });
  const who = fer.element('p', {class: 'who'});
  document.getElementById('now').append(who, ...bars.map(bar => bar.row));

  function show() {
    const inside = now >= timeline.from && now <= timeline.until;
    cursor.hidden = !inside;
    cursor.style.transform = `translateX(${timeline.x_of(now)}px)`;
    const seen = seen_at(now), words = words_at(now);
    who.textContent = words;
    bars.forEach(({row, fill, number}, label) => {
      const share = seen ? seen.shares[label] : 0;
      fill.style.width = `${100 * share}%`;
      number.textContent = seen ? percent(share) : '–';
      row.classList.toggle('top', seen?.label === label);
    });
    place.setAttribute('aria-valuenow', now.toFixed(1));
    place.setAttribute('aria-valuetext', words);
    rows.forEach((row, i) => row.classList.toggle('playing', now >= times.events[i].onset && now < times.events[i].offset));
  }
  // Moves the part that is shown when the time leaves it.
  function follow() {
    if (now < timeline.from || now > timeline.until)
      timeline.zoom(timeline.until - timeline.from, now + 0.4 * (timeline.until - timeline.from));
    show();
  }
  function redraw() {
    timeline.draw();
    show();
  }

  function seek(second) {
    now = Math.min(Math.max(second, times.begin), times.end);
    if (player) player.currentTime = now - times.player_starts_at;
    follow();
  }
  function choose(index) {
    timeline.face = index;
    chooser.value = String(index);
    redraw();
  }
  function seek_to_event(event) {
    const index = times.faces.findIndex(one => one.id === event.face);
    if (index >= 0) choose(index);
    seek(event.apex);
  }

  if (player) {
    const from_player = () => {
      now = Math.min(Math.max(player.currentTime + times.player_starts_at, times.begin), times.end);
      follow();
    };
    const while_playing = () => {
      from_player();
      if (!player.paused && !player.ended) requestAnimationFrame(while_playing);
    };
    player.addEventListener('play', while_playing);
    for (const name of ['seeked', 'timeupdate', 'pause']) player.addEventListener(name, from_player);
    const say_unplayable = () => {
      player.hidden = player.videoWidth === 0 && player.readyState === 0;  // of some, the sound still plays
      player.classList.add('sound');
      document.getElementById('unplayable').hidden = false;
    };
    player.addEventListener('error', say_unplayable);
    player.addEventListener('loadedmetadata', () => { if (player.videoWidth === 0) say_unplayable(); });
  }

  times.faces.forEach((one, index) => chooser.append(fer.element('option', {value: index}, one.text)));
  chooser.disabled = times.faces.length < 2;
  chooser.addEventListener('change', () => choose(Number(chooser.value)));
  const kinds = [...document.querySelectorAll('[data-kind]')];
  function press(buttons, pressed) {
    for (const button of buttons) button.setAttribute('aria-pressed', String(button === pressed));
    redraw();
  }
  for (const button of kinds) {
    button.addEventListener('click', () => {
      timeline.kind = Number(button.dataset.kind);
      press(kinds, button);
    });
  }
  const ways = [document.getElementById('stacked'), document.getElementById('lines')];
  for (const button of ways) {
    button.addEventListener('click', () => {
      timeline.stacked = button.id === 'stacked';
      press(ways, button);
    });
  }
  function zoom(factor, second = now) {
    timeline.zoom(factor * (timeline.until - timeline.from), second);
    show();
  }
  document.getElementById('nearer').addEventListener('click', () => zoom(0.5));
  document.getElementById('farther').addEventListener('click', () => zoom(2));
  document.getElementById('whole').addEventListener('click', () => zoom(Infinity));

  const x_in = event => event.clientX - place.getBoundingClientRect().left;
  const y_in = event => event.clientY - place.getBoundingClientRect().top;
  place.addEventListener('click', event => {
    const row = timeline.face_at(y_in(event));
    if (row !== undefined && row !== timeline.face) choose(row);
    seek(timeline.second_at(x_in(event)));
  });
  place.addEventListener('pointermove', event => {
    if (event.pointerType === 'touch') return;
    const second = timeline.second_at(x_in(event)), seen = seen_at(second);
    if (event.buttons === 1) seek(second);
    const order = times.classes.map((_, label) => label).sort((a, b) => seen ? seen.shares[b] - seen.shares[a] : 0);
    const lines = seen ? order.map(label => fer.element('div', {},
      fer.element('i', {class: 'swatch', style: `background:${times.colours[label]}`}), `${times.classes[label]} ${percent(seen.shares[label])}`)) : [];
    const condition = times.markers.filter(marker => second >= marker.start && second < marker.end).map(marker => marker.condition);
    if (condition.length > 0) lines.push(fer.element('div', {}, `condition: ${condition.join(', ')}`));
    tip.replaceChildren(fer.element('strong', {}, words_at(second)), ...lines);
    tip.hidden = false;
    const left = x_in(event) + 14;
    tip.style.left = `${left + tip.offsetWidth > timeline.width ? Math.max(left - 28 - tip.offsetWidth, 0) : left}px`;
  });
  place.addEventListener('pointerleave', () => { tip.hidden = true; });
  place.addEventListener('wheel', event => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, timeline.second_at(x_in(event)));
  }, {passive: false});

  const frame = steps => times.starts[Math.min(Math.max(times.bucket_at(now + 1e-6) + steps, 0), times.starts.length - 1)] ?? now;
  const event_from = forward => forward ? times.events.find(one => one.apex > now + 1e-3) : times.events.findLast(one => one.apex < now - 1e-3);
  const step_to_event = forward => {
    const event = event_from(forward);
    if (event) seek_to_event(event);
  };
  const keys = {
    ArrowLeft: event => seek(now - (event.shiftKey ? 10 : 1)),
    ArrowRight: event => seek(now + (event.shiftKey ? 10 : 1)),
    ArrowDown: () => seek(now - 1),
    ArrowUp: () => seek(now + 1),
    PageDown: () => seek(now - (timeline.until - timeline.from) / 10),
    PageUp: () => seek(now + (timeline.until - timeline.from) / 10),
    Home: () => seek(times.begin),
    End: () => seek(times.end),
    ',': () => seek(frame(-1)),
    '.': () => seek(frame(1)),
    '[': () => step_to_event(false),
    ']': () => step_to_event(true),
    '+': () => zoom(0.5),
    '=': () => zoom(0.5),
    '-': () => zoom(2),
    ' ': () => { if (player) { if (player.paused) player.play(); else player.pause(); } },
  };
  place.addEventListener('keydown', event => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key](event);
  });

  const list = document.querySelector('#events tbody');
  const rows = !list ? [] : times.events.map(event => {
    const swatch = fer.element('i', {class: 'swatch', style: `background:${times.colours[event.label]}`});
    const button = fer.element('button', {type: 'button'}, clock(event.onset, 1));
    const number = (value, text) => fer.element('td', {class: 'number', 'data-sort': value}, text);
    const row = fer.element('tr', {}, fer.element('td', {class: 'number', 'data-sort': event.onset}, button),
      number(event.offset - event.onset, (event.offset - event.onset).toFixed(1)),
      fer.element('td', {}, swatch, label_name(event.label)), number(event.peak, percent(event.peak)),
      number(event.face, String(event.face)));
    row.addEventListener('click', () => seek_to_event(event));
    return row;
  });
  if (list) list.append(...rows);
  for (const button of document.querySelectorAll('.peaks button')) {
    const {face, apex} = button.dataset;
    button.addEventListener('click', () => seek_to_event({face: Number(face), apex: Number(apex)}));
  }

  place.setAttribute('aria-valuemin', times.begin.toFixed(1));
  place.setAttribute('aria-valuemax', times.end.toFixed(1));
  new ResizeObserver(redraw).observe(place);
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  redraw();
  const wanted = Number(new URLSearchParams(location.hash.slice(1)).get('t') ?? NaN);
  if (!Number.isNaN(wanted)) seek(wanted); else show();
})();
