// The timeline of one video, drawn on a canvas. Offers
//   timeline_data(data)               what src/report/timeline_data.hpp describes, unpacked
//   Timeline(place, times)            a drawing in that element: draw(), second_at(x), x_of(second), row_at(y)
// Nothing here knows of a player; video.js joins the two.
'use strict';

function timeline_data(data) {
  const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const start = new DataView(bytes(data.start).buffer);
  const starts = Float64Array.from({length: start.byteLength / 4}, (_, i) => start.getUint32(4 * i, true) / 1e4);
  const faces = data.faces.map(face => ({
    ...face,
    labels: bytes(face.labels),
    kinds: face.kinds.map(({mean, low, high}) => {
      const unpacked = bytes(mean);
      return {mean: unpacked, low: low ? bytes(low) : unpacked, high: high ? bytes(high) : unpacked};
    }),
  }));
  // The last bucket that begins at or before that second.
  const bucket_at = second => {
    let from = 0, until = starts.length;
    while (from < until) {
      const middle = (from + until) >> 1;
      if (starts[middle] <= second) from = middle + 1; else until = middle;
    }
    return from - 1;
  };
  return {...data, starts, faces, coverage: bytes(data.coverage), bucket_at};
}

class Timeline {
  static kAbsent = 255;  // a label: the face is not seen
  static kLeft = 44;     // pixels for what stands before the rows
  static kPlot = 220;
  static kRow = 16;
  static kMostRows = 6;

  constructor(place, times) {
    this.place = place;
    this.canvas = place.querySelector('canvas');
    this.pen = this.canvas.getContext('2d');
    this.times = times;
    this.face = 0;  // place in times.faces
    this.kind = times.kinds.length - 1;
    this.stacked = true;
    this.from = times.begin;
    this.until = times.end;
  }

  get right() { return this.width - 8; }
  x_of(second) {
    return Timeline.kLeft + (second - this.from) / (this.until - this.from) * (this.right - Timeline.kLeft);
  }
  second_at(x) {
    const share = (x - Timeline.kLeft) / (this.right - Timeline.kLeft);
    return Math.min(Math.max(this.from + share * (this.until - this.from), this.from), this.until);
  }

  // Shows `length` seconds around `second`, or the whole recording.
  zoom(length, second) {
    const {begin, end} = this.times;
    const span = Math.min(Math.max(length, Math.min(0.5, end - begin)), end - begin);
    this.from = Math.min(Math.max(second - span / 2, begin), end - span);
    this.until = this.from + span;
    this.draw();
  }

  // The faces with a row of their own: those seen most, and the chosen one.
  rows() {
    const places = this.times.faces.map((_, i) => i).slice(0, Timeline.kMostRows);
    if (this.face >= places.length && places.length > 0) places[places.length - 1] = this.face;
    return places;
  }

  // Where each band lies: {top, height} in pixels, from top to bottom.
  bands() {
    const bands = [];
    let top = 2;
    const add = (name, height, gap, place) => {
      bands.push({name, top, height, place});
      top += height + gap;
    };
    if (this.times.markers.length > 0) add('markers', 18, 4);
    add('plot', Timeline.kPlot, 8);
    for (const place of this.rows()) add('face', Timeline.kRow, 3, place);
    top += 6;
    add('coverage', 10, 2);
    add('axis', 18, 0);
    this.height = top;
    return bands;
  }
  face_at(y) {
    return this.bands().find(band => band.name === 'face' && y >= band.top && y < band.top + band.height)?.place;
  }

  draw() {
    const bands = this.bands();
    const dots = window.devicePixelRatio || 1;
    this.width = this.place.clientWidth;
    if (this.width < 2 * Timeline.kLeft) return;
    this.canvas.style.height = `${this.height}px`;
    this.canvas.width = Math.round(this.width * dots);
    this.canvas.height = Math.round(this.height * dots);
    this.pen.setTransform(dots, 0, 0, dots, 0, 0);
    this.pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    this.pen.textBaseline = 'middle';
    for (const band of bands) this[`draw_${band.name}`](band);
  }

  text(words, x, y, align = 'left', colour = '--faint') {
    this.pen.fillStyle = fer.colour(colour);
    this.pen.textAlign = align;
    this.pen.fillText(words, x, y);
  }
  bar(from, until, top, height, colour, least = 1) {
    const left = Math.max(this.x_of(from), Timeline.kLeft), right = Math.min(this.x_of(until), this.right);
    if (right < Timeline.kLeft || left > this.right) return;
    this.pen.fillStyle = colour;
    this.pen.fillRect(left, top, Math.max(right - left, least), height);
  }
  inside(band, work) {
    this.pen.save();
    this.pen.beginPath();
    this.pen.rect(Timeline.kLeft, band.top, this.right - Timeline.kLeft, band.height);
    this.pen.clip();
    work();
    this.pen.restore();
  }

