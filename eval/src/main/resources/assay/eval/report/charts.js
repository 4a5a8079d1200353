// Drawings with axes. They are drawn again when their width changes, so that text keeps its size.

/**
 * A drawing in a frame with axes.
 *
 * x and y: { low, high, label, print }; paint(plot) gets { x(value), y(value), add(shape) }.
 */
function chart(label, x, y, paint) {
  const box = element('div', { class: 'chart' });
  const draw = () => {
    const width = box.clientWidth;
    if (width > 0) {
      box.replaceChildren(drawChart(width, label, x, y, paint));
    }
  };
  new ResizeObserver(draw).observe(box);
  return box;
}

function drawChart(width, label, x, y, paint) {
  const height = 260;
  const left = 52, right = 14, top = 12, bottom = 44;
  const svg = shape('svg', { viewBox: `0 0 ${width} ${height}`, height, role: 'img', 'aria-label': label });
  const scale = (axis, start, end) => value =>
    start + (value - axis.low) / (axis.high - axis.low || 1) * (end - start);
  const plot = {
    x: scale(x, left, width - right),
    y: scale(y, height - bottom, top),
    add: (...drawn) => svg.append(...drawn),
  };
  for (const tick of ticks(x, Math.max(2, Math.floor((width - left) / 80)))) {
    plot.add(
      shape('line', { class: 'axis', x1: plot.x(tick), x2: plot.x(tick), y1: top, y2: height - bottom }),
      shape('text', { x: plot.x(tick), y: height - bottom + 16, 'text-anchor': 'middle' }, (x.print ?? short)(tick)));
  }
  for (const tick of ticks(y, 4)) {
    plot.add(
      shape('line', { class: 'axis', x1: left, x2: width - right, y1: plot.y(tick), y2: plot.y(tick) }),
      shape('text', { x: left - 6, y: plot.y(tick) + 4, 'text-anchor': 'end' }, short(tick)));
  }
  plot.add(shape('text', { x: (left + width - right) / 2, y: height - 8, 'text-anchor': 'middle' }, x.label));
  paint(plot);
  return svg;
}

/** Round numbers within an axis, about so many. */
function ticks(axis, number) {
  const rough = (axis.high - axis.low) / number;
  if (!(rough > 0)) {
    return [axis.low];
  }
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(size => size >= rough);
  const found = [];
  for (let i = Math.ceil(axis.low / step); i * step <= axis.high + step * 1e-9; i++) {
    found.push(i * step);
  }
  return found;
}

/** How many rows have which margin: { low, width, rows: [] }, bins that meet at 0. */
function marginHistogram(margins) {
  const { low, width, rows } = margins;
  const x = { low, high: low + width * rows.length, label: 'margin: right answer over wrong one' };
  const y = { low: 0, high: Math.max(...rows) };
  return chart('How many rows have which margin', x, y, plot => rows.forEach((number, i) => {
    const start = low + i * width;
    plot.add(shape('rect', {
      class: start + width / 2 > 0 ? 'right' : 'wrong',
      x: plot.x(start) + 0.5,
      width: Math.max(0, plot.x(start + width) - plot.x(start) - 1),
      y: plot.y(number),
      height: plot.y(0) - plot.y(number),
    }, shape('title', {}, `${short(start)} to ${short(start + width)}: ${count(number)} rows`)));
  }));
}

/** The reliability curve: how often the model is right where it is how sure. */
function reliabilityCurve(bins) {
  const filled = bins.filter(bin => bin.pairs > 0);
  const x = { low: 0.5, high: 1, label: 'confidence: sigmoid(|margin|)' };
  const y = { low: Math.min(0.5, ...filled.map(bin => bin.interval[0])), high: 1 };
  return chart('Share of right preferences by confidence', x, y, plot => {
    plot.add(shape('line', { class: 'ideal', x1: plot.x(0.5), y1: plot.y(0.5), x2: plot.x(1), y2: plot.y(1) }));
    for (const bin of filled) {
      const at = plot.x(bin.confidence);
      plot.add(
        shape('line', { class: 'interval', x1: at, x2: at, y1: plot.y(bin.interval[0]), y2: plot.y(bin.interval[1]) }),
        shape('circle', { class: 'right', cx: at, cy: plot.y(bin.accuracy), r: 4 },
          shape('title', {}, `${count(bin.pairs)} pairs: said ${share(bin.confidence)}, right ${share(bin.accuracy)}`)));
    }
    const line = filled.map(bin => `${plot.x(bin.confidence)},${plot.y(bin.accuracy)}`).join(' ');
    plot.add(shape('polyline', { class: 'curve', points: line }));
  });
}

/** Rewards against lengths: { points: [[characters, reward, isRight]], means: [[characters, reward]] }. */
function lengthChart(lengths) {
  const logs = lengths.points.map(point => Math.log10(Math.max(1, point[0])));
  const rewards = lengths.points.map(point => point[1]);
  const x = {
    low: Math.min(...logs),
    high: Math.max(...logs),
    label: 'characters of the answer',
    print: power => Number.isInteger(power) ? count(10 ** power) : '',
  };
  const y = { low: Math.min(...rewards), high: Math.max(...rewards) };
  return chart('Rewards against lengths of answers', x, y, plot => {
    lengths.points.forEach(([, reward, isRight], i) => plot.add(shape('circle', {
      class: `point ${isRight ? 'right' : 'wrong'}`, cx: plot.x(logs[i]), cy: plot.y(reward), r: 2.5 })));
    const line = lengths.means.map(([characters, reward]) =>
      `${plot.x(Math.log10(Math.max(1, characters)))},${plot.y(reward)}`).join(' ');
    plot.add(shape('polyline', { class: 'means', points: line }));
  });
}