  draw_markers(band) {
    const conditions = [...new Set(this.times.markers.map(marker => marker.condition))];
    this.inside(band, () => {
      for (const {start, end, condition} of this.times.markers) {
        const strength = 0.14 + 0.16 * (conditions.indexOf(condition) % 3);
        this.bar(start, end, band.top, band.height, `rgba(${fer.colour('--shade')}, ${strength})`);
        this.text(condition, Math.max(this.x_of(start), Timeline.kLeft) + 4, band.top + band.height / 2, 'left', '--ink');
      }
    });
  }

  draw_plot(band) {
    const y_of = share => band.top + (1 - share) * band.height;
    this.pen.fillStyle = fer.colour('--panel');
    this.pen.fillRect(Timeline.kLeft, band.top, this.right - Timeline.kLeft, band.height);
    for (const share of [0, 0.5, 1]) {
      this.text(`${100 * share} %`, Timeline.kLeft - 5, Math.min(Math.max(y_of(share), band.top + 6), band.top + band.height - 5), 'right');
      this.pen.fillStyle = fer.colour('--rule');
      this.pen.fillRect(Timeline.kLeft, Math.round(y_of(share)), this.right - Timeline.kLeft, 1);
    }
    this.inside(band, () => {
      if (!this.stacked) this.shade_conditions(band);
      for (const segment of this.segments()) {
        if (this.stacked) this.draw_stack(segment, y_of); else this.draw_lines(segment, y_of);
      }
      if (this.stacked) this.shade_conditions(band);
    });
  }

  // Between conditions a line; on stacked areas there is no room for shades.
  shade_conditions(band) {
    for (const {start, end} of this.times.markers) {
      if (!this.stacked) this.bar(start, end, band.top, band.height, `rgba(${fer.colour('--shade')}, 0.1)`);
      this.pen.fillStyle = fer.colour('--ink');
      for (const second of [start, end]) this.pen.fillRect(this.x_of(second), band.top, 1, band.height);
    }
  }

  // Runs of the chosen face without a gap: lists of {x, mean, low, high}, probabilities 0 to 1 by class. Where
  // several buckets share a pixel, they are one point: their mean, least and most.
  segments() {
    const {faces, starts, classes, end, bucket_at} = this.times;
    const face = faces[this.face];
    if (!face) return [];
    const {mean, low, high} = face.kinds[this.kind];
    const count = classes.length;
    const until_of = bucket => bucket + 1 < starts.length ? starts[bucket + 1] : end;
    const first = Math.max(bucket_at(this.from), face.first);
    const last = Math.min(bucket_at(this.until) + 1, face.first + face.labels.length - 1);
    const segments = [];
    let segment = null, column = -1, point = null, merged = 0;
    for (let bucket = first; bucket <= last; ++bucket) {
      const row = bucket - face.first;
      if (face.labels[row] === Timeline.kAbsent) { segment = null; continue; }
      const x = this.x_of(starts[bucket]);
      if (!segment || Math.floor(x) !== column) {
        point = {x, mean: new Float64Array(count), low: new Float64Array(count).fill(1), high: new Float64Array(count)};
        merged = 0;
        column = Math.floor(x);
        if (!segment) segments.push(segment = []);
        segment.push(point);
      }
      ++merged;
      for (let c = 0; c < count; ++c) {
        const at = row * count + c;
        point.mean[c] += (mean[at] / 255 - point.mean[c]) / merged;
        point.low[c] = Math.min(point.low[c], low[at] / 255);
        point.high[c] = Math.max(point.high[c], high[at] / 255);
      }
      segment.end = this.x_of(until_of(bucket));
    }
    for (const run of segments) run.push({...run[run.length - 1], x: Math.max(run.end, run[0].x + 1)});
    return segments;
  }

  draw_stack(segment, y_of) {
    const below = segment.map(() => 0);
    this.times.classes.forEach((_, c) => {
      this.pen.beginPath();
      segment.forEach(({x}, i) => this.pen.lineTo(x, y_of(below[i])));
      for (let i = segment.length - 1; i >= 0; --i) {
        below[i] = Math.min(below[i] + segment[i].mean[c], 1);
        this.pen.lineTo(segment[i].x, y_of(below[i]));
      }
      this.pen.fillStyle = this.times.colours[c];
      this.pen.fill();
      this.pen.strokeStyle = fer.colour('--panel');
      this.pen.lineWidth = 0.5;
      this.pen.stroke();
    });
  }

  draw_lines(segment, y_of) {
    const path = value => {
      this.pen.beginPath();
      segment.forEach((point, i) => this.pen.lineTo(point.x, y_of(value(point))));
    };
    this.pen.lineJoin = 'round';
    this.times.classes.forEach((_, c) => {
      if (segment.some(({low, high}) => high[c] - low[c] > 0.02)) {
        path(point => point.high[c]);
        for (let i = segment.length - 1; i >= 0; --i) this.pen.lineTo(segment[i].x, y_of(segment[i].low[c]));
        this.pen.globalAlpha = 0.3;
        this.pen.fillStyle = this.times.colours[c];
        this.pen.fill();
        this.pen.globalAlpha = 1;
      }
    });
    this.times.classes.forEach((_, c) => {
      path(point => point.mean[c]);
      this.pen.globalAlpha = 0.6;  // a dark edge, as yellow is hard to see on white
      this.pen.strokeStyle = fer.colour('--faint');
      this.pen.lineWidth = 3.2;
      this.pen.stroke();
      this.pen.globalAlpha = 1;
      this.pen.strokeStyle = this.times.colours[c];
      this.pen.lineWidth = 2;
      this.pen.stroke();
    });
  }

  draw_face(band) {
    const face = this.times.faces[band.place];
    const chosen = band.place === this.face;
    this.text(`#${face.id}`, Timeline.kLeft - 5, band.top + band.height / 2, 'right', chosen ? '--ink' : '--faint');
    this.inside(band, () => {
      this.bar(face.seen[0], face.seen[1], band.top + band.height - 2, 2, fer.colour('--rule'));
      for (const event of this.times.events) {
        if (event.face === face.id)
          this.bar(event.onset, event.offset, band.top, band.height, this.times.colours[event.label], 2);
      }
    });
  }

  // Dark where a face is seen, empty where none is.
  draw_coverage(band) {
    const {starts, coverage, end} = this.times;
    const dark = fer.colour('--faint');
    this.text('faces', Timeline.kLeft - 5, band.top + band.height / 2, 'right');
    this.pen.strokeStyle = fer.colour('--rule');
    this.pen.lineWidth = 1;
    this.pen.strokeRect(Timeline.kLeft + 0.5, band.top + 0.5, this.right - Timeline.kLeft - 1, band.height - 1);
    this.inside(band, () => {
      const from = Math.max(this.times.bucket_at(this.from), 0), until = this.times.bucket_at(this.until);
      for (let i = from; i <= until;) {
        let next = i + 1;  // buckets alike are one bar, without seams
        while (next <= until && coverage[next] === coverage[i]) ++next;
        this.pen.globalAlpha = coverage[i] / 255;
        if (coverage[i] > 0) this.bar(starts[i], next < starts.length ? starts[next] : end, band.top, band.height, dark, 0.5);
        i = next;
      }
    });
  }

  draw_axis(band) {
    const room = Math.max(2, Math.floor((this.right - Timeline.kLeft) / 80));
    const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];
    const step = steps.find(one => (this.until - this.from) / one <= room) ?? 28800;
    for (let k = Math.ceil(this.from / step - 1e-9); k * step <= this.until + 1e-9; ++k) {
      const x = this.x_of(k * step);
      this.pen.fillStyle = fer.colour('--faint');
      this.pen.fillRect(Math.round(x), band.top - 2, 1, 4);
      const align = x > this.right - 20 ? 'right' : x < Timeline.kLeft + 10 ? 'left' : 'center';
      this.text(clock(k * step, step < 1 ? 1 : 0), x, band.top + 10, align);
    }
  }
}

// "1:02:03", "2:05.4".
function clock(second, digits) {
  const units = Math.round(second * 10 ** digits), whole = Math.floor(units / 10 ** digits);
  const two = number => String(number).padStart(2, '0');
  const part = digits > 0 ? '.' + String(units % 10 ** digits).padStart(digits, '0') : '';
  const minutes = Math.floor(whole / 60) % 60, hours = Math.floor(whole / 3600);
  return (hours > 0 ? `${hours}:${two(minutes)}` : String(minutes)) + `:${two(whole % 60)}${part}`;
}
